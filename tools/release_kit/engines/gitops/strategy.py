"""The PromotionStrategy, and what reports the order of environments, in the shape of the release.

GitOps Promoter: api/v1alpha1/promotionstrategy_types.go (v0.36.0); docs/upgrading.md (0.38); the definition of
PromotionStrategy with orderCommitStatusRef (0.39).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from release_kit.documents.environments import Environment, Environments
from release_kit.engines.gitops.gates import Use, kind_of, reporter_name, unseen, uses
from release_kit.engines.gitops.promoter_release import Shape, shape
from release_kit.engines.gitops.promoter_resource import metadata, policy_name, resource
from release_kit.engines.gitops.yaml_text import Noted, document
from release_kit.errors import InputError
from release_kit.values.promotion_gate import ORDER_KEY, PromotionGate, Reporter, Target

REPORTED_BY = "rules-release/reported-by."
"""What an annotation of the strategy begins with for a gate that no resource of this tree reports; its key follows."""
_MAX_ANNOTATION = 63
"""Of the part behind the slash (Kubernetes, "Annotations")."""
_ORDER_KIND = "DependentsSuccessfulCommitStatus"
_LISTS = {Target.ACTIVE: "activeCommitStatuses", Target.PROPOSED: "proposedCommitStatuses"}
_LIST_NOTES = {
    Target.ACTIVE: "About what runs: until all of these pass, the next environment waits.",
    Target.PROPOSED: "About what is to run: until all of these pass, the environment itself waits.",
}


def strategy(declared: Environments) -> str:
    """Returns the strategy.

    Raises:
        InputError: the release is too old, or the key of a gate is too long.
    """
    form = shape(declared.promoter.release)
    made = resource(declared, "PromotionStrategy", declared.name, _spec(declared, form))
    if notes := dict(_annotations(declared)):
        made["metadata"] = {**metadata(declared, declared.name), "annotations": notes}
    return document("\n".join(_intro(declared)), made)


def order(declared: Environments) -> str:
    """Returns what reports the order of environments; empty for releases before 0.38."""
    form = shape(declared.promoter.release)
    if form is Shape.IMPLIED:
        return ""
    listed = "the strategy lists it" if form is Shape.KEY else "the strategy must not list it"
    key = Noted(f"What the order is reported under; {listed}.", ORDER_KEY)
    spec = {"promotionStrategyRef": {"name": declared.name}, "key": key}
    intro = "Reports whether a change has run, and passed its gates, in the environment before it."
    return document(intro, resource(declared, _ORDER_KIND, declared.name, spec))


def _intro(declared: Environments) -> Iterator[str]:
    yield "In which order a release goes through the environments, and what has to be seen before it goes on."
    yield "The controller makes a ChangeTransferPolicy of each environment by itself; none may be applied."
    for environment in declared.environments:
        if environment.tracks:
            yield f"{environment.name} tracks versions: it has no branch, and is no part of this."
    for environment, gate in unseen(declared):
        yield f"{gate.key} of {environment.name} holds back nothing here: nobody can report it for GitOps Promoter."


def _spec(declared: Environments, form: Shape) -> dict[str, Any]:
    all_uses = uses(declared)
    common = [use.gate for use in all_uses if use.is_common]
    spec: dict[str, Any] = {"gitRepositoryRef": {"name": declared.name}}
    if form is Shape.REFERENCE:
        reference = {"group": "promoter.argoproj.io", "kind": _ORDER_KIND, "name": declared.name}
        spec["orderCommitStatusRef"] = Noted("What reports the order of environments.", reference)
    lists = _lists(declared, common)
    if form is Shape.KEY:
        order = Noted(f"The order of environments: {_ORDER_KIND} {declared.name}.", {"key": ORDER_KEY})
        listed = lists.pop("proposedCommitStatuses", Noted(_LIST_NOTES[Target.PROPOSED], []))
        lists["proposedCommitStatuses"] = listed._replace(value=[order, *listed.value])
    places = [_environment(declared, environment, all_uses) for environment in declared.pinned]
    return {**spec, **lists, "environments": places}


def _environment(declared: Environments, environment: Environment, all_uses: Sequence[Use]) -> Noted:
    own = [
        use.by_branch[environment.branch]
        for use in all_uses
        if not use.is_common and environment.branch in use.by_branch
    ]
    entry: dict[str, Any] = {"branch": environment.branch, "autoMerge": environment.automatic}
    note = f"{environment.name}; its ChangeTransferPolicy is {policy_name(declared, environment)}."
    if not environment.automatic:
        note += " A person merges the pull request."
    return Noted(note, {**entry, **_lists(declared, own)})


def _lists(declared: Environments, gates: Sequence[PromotionGate]) -> dict[str, Noted]:
    """Returns the lists of keys of some gates; one without keys is left out."""
    found = {}
    for target, name in _LISTS.items():
        keys = [Noted(_reported(declared, gate), {"key": gate.key}) for gate in gates if gate.target is target]
        if keys:
            found[name] = Noted(_LIST_NOTES[target], keys)
    return found


def _reported(declared: Environments, gate: PromotionGate) -> str:
    text = f"{gate.description.rstrip('.')}. " if gate.description else ""
    kind = kind_of(gate)
    by = f"{kind} {declared.name}-{gate.key}" if kind else f"whoever has the account {reporter_name(declared)}"
    return f"{text}Reported by {by}."


def _annotations(declared: Environments) -> Iterator[tuple[str, Any]]:
    for use in uses(declared):
        if use.gate.reporter is not Reporter.COMMIT_STATUS:
            continue
        name = f"{REPORTED_BY}{use.gate.key}"
        room = _MAX_ANNOTATION - len(name.partition("/")[2])
        if room < 0:
            fault = (
                f"gates: {use.gate.key} has {-room} characters too many for a gate that is reported by commit-status"
            )
            raise InputError(fault, "give it a shorter key")
        yield name, f"A CommitStatus that CI or a person applies as {reporter_name(declared)}"
