"""Environments on GitHub.

docs.github.com/rest/deployments/environments and branch-policies, rest/actions/secrets and variables.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from release_kit.adapters.github.api import GitHubApi, field, repository_path
from release_kit.adapters.github.sealing import sealed
from release_kit.documents.pipeline import Pipeline
from release_kit.errors import ReleaseError
from release_kit.values.github_environment import Allowed, Call, Hosted, RefRule, Reviewer

_VARIABLES_A_PAGE = 30
"""As many as GitHub gives at once."""
_LOGINS = {"User": "login", "Team": "slug"}


class GitHubEnvironments:
    """Implements the port EnvironmentHost."""

    def __init__(self, pipeline: Pipeline, api: GitHubApi) -> None:
        """Asks nothing yet.

        Args:
            pipeline: names the repository.
            api: of its server.
        """
        self._owner = pipeline.owner
        self._all = repository_path(pipeline.owner, pipeline.name, "environments")
        self._api = api

    def found(self, names: Collection[str]) -> Mapping[str, Hosted]:
        """See the port; names are the same in letters of any size."""
        hosted = {}
        for each in self._api.pages(self._all, "environments"):
            name = _text(each, "name").lower()
            hosted[name] = self._hosted(each) if name in names else Hosted()
        return hosted

    def reviewer(self, named: str) -> Reviewer:
        """See the port."""
        kind, _, name = named.partition("/")
        part = quote(name, safe="")
        path = f"/orgs/{quote(self._owner, safe='')}/teams/{part}" if kind == "team" else f"/users/{part}"
        found = self._api.find(path)
        if found is None:
            remedy = (
                "correct `reviewers`, or let the token read the members of the organization: it needs that for teams"
            )
            raise ReleaseError(f"{self._api.host}: there is no {kind} {name}, or the token may not see it", remedy)
        return Reviewer("Team" if kind == "team" else "User", _number(found, "id"), named)

    def carry_out(self, call: Call) -> None:
        """See the port."""
        self._api.call(call.method, call.path, call.expected, call.body, (call.done, "") if call.done else None)

    def put_secret(self, environment: str, name: str, value: str) -> None:
        """See the port."""
        secrets = f"{self._all}/{quote(environment, safe='')}/secrets"
        key = self._api.call("GET", f"{secrets}/public-key", 200)
        body = {"encrypted_value": sealed(value, _text(key, "key")), "key_id": _text(key, "key_id")}
        # 201: it is new; 204: it was there.
        self._api.call("PUT", f"{secrets}/{quote(name, safe='')}", 201, body, unless=(204, ""))

    def _hosted(self, answer: Any) -> Hosted:
        """Reads an environment with what is kept apart from it."""
        own = f"{self._all}/{quote(_text(answer, 'name'), safe='')}"
        rules = field(answer, "protection_rules")
        of_kind = {field(rule, "type"): rule for rule in (rules if isinstance(rules, list) else ())}
        variables = self._api.pages(f"{own}/variables", "variables", _VARIABLES_A_PAGE)
        return Hosted(
            reviewers=tuple(_reviewers(of_kind.get("required_reviewers"))),
            prevent_self_review=field(of_kind.get("required_reviewers"), "prevent_self_review") is True,
            wait_minutes=_number(of_kind["wait_timer"], "wait_timer") if "wait_timer" in of_kind else 0,
            allowed=_allowed(answer),
            rules=tuple(map(_rule, self._api.pages(f"{own}/deployment-branch-policies", "branch_policies"))),
            variables={_text(each, "name"): _text(each, "value") for each in variables},
            secrets=frozenset(_text(each, "name") for each in self._api.pages(f"{own}/secrets", "secrets")),
        )


def _reviewers(rule: Any) -> Iterator[Reviewer]:
    reviewers = field(rule, "reviewers")
    for each in reviewers if isinstance(reviewers, list) else ():
        kind = _text(each, "type")
        name = _text(each, "reviewer", _LOGINS.get(kind, "login"))
        yield Reviewer(kind, _number(each, "reviewer", "id"), f"{kind.lower()}/{name}")


def _allowed(answer: Any) -> Allowed:
    if field(answer, "deployment_branch_policy", "custom_branch_policies") is True:
        return Allowed.CHOSEN
    return Allowed.PROTECTED if field(answer, "deployment_branch_policy") else Allowed.ALL


def _rule(answer: Any) -> RefRule:
    """Reads a pattern; a server that knows branches alone does not say what it is of."""
    kind = field(answer, "type")
    return RefRule("tag" if kind == "tag" else "branch", _text(answer, "name"), _number(answer, "id"))


def _text(answer: Any, *path: str) -> str:
    found = field(answer, *path)
    if not isinstance(found, str):
        raise ReleaseError(f"GitHub answered with an environment that makes no sense: no text at {'.'.join(path)}")
    return found


def _number(answer: Any, *path: str) -> int:
    found = field(answer, *path)
    if not isinstance(found, int) or isinstance(found, bool):
        raise ReleaseError(f"GitHub answered with an environment that makes no sense: no number at {'.'.join(path)}")
    return found
