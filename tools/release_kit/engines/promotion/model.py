"""What a promotion waits for: one set of rules, for the simulator, for promotions by CI and for the status.

They are those of GitOps Promoter (docs/promotion.md says which of its sources each follows):
a gate about what is *active* holds back the next environments, one about what is *proposed* the environment itself.
Of release-kit alone is that a release may skip staging: it waits for no environment that is declared so. What has been
seen of it there counts all the same, if it is bad.
"""

from collections.abc import Sequence
from typing import NamedTuple

from release_kit.documents.environments import Environment
from release_kit.values.promotion_gate import ROLLBACK_KEY, Phase, PromotionGate

THE_HYDRATOR = "the hydrator"
A_PERSON = "a person"


class Hydrated(NamedTuple):
    """What one branch of an environment holds; all of it is empty before the first release."""

    commit: str = ""
    """The branch's head."""
    dry: str = ""
    """The dry commit that its content was made from: `drySha` of its `hydrator.metadata`."""
    note: str = ""
    """The newest dry commit that would make the same content: `drySha` of the head's git note; empty without one."""
    record: str = ""
    """The identity of the release record."""
    version: str = ""
    dry_time: int = 0
    """When the dry commit was made, in seconds since 1970."""
    since: int = 0
    """When the head was made, in seconds since 1970."""
    skip_staging: bool = False
    """Whether the release waits for no staging environment."""

    @property
    def effective(self) -> str:
        """The newest dry commit that this content stands for."""
        return self.note or self.dry


class GateState(NamedTuple):
    """One gate, as it is known for one commit or release."""

    gate: PromotionGate
    phase: Phase = Phase.PENDING
    since: int = 0
    """When it was reported, in seconds since 1970; 0: nobody has."""
    description: str = ""
    url: str = ""


class EnvironmentState(NamedTuple):
    """One environment, with all gates that are known for what is on its branches."""

    environment: Environment
    active: Hydrated = Hydrated()
    proposed: Hydrated = Hydrated()
    active_gates: tuple[GateState, ...] = ()
    """For what is active; they block the next environments."""
    proposed_gates: tuple[GateState, ...] = ()
    """For what is proposed; they block this environment."""
    failed: tuple[tuple[str, GateState], ...] = ()
    """Of a staging environment: what has failed there, by the identities of the releases that skip it."""

    @property
    def has_change(self) -> bool:
        """Whether something is proposed that is not active."""
        return bool(self.proposed.dry) and self.proposed.dry != self.active.dry


class Blocker(NamedTuple):
    """One thing that a promotion waits for."""

    reason: str
    """Such as `demo-staging has not passed e2e`."""
    environment: str
    """Where it has to happen."""
    key: str = ""
    """The gate's; empty where it waits for no gate."""
    phase: Phase = Phase.PENDING
    reporter: str = ""
    """Who can end it; the gate's reporter, THE_HYDRATOR, A_PERSON or the environment that comes first."""


def blockers(states: Sequence[EnvironmentState], position: int) -> tuple[Blocker, ...]:
    """Returns what the proposed change of one environment waits for; nothing where it may be merged at once.

    Args:
        states: of all environments that have a branch, in the order of promotions.
        position: of the environment in them; it has a change.
    """
    own = states[position]
    found = _failures(states[:position], own.proposed)
    found += _earlier(awaited(states, position), own.proposed.effective, own.active.dry_time)
    found += _gate_blockers(own.proposed_gates, own.environment.name)
    if not own.environment.automatic:
        found.append(_by_hand(own.environment))
    return tuple(found)


def is_rolled_back(blocker: Blocker, environment: Environment) -> bool:
    """Tells whether a blocker says that the release was rolled back in this very environment."""
    return blocker.key == ROLLBACK_KEY and blocker.environment == environment.name


def awaited(states: Sequence[EnvironmentState], position: int) -> Sequence[EnvironmentState]:
    """Returns the environments before one that the release which is proposed for it has to pass, in order."""
    release = states[position].proposed
    return [state for state in states[:position] if not _skips(release, state.environment)]


def skipped(states: Sequence[EnvironmentState], position: int) -> tuple[str, ...]:
    """Returns the environments that what is proposed for one has not passed, though they come before: it skips them."""
    release = states[position].proposed
    earlier = [state for state in states[:position] if _skips(release, state.environment)]
    return tuple(state.environment.name for state in earlier if not _has_passed(state, release))


def source(states: Sequence[EnvironmentState], position: int) -> EnvironmentState | None:
    """Returns the environment that comes before one, but for those that are skipped; None where there is none."""
    left = skipped(states, position)
    return next((state for state in reversed(states[:position]) if state.environment.name not in left), None)


def automatic(states: Sequence[EnvironmentState]) -> tuple[int, ...]:
    """Returns which environments have a change that may be merged now, without a person."""
    return tuple(i for i, state in enumerate(states) if state.has_change and not blockers(states, i))


def _by_hand(environment: Environment) -> Blocker:
    return Blocker(f"a person has to promote to {environment.name}", environment.name, reporter=A_PERSON)


def _earlier(earlier: Sequence[EnvironmentState], target: str, active_time: int) -> Sequence[Blocker]:
    """Looks back past environments for which the change is none (isPreviousEnvironmentPending of the Promoter)."""
    for state in reversed(earlier):
        name = state.environment.name
        if state.proposed.effective != target:
            return [_absent(state.environment)]
        if state.active.dry == target:
            if state.active.dry_time < active_time:
                return [Blocker(f"{name} has an older change", name, reporter=name)]
            return _gate_blockers(state.active_gates, name)
        is_none = state.proposed.effective != state.proposed.dry
        if not is_none or state.proposed.dry != state.active.dry:
            return [Blocker(f"{name} has not been promoted to this change", name, reporter=name)]
        if waiting := _gate_blockers(state.active_gates, name):
            return waiting
    return []


def _skips(release: Hydrated, environment: Environment) -> bool:
    """Tells whether a release need not have been in an environment that comes before."""
    return release.skip_staging and environment.staging


def _has_passed(state: EnvironmentState, release: Hydrated) -> bool:
    passed = all(gate.phase is Phase.SUCCESS for gate in state.active_gates)
    return passed and state.active.record == release.record


def _failures(earlier: Sequence[EnvironmentState], release: Hydrated) -> list[Blocker]:
    """Holds back a release that was seen to be bad where it did not have to be seen at all."""
    found = []
    for state in earlier:
        if _skips(release, state.environment):
            gates = [gate for record, gate in state.failed if record == release.record]
            found += _gate_blockers(gates, state.environment.name)
    return found


def _absent(environment: Environment) -> Blocker:
    name = environment.name
    if environment.tracks:
        return Blocker(f"{name} follows {environment.tracks} and has not taken this change", name, reporter=name)
    return Blocker(f"{name} is not hydrated for this change", name, reporter=THE_HYDRATOR)


def _gate_blockers(gates: Sequence[GateState], name: str) -> list[Blocker]:
    found = []
    for state in gates:
        if state.phase is not Phase.SUCCESS:
            how = "has failed" if state.phase is Phase.FAILURE else "has not passed"
            reason = f"{name} {how} {state.gate.key}"
            if state.gate.key == ROLLBACK_KEY:
                reason = f"{name} has rolled this release back"
            found.append(Blocker(reason, name, state.gate.key, state.phase, state.gate.reporter))
    return found
