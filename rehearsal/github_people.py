"""Users and teams, as GitHub tells of them where they are looked up."""

from typing import Any

from rehearsal.github_shapes import Site, user

_BEGUN = "2026-01-05T08:00:00Z"
_TEXTS = ("name", "company", "blog", "location", "email", "bio")
_OF_ORGANIZATION = (
    "url= repos_url=/repos events_url=/events hooks_url=/hooks issues_url=/issues members_url=/members{/member} "
    "public_members_url=/public_members{/member}"
)


def person(site: Site, login: str, number: int) -> dict[str, Any]:
    """Returns a `public-user`."""
    counts = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
    texts = {**dict.fromkeys(_TEXTS), "hireable": None, "created_at": _BEGUN, "updated_at": _BEGUN}
    return user(site, login, "User") | counts | texts | {"id": number, "node_id": f"U_{number}"}


def team(site: Site, organization: str, slug: str, number: int) -> dict[str, Any]:
    """Returns a `team`."""
    url = f"{site.api}/organizations/7/team/{number}"
    found = {"id": number, "node_id": f"T_{number}", "name": slug, "slug": slug, "description": None, "parent": None}
    found |= {"url": url, "html_url": f"{site.web}/orgs/{organization}/teams/{slug}", "permission": "pull"}
    found |= {"members_url": f"{url}/members{{/member}}", "repositories_url": f"{url}/repos"}
    return found | {"privacy": "closed", "type": "organization"}


def whole_team(site: Site, organization: str, slug: str, number: int) -> dict[str, Any]:
    """Returns a `team-full`."""
    times = {"created_at": _BEGUN, "updated_at": _BEGUN}
    found = team(site, organization, slug, number) | times | {"members_count": 2, "repos_count": 1}
    return found | {"organization": _organization(site, organization)}


def _organization(site: Site, login: str) -> dict[str, Any]:
    url = f"{site.api}/orgs/{login}"
    below = {name: url + rest for name, _, rest in (each.partition("=") for each in _OF_ORGANIZATION.split())}
    found = {"login": login, "id": 7, "node_id": "O_7", "avatar_url": f"{site.web}/avatars/7", "description": None}
    found |= {"html_url": f"{site.web}/{login}", "type": "Organization", "archived_at": None}
    found |= {"has_organization_projects": False, "has_repository_projects": False}
    found |= dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return found | below | {"created_at": _BEGUN, "updated_at": _BEGUN}
