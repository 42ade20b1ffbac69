"""The gates of the strategy: which environments have them, and the resources that report them.

GitOps Promoter, docs/gating-promotions/built-in-gates, api/v1alpha1 (v0.36.0). An environment that tracks versions is
no part of a strategy; what has to be seen there holds back the environment after it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from release_kit.documents.environments import Environment, Environments
from release_kit.engines.gitops.applications import ENVIRONMENT_LABEL, STRATEGY_LABEL
from release_kit.engines.gitops.promoter_resource import metadata, resource
from release_kit.engines.gitops.web_requests import web_request
from release_kit.engines.gitops.yaml_text import Noted, document
from release_kit.errors import InputError
from release_kit.values.promotion_gate import Kind, PromotionGate, Reporter, Target, Window

_MAX_KEY = 63
_CARRIED = (Kind.E2E, Kind.HTTP)
"""Kinds of gates on an environment that tracks versions that can be looked at from the environment after it."""


class Use(NamedTuple):
    """One gate, and the environments of the strategy that have it."""

    gate: PromotionGate
    by_branch: Mapping[str, PromotionGate]
    """The gate with the environment's own times."""
    is_common: bool
    """Whether it is declared for every environment."""


def uses(declared: Environments) -> tuple[Use, ...]:
    """Returns all gates of the strategy, in the order of the declaration.

    Raises:
        InputError: two gates would have one key.
    """
    branches = [environment.branch for environment in declared.pinned]
    found = {gate.key: Use(gate, dict.fromkeys(branches, gate), is_common=True) for gate in declared.gates}
    for environment in declared.pinned:
        for gate in environment.gates:
            known = found.get(gate.key, Use(gate, {}, is_common=False))
            found[gate.key] = known._replace(by_branch={**known.by_branch, environment.branch: gate})
    for environment, gate in carried(declared):
        if gate.key in found or len(gate.key) > _MAX_KEY:
            fault = f"gates: {gate.key} is what {environment.name} waits for of an environment that tracks versions"
            raise InputError(f"{fault}; the key is taken, or longer than {_MAX_KEY}", "give the gate another key")
        found[gate.key] = Use(gate, {environment.branch: gate}, is_common=False)
    return tuple(found.values())


def carried(declared: Environments) -> Iterator[tuple[Environment, PromotionGate]]:
    """Yields the gates of environments that track versions, with the environment after them that waits for them.

    Their key begins with the name of the environment that tracks versions; they are about what is proposed.
    """
    for position, tracking in enumerate(declared.environments):
        after = [environment for environment in declared.environments[position + 1 :] if not environment.tracks]
        if not tracking.tracks or not after:
            continue
        for gate in declared.gates_of(tracking, Target.ACTIVE):
            if gate.kind in _CARRIED:
                text = gate.description or f"{gate.key} of {tracking.name}"
                yield (
                    after[0],
                    gate._replace(key=carried_key(tracking, gate), target=Target.PROPOSED, description=text),
                )


def carried_key(tracking: Environment, gate: PromotionGate) -> str:
    """Returns the key that a gate of an environment that tracks versions has in the strategy."""
    return f"{tracking.name}-{gate.key}"


def unseen(declared: Environments) -> Iterator[tuple[Environment, PromotionGate]]:
    """Yields the gates of environments that track versions that GitOps Promoter can't see."""
    for environment in declared.environments:
        for gate in declared.gates_of(environment, Target.ACTIVE) if environment.tracks else ():
            if gate.kind not in _CARRIED:
                yield environment, gate


def resources(declared: Environments) -> str:
    """Returns the resources that report the gates; empty where there are none.

    Raises:
        InputError: nothing can report a gate in this way.
    """
    all_uses = uses(declared)
    texts = [_MAKERS[use.gate.reporter](declared, use) for use in all_uses if use.gate.reporter in _MAKERS]
    keys = [use.gate.key for use in all_uses if use.gate.reporter is Reporter.COMMIT_STATUS]
    return "".join(texts) + (_reporters_access(declared, keys) if keys else "")


def reporter_name(declared: Environments) -> str:
    """Returns the name of the account that applies CommitStatuses."""
    return f"{declared.name}-gate-reporter"


def _argocd(declared: Environments, use: Use) -> str:
    selector: dict[str, Any] = {"matchLabels": {STRATEGY_LABEL: declared.name}}
    names = [environment.name for environment in declared.pinned if environment.branch in use.by_branch]
    if not use.is_common:
        selector["matchExpressions"] = [{"key": ENVIRONMENT_LABEL, "operator": "In", "values": names}]
    intro = "Passes when the Applications of a branch are healthy and in sync with its head."
    return _document(declared, use, intro, {"applicationSelector": selector})


def _timed(declared: Environments, use: Use) -> str:
    places = [{"branch": branch, "duration": gate.duration} for branch, gate in use.by_branch.items()]
    intro = "Passes when what runs has run for some time, counted from the promotion."
    return _document(declared, use, intro, {"environments": places})


def _scheduled(declared: Environments, use: Use) -> str:
    spec: dict[str, Any] = {"timezone": use.gate.timezone}
    if use.is_common:
        spec |= _windows(use.gate)
    places = [{"branch": branch, **({} if use.is_common else _windows(gate))} for branch, gate in use.by_branch.items()]
    intro = "Passes while the time is in a window of `allow` and in none of `exclude`."
    return _document(declared, use, intro, {**spec, "environments": places})


def _windows(gate: PromotionGate) -> dict[str, Any]:
    found = {"allow": gate.allow, "exclude": gate.exclude}
    return {key: [_window(window) for window in windows] for key, windows in found.items() if windows}


def _window(window: Window) -> dict[str, str]:
    return {key: text for key, text in window._asdict().items() if text}


def _git(declared: Environments, use: Use) -> str:
    note = "Which commit is looked at; the result is always reported for the proposed one."
    spec = {"target": Noted(note, "proposed"), "expression": use.gate.expression}
    if use.gate.description:
        spec["description"] = use.gate.description
    return _document(declared, use, "Passes when the data of the proposed commit fulfil an expression.", spec)


def _web(declared: Environments, use: Use) -> str:
    intro, spec = web_request(declared, use.gate)
    return _document(declared, use, intro, spec)


_KINDS = {
    Reporter.ARGOCD_COMMIT_STATUS: "ArgoCDCommitStatus",
    Reporter.TIMED_COMMIT_STATUS: "TimedCommitStatus",
    Reporter.SCHEDULED_COMMIT_STATUS: "ScheduledCommitStatus",
    Reporter.GIT_COMMIT_STATUS: "GitCommitStatus",
    Reporter.WEB_REQUEST_COMMIT_STATUS: "WebRequestCommitStatus",
    Reporter.SCM_STATUS: "WebRequestCommitStatus",
}
_MAKERS: dict[Reporter, Callable[[Environments, Use], str]] = {
    Reporter.ARGOCD_COMMIT_STATUS: _argocd,
    Reporter.TIMED_COMMIT_STATUS: _timed,
    Reporter.SCHEDULED_COMMIT_STATUS: _scheduled,
    Reporter.GIT_COMMIT_STATUS: _git,
    Reporter.WEB_REQUEST_COMMIT_STATUS: _web,
    Reporter.SCM_STATUS: _web,
}


def kind_of(gate: PromotionGate) -> str:
    """Returns the kind of the resource that reports a gate; empty where nothing of this tree does."""
    return _KINDS.get(gate.reporter, "")


def _document(declared: Environments, use: Use, intro: str, spec: Mapping[str, Any]) -> str:
    key = Noted("What the strategy has among its commit statuses.", use.gate.key)
    whole = {"promotionStrategyRef": {"name": declared.name}, "key": key, **spec}
    name = f"{declared.name}-{use.gate.key}"
    what = "what runs (active)" if use.gate.target is Target.ACTIVE else "what is to run (proposed)"
    text = f"The gate {use.gate.key}, about {what}.\n{intro}"
    return document(text, resource(declared, _KINDS[use.gate.reporter], name, whole))


def _reporters_access(declared: Environments, keys: Sequence[str]) -> str:
    """Returns the account that may apply CommitStatuses, and nothing else."""
    name = reporter_name(declared)
    place = metadata(declared, name)
    group = "rbac.authorization.k8s.io"
    rule = {
        "apiGroups": ["promoter.argoproj.io"],
        "resources": ["commitstatuses"],
        "verbs": Noted(
            "What kubectl apply --server-side needs, and a look at the result.", ["get", "list", "create", "patch"]
        ),
    }
    subject = {"kind": "ServiceAccount", "name": name, "namespace": declared.promoter.namespace}
    role = {"apiGroup": group, "kind": "Role", "name": name}
    listed = ", ".join(keys)
    intro = (
        f"Who reports {listed}: CI, or a person, applies a CommitStatus (RUNBOOK.md).\n"
        "Kubernetes can't limit this to some keys: whoever has this account can report every gate."
    )
    texts = (
        document(intro, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": place}),
        document("What it may do.", {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": place, "rules": [rule]}),
        document(
            "Who may do it.",
            {
                "apiVersion": f"{group}/v1",
                "kind": "RoleBinding",
                "metadata": place,
                "roleRef": role,
                "subjects": [subject],
            },
        ),
    )
    return "".join(texts)
