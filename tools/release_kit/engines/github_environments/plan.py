"""What has to change at GitHub so that its environments are as declared: a comparison, and the calls in a safe order.

What protects an environment is changed before anything is put into it, and a pattern of branches or tags is taken away
before another one is added. Each call can be made again, so a plan that was interrupted is simply made anew.
"""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from release_kit.documents.environments import Environment, Environments
from release_kit.documents.pipeline import GitHubEnvironment, Pipeline
from release_kit.values.github_environment import Allowed, Call, Hosted, RefRule, Reviewer


class Action(StrEnum):
    """What happens to one thing."""

    NOTHING = "nothing"
    CREATE = "create"
    CHANGE = "change"
    REMOVE = "remove"
    MISSING = "missing"
    """A secret, whose value only a person has."""
    SET = "set"
    """A secret that somebody wants to be set, whether it is there or not."""
    LEAVE = "left alone"
    """It is at GitHub and is not declared; that is no difference."""


class Row(NamedTuple):
    """One thing that an environment has, or is to have."""

    environment: str
    what: str
    now: str
    """What GitHub has; empty for nothing."""
    declared: str
    """Empty for nothing."""
    action: Action


class Secret(NamedTuple):
    """A secret of an environment."""

    environment: str
    name: str


class Plan(NamedTuple):
    """What there is, what is declared, and what has to be done."""

    rows: tuple[Row, ...]
    calls: tuple[Call, ...]
    """In the order in which they are made."""
    missing: tuple[Secret, ...]
    """Declared, and not there."""

    def with_secrets(self, given: Collection[Secret]) -> "Plan":
        """Returns the plan with secrets whose values a person has given."""
        names = {(each.environment, f"secret {each.name}") for each in given}
        rows = (row._replace(action=Action.SET) if row[:2] in names else row for row in self.rows)
        return self._replace(rows=tuple(rows), missing=tuple(each for each in self.missing if each not in given))

    @property
    def is_as_declared(self) -> bool:
        """Whether nothing has to be done, by this or by a person."""
        return not self.calls and not self.missing


class _Own(NamedTuple):
    """One environment."""

    name: str
    path: str
    declared: GitHubEnvironment
    reviewers: tuple[Reviewer, ...]
    """The declared ones, looked up."""
    now: Hosted | None
    """None where GitHub has no such environment."""

    @property
    def there(self) -> Hosted:
        """What GitHub has; nothing at all where it has no such environment."""
        return self.now or Hosted()

    @property
    def rules(self) -> tuple[RefRule, ...]:
        """The declared patterns."""
        kinds = (("branch", self.declared.branches), ("tag", self.declared.tags))
        return tuple(RefRule(kind, pattern) for kind, patterns in kinds for pattern in dict.fromkeys(patterns))

    @property
    def prevent_self_review(self) -> bool:
        """Whether who starts a run may not agree to it; where nobody has to agree, it means nothing."""
        return self.declared.prevent_self_review and bool(self.reviewers)

    @property
    def allowed(self) -> Allowed:
        """What the declared patterns come to."""
        return Allowed.CHOSEN if self.rules else Allowed.ALL


def make_plan(declared: Environments, hosted: Mapping[str, Hosted], reviewers: Mapping[str, Reviewer]) -> Plan:
    """Compares GitHub's environments with the declared ones.

    Args:
        declared: has a pipeline, which names the repository.
        hosted: what GitHub has, by name.
        reviewers: who they are that the declaration names.
    """
    assert declared.pipeline, "without a pipeline there is no repository to look at"
    base = environments_path(declared.pipeline)
    owns = [_own(each, base, hosted, reviewers) for each in declared.environments]
    names = {each.name for each in owns}
    others = [Row(name, "environment", "there", "", Action.LEAVE) for name in hosted if name not in names]
    return Plan(
        rows=tuple(row for own in owns for row in _rows(own)) + tuple(others),
        calls=tuple(call for part in (_protect, _fill) for own in owns for call in part(own)),
        missing=tuple(Secret(own.name, name) for own in owns for name in own.declared.secrets if _lacks(own, name)),
    )


def environments_path(pipeline: Pipeline) -> str:
    """Returns the path of a repository's environments; its names need no quotes."""
    return f"/repos/{pipeline.owner}/{pipeline.name}/environments"


def _own(environment: Environment, base: str, hosted: Mapping[str, Hosted], reviewers: Mapping[str, Reviewer]) -> _Own:
    named = tuple(reviewers[name] for name in dict.fromkeys(environment.github.reviewers))
    path = f"{base}/{environment.name}"
    return _Own(environment.name, path, environment.github, named, hosted.get(environment.name))


def _rows(own: _Own) -> Iterator[Row]:
    """Yields all that is there or declared, as people read it."""
    yield _row(own, "environment", "there" if own.now else "", "there")
    yield _row(own, "reviewers", _names(own.there.reviewers, own), _names(own.reviewers, own))
    yield _row(own, "self-review", _reviewed(own.there.prevent_self_review), _reviewed(own.prevent_self_review))
    yield _row(own, "wait", _minutes(own.there.wait_minutes), _minutes(own.declared.wait_minutes))
    yield _row(own, "branches and tags", own.there.allowed if own.now else "", own.allowed)
    yield from (_row(own, _called(rule), "allowed", "") for rule in _excess(own))
    there = {_key(rule) for rule in own.there.rules}
    yield from (_row(own, _called(rule), "allowed" if _key(rule) in there else "", "allowed") for rule in own.rules)
    for name, value in own.declared.variables:
        yield _row(own, f"variable {name}", own.there.variables.get(name, ""), value)
    for name in own.declared.secrets:
        lacks = _lacks(own, name)
        action = Action.MISSING if lacks else Action.NOTHING
        yield Row(own.name, f"secret {name}", "" if lacks else "set", "set", action)
    yield from _others(own)


def _others(own: _Own) -> Iterator[Row]:
    """Yields what people have added, which stays."""
    variables = sorted(own.there.variables.keys() - {name for name, _ in own.declared.variables})
    secrets = sorted(own.there.secrets - {*own.declared.secrets})
    for what in (*(f"variable {name}" for name in variables), *(f"secret {name}" for name in secrets)):
        yield Row(own.name, what, "set", "", Action.LEAVE)


def _row(own: _Own, what: str, now: str, declared: str) -> Row:
    if now == declared:
        return Row(own.name, what, now, declared, Action.NOTHING)
    changed = Action.CHANGE if now and declared else Action.CREATE if declared else Action.REMOVE
    return Row(own.name, what, now, declared, changed)


def _protect(own: _Own) -> Iterator[Call]:
    """Yields the calls that say who may use an environment: all at once, then patterns, those that go first."""
    if own.now is None or not _is_protected(own):
        yield Call("PUT", own.path, _protection(own), 200, 0)
    policies = f"{own.path}/deployment-branch-policies"
    for rule in _excess(own):
        yield Call("DELETE", f"{policies}/{rule.id}", None, 204, 404)
    there = {_key(rule) for rule in own.there.rules}
    for rule in own.rules:
        if _key(rule) not in there:
            yield Call("POST", policies, {"name": rule.pattern, "type": rule.kind}, 200, 303)


def _fill(own: _Own) -> Iterator[Call]:
    """Yields the calls that set variables."""
    variables = f"{own.path}/variables"
    for name, value in own.declared.variables:
        if name not in own.there.variables:
            yield Call("POST", variables, {"name": name, "value": value}, 201, 409)
        elif own.there.variables[name] != value:
            yield Call("PATCH", f"{variables}/{name}", {"name": name, "value": value}, 204, 0)


def _is_protected(own: _Own) -> bool:
    """Tells whether GitHub has what one call sets."""
    now, declared = own.there, own.declared
    has = ({each[:2] for each in now.reviewers}, now.prevent_self_review, now.wait_minutes, now.allowed)
    reviewers = {each[:2] for each in own.reviewers}
    return has == (reviewers, own.prevent_self_review, declared.wait_minutes, own.allowed)


def _protection(own: _Own) -> dict[str, object]:
    """Returns what is set at once; GitHub takes what is left out for nothing."""
    chosen = {"protected_branches": False, "custom_branch_policies": True}
    return {
        "wait_timer": own.declared.wait_minutes,
        "prevent_self_review": own.prevent_self_review,
        "reviewers": [{"type": each.kind, "id": each.id} for each in own.reviewers],
        "deployment_branch_policy": chosen if own.rules else None,
    }


def _excess(own: _Own) -> Iterator[RefRule]:
    """Yields the patterns that are not declared; where none is, all branches may, and GitHub drops them itself."""
    declared = {_key(rule) for rule in own.rules}
    yield from (rule for rule in own.there.rules if declared and _key(rule) not in declared)


def _lacks(own: _Own, secret: str) -> bool:
    return secret not in own.there.secrets


def _key(rule: RefRule) -> tuple[str, str]:
    return rule.kind, rule.pattern


def _called(rule: RefRule) -> str:
    return f"{rule.kind} {rule.pattern}"


def _names(reviewers: tuple[Reviewer, ...], own: _Own) -> str:
    """Returns names as they are declared, where they are: GitHub tells them with other capitals."""
    declared = {each[:2]: each.name for each in own.reviewers}
    return ", ".join(sorted(declared.get(each[:2], each.name) for each in reviewers))


def _reviewed(prevented: bool) -> str:
    return "not by oneself" if prevented else ""


def _minutes(count: int) -> str:
    return f"{count} min" if count else ""
