"""Commit statuses as GitHub has them (docs.github.com/rest/commits/statuses)."""

import re
from collections.abc import Callable
from typing import Any

from rehearsal.github_routes import NOT_FOUND, Answer, Request, Route, invalid
from rehearsal.github_shapes import Site, minimal_repository, moment, user

MOST = 1000
"""As many statuses a commit may have of one name."""
_STATES = ("error", "failure", "pending", "success")
_SHA = re.compile(r"[0-9a-f]{40}")
_MAX_LETTER = 0xFFFF
_LONGEST = {"description": 140, "context": 255}


class Statuses:
    """The commit statuses of all repositories."""

    def __init__(self, site: Callable[[], Site], clock: Callable[[], float]) -> None:
        """Has none; `site` says where the server is, `clock` how late it is."""
        self.all: list[tuple[str, dict[str, Any]]] = []
        """Each with the repository and the sha that it is of, `acme/deploy@...`; oldest first."""
        self.knows: Callable[[str, str], bool] = lambda _, sha: bool(_SHA.fullmatch(sha))
        """Tells whether a repository has a commit."""
        self._site, self._clock = site, clock

    def routes(self) -> tuple[Route, ...]:
        """Returns what it answers."""
        return (
            Route("POST", "/repos/{owner}/{repo}/statuses/{sha}", self._create),
            Route("GET", "/repos/{owner}/{repo}/commits/{ref}/statuses", self._list),
            Route("GET", "/repos/{owner}/{repo}/commits/{ref}/status", self._combined),
        )

    def of(self, repository: str, sha: str) -> list[dict[str, Any]]:
        """Returns the statuses of a commit, newest first."""
        return [status for place, status in reversed(self.all) if place == f"{repository}@{sha}"]

    def add(self, repository: str, sha: str, **fields: Any) -> dict[str, Any]:
        """Adds a status, as somebody else would; `created_at` may be among the fields."""
        site, number = self._site(), len(self.all) + 1
        when = fields.get("created_at") or moment(self._clock())
        status = {"id": number, "node_id": f"SC_{number}", "url": f"{site.api}/repos/{repository}/statuses/{sha}"}
        status |= {"state": "pending", "description": None, "target_url": None, "context": "default"}
        status |= {"avatar_url": f"{site.web}/avatars/41", "created_at": when, "updated_at": when}
        status |= {"creator": user(site), **fields}
        self.all.append((f"{repository}@{sha}", status))
        return status

    def _create(self, request: Request) -> Answer:
        asked = request.fields({"state": str, "context": str}, {"description": str, "target_url": str})
        sha = request.parts["sha"]
        if not self.knows(request.repository, sha):
            return invalid("Status", "sha", f"No commit found for SHA: {sha}")
        if refused := _refused(asked):
            return refused
        same = [each for each in self.of(request.repository, sha) if _name(each) == _name(asked)]
        if len(same) >= MOST:
            return invalid("Status", "context", "This SHA and context has reached the maximum number of statuses.")
        return Answer(201, self.add(request.repository, sha, **asked))

    def _list(self, request: Request) -> Answer:
        request.asks_only("page", "per_page")
        if not self.knows(request.repository, request.parts["ref"]):
            return NOT_FOUND
        return Answer(200, request.page(self.of(request.repository, request.parts["ref"])))

    def _combined(self, request: Request) -> Answer:
        request.asks_only("page", "per_page")
        repository, sha = request.repository, request.parts["ref"]
        if not self.knows(repository, sha):
            return NOT_FOUND
        newest = [*{_name(each): each for each in reversed(self.of(repository, sha))}.values()]
        states = {each["state"] for each in newest}
        bad, waiting = states & {"failure", "error"}, not states or "pending" in states
        site = self._site()
        url = f"{site.api}/repos/{repository}/commits/{sha}"
        found: dict[str, Any] = {"state": "failure" if bad else "pending" if waiting else "success", "sha": sha}
        found |= {"total_count": len(newest), "statuses": [_simple(each) for each in request.page(newest)]}
        found |= {"repository": minimal_repository(site, repository), "commit_url": url, "url": f"{url}/status"}
        return Answer(200, found)


def _refused(asked: dict[str, Any]) -> Answer | None:
    if asked["state"] not in _STATES:
        return invalid("Status", "state", f"state must be one of {', '.join(_STATES)}")
    for field, longest in _LONGEST.items():
        if len(asked.get(field, "")) > longest:
            return invalid("Status", field, f"{field} is too long (maximum is {longest} characters)")
        if any(ord(letter) > _MAX_LETTER for letter in asked.get(field, "")):
            return invalid("Status", field, f"{field} contains unicode characters above 0xffff")
    if not asked.get("target_url", "https:").startswith(("https:", "http:")):
        return invalid("Status", "target_url", "target_url must use http(s) scheme")
    return None


def _name(status: dict[str, Any]) -> str:
    """Returns the name, which is the same in letters of any size."""
    return str(status["context"]).casefold()


def _simple(status: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in status.items() if key != "creator"}
