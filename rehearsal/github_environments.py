"""Environments as GitHub has them, with their secrets and variables, and who may agree to their jobs.

docs.github.com/rest/deployments/environments and branch-policies, rest/actions/secrets and variables.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rehearsal.github_people import person, team, whole_team
from rehearsal.github_routes import NOT_FOUND, Answer, NotTheApiError, Request, Route, invalid
from rehearsal.github_shapes import Site, moment, user

KEY_ID = "568250167242549743"
MOST_REVIEWERS = 6
MOST_MINUTES = 43200
_VARIABLES_A_PAGE = 30
_POLICY = ("protected_branches", "custom_branch_policies")
_AT = "/repos/{owner}/{repo}/environments"
_ONE = _AT + "/{environment_name}"


@dataclass
class Environment:
    """One environment."""

    name: str
    id: int
    wait_timer: int = 0
    prevent_self_review: bool = False
    reviewers: list[dict[str, Any]] = field(default_factory=list)
    policy: dict[str, bool] | None = None
    rules: list[dict[str, Any]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """Sealed, in base64, as they came."""


class Environments:
    """The environments of all repositories."""

    def __init__(self, site: Callable[[], Site], clock: Callable[[], float]) -> None:
        """Has none; `site` says where the server is, `clock` how late it is."""
        self.all: dict[tuple[str, str], Environment] = {}
        """By repository and name."""
        self.teams: dict[str, int] = {}
        """The ids of teams of every organization, by their slugs."""
        self.users: dict[str, int] = {}
        """The ids of users, by their logins."""
        self.public_key = base64.b64encode(bytes(32)).decode()
        """What secrets are sealed for."""
        self._site, self._clock = site, clock
        self._ids = iter(range(100, 100_000))

    def routes(self) -> tuple[Route, ...]:
        """Returns what it answers; secrets are not read by anybody."""
        return (
            Route("GET", _AT, self._list),
            Route("PUT", _ONE, self._put),
            Route("GET", f"{_ONE}/deployment-branch-policies", self._rules),
            Route("POST", f"{_ONE}/deployment-branch-policies", self._add_rule),
            Route("DELETE", f"{_ONE}/deployment-branch-policies/{{branch_policy_id}}", self._remove_rule),
            Route("GET", f"{_ONE}/variables", self._variables),
            Route("POST", f"{_ONE}/variables", self._add_variable),
            Route("PATCH", f"{_ONE}/variables/{{name}}", self._change_variable),
            Route("GET", f"{_ONE}/secrets", self._secrets),
            Route("GET", f"{_ONE}/secrets/public-key", self._key),
            Route("PUT", f"{_ONE}/secrets/{{secret_name}}", self._put_secret),
            Route("GET", "/orgs/{org}/teams/{team_slug}", self._team),
            Route("GET", "/users/{username}", self._user),
        )

    def add(self, repository: str, name: str, **fields: Any) -> Environment:
        """Adds an environment, or replaces one, as somebody else would."""
        made = Environment(name, next(self._ids), **fields)
        self.all[repository, name.lower()] = made
        return made

    def of(self, repository: str, name: str) -> Environment:
        """Returns one environment."""
        return self.all[repository, name]

    def _list(self, request: Request) -> Answer:
        request.asks_only("page", "per_page")
        found = [each for (repository, _), each in self.all.items() if repository == request.repository]
        shown = [self._shown(request.repository, each) for each in request.page(found)]
        return Answer(200, {"total_count": len(found), "environments": shown})

    def _put(self, request: Request) -> Answer:
        asked = _object(request, {"wait_timer", "prevent_self_review", "reviewers", "deployment_branch_policy"})
        reviewers, policy = asked.get("reviewers") or [], asked.get("deployment_branch_policy")
        if not 0 <= asked.get("wait_timer", 0) <= MOST_MINUTES:
            return invalid("Environment", "wait_timer", "must be between 0 and 43200")
        known = {("Team", each) for each in self.teams.values()} | {("User", each) for each in self.users.values()}
        if len(reviewers) > MOST_REVIEWERS or any((each["type"], each["id"]) not in known for each in reviewers):
            return invalid("Environment", "reviewers", "Failed to create the environment protection rule")
        if policy is not None and (set(policy) != {*_POLICY} or policy[_POLICY[0]] == policy[_POLICY[1]]):
            return invalid("Environment", "deployment_branch_policy", "cannot have the same value")
        name = request.parts["environment_name"]
        one = self.all.get((request.repository, name.lower())) or self.add(request.repository, name)
        one.wait_timer, one.reviewers, one.policy = asked.get("wait_timer", 0), reviewers, policy
        one.prevent_self_review = asked.get("prevent_self_review", False)
        one.rules = one.rules if _is_custom(one) else []
        return Answer(200, self._shown(request.repository, one))

    def _rules(self, request: Request) -> Answer:
        request.asks_only("page", "per_page")
        one = self._one(request)
        return _listed(request, "branch_policies", one.rules) if one else NOT_FOUND

    def _add_rule(self, request: Request) -> Answer:
        asked = request.fields({"name": str, "type": str})
        one = self._one(request)
        if not one or not _is_custom(one):
            return NOT_FOUND
        if any((each["name"], each["type"]) == (asked["name"], asked["type"]) for each in one.rules):
            return Answer(303)
        number = next(self._ids)
        one.rules.append({"id": number, "node_id": f"G_{number}", **asked})
        return Answer(200, one.rules[-1])

    def _remove_rule(self, request: Request) -> Answer:
        one = self._one(request)
        left = [each for each in one.rules if str(each["id"]) != request.parts["branch_policy_id"]] if one else []
        if not one or len(left) == len(one.rules):
            return NOT_FOUND
        one.rules = left
        return Answer(204)

    def _variables(self, request: Request) -> Answer:
        if int(request.asks_only("page", "per_page").get("per_page", 10)) > _VARIABLES_A_PAGE:
            raise NotTheApiError("per_page: 30 at most")
        one, when = self._one(request), moment(self._clock())
        times = {"created_at": when, "updated_at": when}
        shown = [{"name": name, "value": text, **times} for name, text in sorted(one.variables.items())] if one else []
        return _listed(request, "variables", shown) if one else NOT_FOUND

    def _add_variable(self, request: Request) -> Answer:
        asked = request.fields({"name": str, "value": str})
        one = self._one(request)
        if not one:
            return NOT_FOUND
        if asked["name"] in one.variables:
            return Answer(409, {"message": "Already exists - Variable already exists", "status": "409"})
        one.variables[asked["name"]] = asked["value"]
        return Answer(201, {})

    def _change_variable(self, request: Request) -> Answer:
        asked = request.fields({}, {"name": str, "value": str})
        one = self._one(request)
        if not one or request.parts["name"] not in one.variables or asked.get("name") != request.parts["name"]:
            return NOT_FOUND
        one.variables[asked["name"]] = asked["value"]
        return Answer(204)

    def _secrets(self, request: Request) -> Answer:
        request.asks_only("page", "per_page")
        one, when = self._one(request), moment(self._clock())
        shown = [{"name": name, "created_at": when, "updated_at": when} for name in one.secrets] if one else []
        return _listed(request, "secrets", shown) if one else NOT_FOUND

    def _key(self, request: Request) -> Answer:
        return Answer(200, {"key_id": KEY_ID, "key": self.public_key}) if self._one(request) else NOT_FOUND

    def _put_secret(self, request: Request) -> Answer:
        asked = request.fields({"encrypted_value": str, "key_id": str})
        one, name = self._one(request), request.parts["secret_name"]
        if not one:
            return NOT_FOUND
        if asked["key_id"] != KEY_ID:
            return invalid("Secret", "key_id", "is not the id of the key that is in use")
        base64.b64decode(asked["encrypted_value"], validate=True)
        is_new = name not in one.secrets
        one.secrets[name] = asked["encrypted_value"]
        return Answer(201, {}) if is_new else Answer(204)

    def _team(self, request: Request) -> Answer:
        slug = request.parts["team_slug"]
        found = self.teams.get(slug)
        return Answer(200, whole_team(self._site(), request.parts["org"], slug, found)) if found else NOT_FOUND

    def _user(self, request: Request) -> Answer:
        login = request.parts["username"]
        return Answer(200, person(self._site(), login, self.users[login])) if login in self.users else NOT_FOUND

    def _one(self, request: Request) -> Environment | None:
        return self.all.get((request.repository, request.parts["environment_name"].lower()))

    def _shown(self, repository: str, one: Environment) -> dict[str, Any]:
        site, when = self._site(), moment(self._clock())
        found = {"id": one.id, "node_id": f"EN_{one.id}", "name": one.name, "created_at": when, "updated_at": when}
        found |= {
            "url": f"{site.api}/repos/{repository}/environments/{one.name}",
            "html_url": f"{site.web}/{repository}",
        }
        return found | {"protection_rules": self._protection(one), "deployment_branch_policy": one.policy}

    def _protection(self, one: Environment) -> list[dict[str, Any]]:
        """Returns the rules; one that asks for nothing is none."""
        rules: list[dict[str, Any]] = []
        if one.wait_timer:
            rules.append({"type": "wait_timer", "wait_timer": one.wait_timer})
        if one.reviewers:
            shown = [{"type": each["type"], "reviewer": self._reviewer(each)} for each in one.reviewers]
            rules.append(
                {"type": "required_reviewers", "reviewers": shown, "prevent_self_review": one.prevent_self_review}
            )
        if one.policy:
            rules.append({"type": "branch_policy"})
        return [{"id": one.id * 10 + at, "node_id": f"GA_{one.id}_{at}", **rule} for at, rule in enumerate(rules)]

    def _reviewer(self, asked: dict[str, Any]) -> dict[str, Any]:
        names = self.teams if asked["type"] == "Team" else self.users
        name = next(name for name, number in names.items() if number == asked["id"])
        site = self._site()
        shown = team(site, "acme", name, asked["id"]) if asked["type"] == "Team" else user(site, name, "User")
        return {**shown, "id": asked["id"]}


def _object(request: Request, known: set[str]) -> dict[str, Any]:
    """Returns the body, whose fields may be null."""
    asked = json.loads(request.body)
    if not isinstance(asked, dict) or asked.keys() - known:
        raise NotTheApiError(f"body: {asked}")
    return asked


def _listed(request: Request, key: str, items: list[dict[str, Any]]) -> Answer:
    return Answer(200, {"total_count": len(items), key: request.page(items)})


def _is_custom(one: Environment) -> bool:
    return bool(one.policy and one.policy["custom_branch_policies"])
