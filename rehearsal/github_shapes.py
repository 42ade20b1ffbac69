"""What GitHub's answers have in common: people, repositories and times, with all fields that the API has."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

_OF_USER = (
    "followers_url=/followers following_url=/following{/other_user} gists_url=/gists{/gist_id} "
    "starred_url=/starred{/owner}{/repo} subscriptions_url=/subscriptions organizations_url=/orgs repos_url=/repos "
    "events_url=/events{/privacy} received_events_url=/received_events"
)
_OF_REPOSITORY = (
    "url= archive_url=/{archive_format}{/ref} assignees_url=/assignees{/user} blobs_url=/git/blobs{/sha} "
    "branches_url=/branches{/branch} collaborators_url=/collaborators{/collaborator} comments_url=/comments{/number} "
    "commits_url=/commits{/sha} compare_url=/compare/{base}...{head} contents_url=/contents/{+path} "
    "contributors_url=/contributors deployments_url=/deployments downloads_url=/downloads events_url=/events "
    "forks_url=/forks git_commits_url=/git/commits{/sha} git_refs_url=/git/refs{/sha} git_tags_url=/git/tags{/sha} "
    "hooks_url=/hooks issue_comment_url=/issues/comments{/number} issue_events_url=/issues/events{/number} "
    "issues_url=/issues{/number} keys_url=/keys{/key_id} labels_url=/labels{/name} languages_url=/languages "
    "merges_url=/merges milestones_url=/milestones{/number} "
    "notifications_url=/notifications{?since,all,participating} pulls_url=/pulls{/number} releases_url=/releases{/id} "
    "stargazers_url=/stargazers statuses_url=/statuses/{sha} subscribers_url=/subscribers "
    "subscription_url=/subscription tags_url=/tags teams_url=/teams trees_url=/git/trees{/sha}"
)
_COUNTS = "size forks forks_count watchers watchers_count stargazers_count open_issues open_issues_count"
_SWITCHES = "fork archived disabled has_issues has_projects has_wiki has_pages has_downloads"
_BEGUN = "2026-01-05T08:00:00Z"


class Site(NamedTuple):
    """Where the API, and what it names, is."""

    web: str
    """Such as `http://127.0.0.1:4711`."""
    api: str
    """The same with `/api/v3`."""
    uploads: str
    """The same with `/api/uploads`."""


def moment(seconds: float) -> str:
    """Returns a time as GitHub writes it, such as `2026-01-05T08:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(site: Site, login: str = "release-bot", kind: str = "Bot") -> dict[str, Any]:
    """Returns a `simple-user`."""
    url = f"{site.api}/users/{login}"
    found = {"login": login, "id": 41, "node_id": "U_41", "type": kind, "site_admin": False, "gravatar_id": ""}
    found |= {"url": url, "html_url": f"{site.web}/{login}", "avatar_url": f"{site.web}/avatars/41"}
    return found | _below(url, _OF_USER)


def minimal_repository(site: Site, full_name: str) -> dict[str, Any]:
    """Returns a `minimal-repository`."""
    owner, name = full_name.split("/")
    found = {"id": 7, "node_id": "R_7", "name": name, "full_name": full_name, "owner": user(site, owner)}
    found |= {"private": True, "fork": False, "description": None, "html_url": f"{site.web}/{full_name}"}
    return found | _below(f"{site.api}/repos/{full_name}", _OF_REPOSITORY)


def repository(site: Site, full_name: str) -> dict[str, Any]:
    """Returns a `repository`."""
    address = f"{site.web}/{full_name}.git"
    found = minimal_repository(site, full_name) | {"default_branch": "main", "ssh_url": f"git@github:{full_name}.git"}
    found |= {"clone_url": address, "git_url": address, "svn_url": f"{site.web}/{full_name}"}
    found |= dict.fromkeys(("homepage", "license", "language", "mirror_url"))
    found |= dict.fromkeys(("created_at", "updated_at", "pushed_at"), _BEGUN)
    return found | dict.fromkeys(_COUNTS.split(), 0) | dict.fromkeys(_SWITCHES.split(), False)


def _below(url: str, names: str) -> dict[str, str]:
    return {name: url + rest for name, _, rest in (each.partition("=") for each in names.split())}
