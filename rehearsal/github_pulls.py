"""Pull requests as GitHub has them (docs.github.com/rest/pulls/pulls)."""

from collections.abc import Callable
from typing import Any

from rehearsal.github_routes import NOT_FOUND, Answer, NotTheApiError, Request, Route
from rehearsal.github_shapes import Site, moment, repository, user

_FIRST = 7
_NOTHING = "assignee closed_at merge_commit_sha merged_at milestone auto_merge mergeable merged_by"
_COUNTS = "additions changed_files comments commits deletions review_comments"
_ONE_ONLY = {*_COUNTS.split(), "mergeable", "mergeable_state", "merged", "maintainer_can_modify", "merged_by"}


class Pulls:
    """The open pull requests of all repositories."""

    def __init__(self, site: Callable[[], Site], clock: Callable[[], float]) -> None:
        """Has none; `site` says where the server is, `clock` how late it is."""
        self.all: list[dict[str, Any]] = []
        self._site, self._clock = site, clock

    def routes(self) -> tuple[Route, ...]:
        """Returns what it answers."""
        return (
            Route("GET", "/repos/{owner}/{repo}/pulls", self._list),
            Route("POST", "/repos/{owner}/{repo}/pulls", self._open),
            Route("PATCH", "/repos/{owner}/{repo}/pulls/{pull_number}", self._edit),
        )

    def open(self, full_name: str, head: str, base: str, title: str, body: str) -> dict[str, Any]:
        """Opens one."""
        number, site = len(self.all) + _FIRST, self._site()
        made: dict[str, Any] = {"head": _end(site, full_name, head), "base": _end(site, full_name, base)}
        made |= {"number": number, "id": number, "node_id": f"PR_{number}", "title": title, "body": body}
        made |= {"state": "open", "locked": False, "merged": False, "mergeable_state": "unknown", "labels": []}
        made |= dict.fromkeys(_NOTHING.split()) | dict.fromkeys(_COUNTS.split(), 0)
        made |= dict.fromkeys(("created_at", "updated_at"), moment(self._clock()))
        made |= {"user": user(site), "author_association": "MEMBER", "maintainer_can_modify": False}
        self.all.append(made | _links(site, full_name, number))
        return self.all[-1]

    def _list(self, request: Request) -> Answer:
        query = request.asks_only("state", "head", "base", "page", "per_page")
        owner, colon, branch = query.get("head", "").partition(":")
        if query.get("state") != "open" or (owner, colon) != (request.parts["owner"], ":"):
            raise NotTheApiError(f"query: {dict(query)}")
        found = [each for each in self._of(request) if _ends(each) == (branch, query.get("base"))]
        return Answer(200, request.page({k: v for k, v in each.items() if k not in _ONE_ONLY} for each in found))

    def _open(self, request: Request) -> Answer:
        asked = request.fields({"title": str, "head": str, "base": str, "body": str})
        if any(each["head"]["ref"] == asked["head"] for each in self._of(request)):
            message = f"A pull request already exists for {request.parts['owner']}:{asked['head']}."
            error = {"resource": "PullRequest", "code": "custom", "message": message}
            url = "https://docs.github.com/rest/pulls/pulls#create-a-pull-request"
            said = {"message": "Validation Failed", "errors": [error], "documentation_url": url, "status": "422"}
            return Answer(422, said)
        return Answer(201, self.open(request.repository, **asked))

    def _edit(self, request: Request) -> Answer:
        asked = request.fields({"title": str, "body": str})
        for each in self._of(request):
            if str(each["number"]) == request.parts["pull_number"]:
                each.update(asked)
                return Answer(200, each)
        return NOT_FOUND

    def _of(self, request: Request) -> list[dict[str, Any]]:
        return [each for each in self.all if each["base"]["repo"]["full_name"] == request.repository]


def _end(site: Site, full_name: str, branch: str) -> dict[str, Any]:
    """Returns one of the two ends of a pull request."""
    owner = full_name.partition("/")[0]
    whose = {"repo": repository(site, full_name), "user": user(site, owner, "Organization")}
    return {"ref": branch, "label": f"{owner}:{branch}", "sha": "0" * 40, **whose}


def _ends(pull: dict[str, Any]) -> tuple[str, str]:
    return pull["head"]["ref"], pull["base"]["ref"]


def _links(site: Site, full_name: str, number: int) -> dict[str, Any]:
    api, page = f"{site.api}/repos/{full_name}", f"{site.web}/{full_name}/pull/{number}"
    pull, issue = f"{api}/pulls/{number}", f"{api}/issues/{number}"
    urls = {"url": pull, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
    urls |= {"issue_url": issue, "comments_url": f"{issue}/comments", "commits_url": f"{pull}/commits"}
    urls |= {"review_comment_url": f"{api}/pulls/comments{{/number}}", "review_comments_url": f"{pull}/comments"}
    urls |= {"statuses_url": f"{api}/statuses/{'0' * 40}"}
    names = {"self": "url", "html": "html_url", "issue": "issue_url", "comments": "comments_url"}
    names |= {"review_comments": "review_comments_url", "review_comment": "review_comment_url"}
    names |= {"commits": "commits_url", "statuses": "statuses_url"}
    return urls | {"_links": {name: {"href": urls[key]} for name, key in names.items()}}
