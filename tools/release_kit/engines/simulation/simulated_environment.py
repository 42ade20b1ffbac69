"""One environment of a simulation: what is on its two branches, and what is known of its gates."""

from collections.abc import Sequence
from typing import NamedTuple

from release_kit.documents.environments import Environment, Environments
from release_kit.documents.promotion_gates import seconds
from release_kit.engines.promotion import time_windows
from release_kit.engines.promotion.model import EnvironmentState, GateState, Hydrated
from release_kit.engines.promotion.state import ROLLED_BACK
from release_kit.values.promotion_gate import Kind, Phase, PromotionGate, Target

_NEVER = 1 << 62
Files = tuple[tuple[str, int], ...]


class Content(NamedTuple):
    """What a commit on a branch holds."""

    hydrated: Hydrated
    files: Files = ()
    revision: int = 0
    """Of the environment's values."""


class _Result(NamedTuple):
    """What was reported of a gate for one release."""

    dry: str
    """The dry commit whose values it was seen with."""
    phase: Phase
    since: int


class SimulatedEnvironment:
    """Changes only by what the stage does to it; its state is worked out when it is asked for."""

    def __init__(self, environment: Environment, declared: Environments) -> None:
        """Begins with nothing on its branches."""
        self.environment = environment
        self.active, self.proposed = Content(Hydrated()), Content(Hydrated())
        self.revision = 0
        """Of its values, as they are in the newest dry commit."""
        self.has_diverged = False
        """Whether the active branch has something that the proposed one was not made from."""
        self.is_back = False
        """Whether what is active came back by a rollback."""
        self.history: list[Content] = []
        """All that was active, oldest first."""
        self._all = declared.gates_of(environment)
        self._gates = {target: declared.gates_of(environment, target) for target in Target}
        self._results: dict[str, dict[str, _Result]] = {}
        self._watched = ""
        """The release that need not pass here, and of which only failures count."""
        self._known: EnvironmentState | None = None
        self._from, self._until = 0, 0

    def change(self, **contents: Content) -> None:
        """Puts something else on `active` or `proposed`, or both."""
        for name, content in contents.items():
            setattr(self, name, content)
        if "active" in contents:
            self.history.append(self.active)
        self._known = None

    def switch(self, automatic: bool) -> None:
        """Turns promotions without a person on or off."""
        self.environment = self.environment._replace(automatic=automatic)
        self._known = None

    def watch(self, record: str) -> None:
        """Says which release is proposed without waiting for this environment; empty for none."""
        watched = record if self.environment.staging else ""
        if watched != self._watched:
            self._watched, self._known = watched, None

    def has_other_values(self, record: str, key: str, dry: str) -> bool:
        """Tells whether a release is here with other values than a gate was seen with: nobody takes such a result."""
        gate = next(gate for gate in self._all if gate.key == key)
        content = (self.active if gate.target is Target.ACTIVE else self.proposed).hydrated
        return not self.environment.tracks and content.record == record and content.dry != dry

    def report(self, record: str, key: str, dry: str, phase: Phase, now: int) -> None:
        """Writes down the result of a gate; the same result again is no news."""
        known = self._results.setdefault(record, {}).get(key)
        if known is None or known.phase is not phase or not self._is_about(known, dry):
            self._results[record][key] = _Result(dry, phase, now)
            self._known = None

    def state(self, now: int) -> EnvironmentState:
        """Returns the state at a time; the same object as long as nothing is different."""
        if self._known is None or not self._from <= now < self._until:
            self._from, self._until = now, _NEVER
            self._known = self._state(now)
        return self._known

    def last_good(self) -> Content | None:
        """Returns the newest release before the present one of which all that was reported was a success."""
        return next((each for each in self.earlier() if self._is_good(each.hydrated)), None)

    def earlier(self) -> Sequence[Content]:
        """Returns the releases that were active before the present one, newest first, each as it was last."""
        found: dict[str, Content] = {}
        for content in reversed(self.history):
            if content.hydrated.record:
                found.setdefault(content.hydrated.record, content)
        return [each for record, each in found.items() if record != self.active.hydrated.record]

    def is_rolled_back(self, record: str) -> bool:
        """Tells whether a release is kept out."""
        found = self._results.get(record, {}).get(ROLLED_BACK.key)
        return found is not None and found.phase is Phase.FAILURE

    def _is_good(self, content: Hydrated) -> bool:
        gates = [gate for gate in self._gates[Target.ACTIVE] if gate.kind is not Kind.TIMER]
        passed = all(self._reported(gate, content).phase is Phase.SUCCESS for gate in gates)
        return passed and not self.is_rolled_back(content.record)

    def _state(self, now: int) -> EnvironmentState:
        active, proposed = self.active.hydrated, self.proposed.hydrated
        of_active = tuple(self._gate(gate, active, now) for gate in self._gates[Target.ACTIVE])
        of_proposed: tuple[GateState, ...] = ()
        if not self.environment.tracks:
            of_proposed = tuple(self._gate(gate, proposed, now) for gate in self._gates[Target.PROPOSED])
        if self.is_rolled_back(proposed.record):
            result = self._results[proposed.record][ROLLED_BACK.key]
            of_proposed += (GateState(ROLLED_BACK, result.phase, result.since),)
        return EnvironmentState(self.environment, active, proposed, of_active, of_proposed, self._failed())

    def _failed(self) -> tuple[tuple[str, GateState], ...]:
        """Returns what has failed of the release that is watched, with whatever values."""
        results = self._results.get(self._watched, {})
        known = [(gate, results[gate.key]) for gate in (*self._all, ROLLED_BACK) if gate.key in results]
        failed = [(gate, result) for gate, result in known if result.phase is Phase.FAILURE]
        return tuple((self._watched, GateState(gate, result.phase, result.since)) for gate, result in failed)

    def _gate(self, gate: PromotionGate, content: Hydrated, now: int) -> GateState:
        if not content.dry:
            return GateState(gate)
        if gate.kind is Kind.TIMER:
            when = content.since + seconds(gate.duration)
            if when <= now:
                return GateState(gate, Phase.SUCCESS, when)
            self._until = min(self._until, when)
            return GateState(gate)
        if gate.kind is Kind.SCHEDULE:
            self._until = now + 1
            return GateState(gate, Phase.SUCCESS if time_windows.is_open(gate, now) else Phase.PENDING)
        return self._reported(gate, content)

    def _reported(self, gate: PromotionGate, content: Hydrated) -> GateState:
        found = self._results.get(content.record, {}).get(gate.key)
        if found is None or not self._is_about(found, content.dry):
            return GateState(gate)
        return GateState(gate, found.phase, found.since)

    def _is_about(self, result: _Result, dry: str) -> bool:
        """Tells whether a result counts; the release is all that counts where there is no branch."""
        return result.dry == dry or bool(self.environment.tracks)
