"""The simulated promoter: a stage whose environments are branches of a repository of its own."""

from collections.abc import Sequence
from itertools import pairwise

from release_kit.documents.environments import Environments
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.gates.chart_rules.constraints import parse_constraint, parse_version
from release_kit.engines.promotion import messages
from release_kit.engines.promotion.model import A_PERSON, Blocker, EnvironmentState, blockers, is_rolled_back
from release_kit.engines.simulation.simulated_environment import Content, SimulatedEnvironment
from release_kit.engines.simulation.stage import Report, release_record_of
from release_kit.engines.simulation.written import DryRelease, Pen
from release_kit.errors import InputError, ReleaseError
from release_kit.ports import CommitWriter
from release_kit.values import version as versions
from release_kit.values.promotion_gate import ROLLBACK_KEY, Phase, Target
from release_kit.values.release_number import ReleaseNumber

ORDERED_SINCE = ReleaseNumber(0, 38, 0)
"""The first GitOps Promoter that keeps the order whatever gates there are: DependentsSuccessfulCommitStatus does."""


class SimulatedStage:
    """Implements the protocol Stage."""

    def __init__(self, declared: Environments, declaration: bytes, writer: CommitWriter, now: int) -> None:
        """Begins the branches of all environments.

        Args:
            declared: the environments; the rules are those of its `promoter.release`.
            declaration: the document that they were read from.
            writer: makes the commits.
            now: the time, in seconds since 1970.
        """
        self._declared, self._now = declared, now
        self._pen = Pen(declared, declaration, writer)
        self._places = [SimulatedEnvironment(environment, declared) for environment in declared.environments]
        for place in self._places:
            if not place.environment.tracks:
                begun = Content(self._pen.bootstrap(place.environment, now))
                place.change(active=begun, proposed=begun)
        self._unordered = {self._position(after) for _, after in unordered(declared)}
        self._newest: DryRelease | None = None
        self._records: dict[str, str] = {}
        self._is_settled = True

    def advance(self, now: int) -> None:
        """Says what time it is; does all promotions that need no person."""
        if now == self._now and self._is_settled:
            return
        self._now, self._is_settled = now, True
        states = list(self.states())
        for position, state in enumerate(states):
            if state.has_change and not self._against(states, position):
                self._promote(position)
                states[position] = self._state(position)

    def release(self, version: str, skip_staging: bool) -> None:
        """Makes a dry commit of a new release, and hydrates it."""
        self._hydrate(release_record_of(self._declared, version, skip_staging))

    def change(self, environments: Sequence[str]) -> None:
        """Makes a dry commit of the newest release with other values, and hydrates it."""
        if self._newest is None:
            raise ReleaseError("there is no release whose values could change", "release something before")
        for name in environments:
            self._places[self._position(name)].revision += 1
        self._hydrate(self._newest.record)

    def report(self, report: Report) -> None:
        """Takes the result of a gate for the release that it names, and the dry commit."""
        record = self._records.get(report.version, "")
        place = self._places[self._position(report.environment)]
        if not place.has_other_values(record, report.key, report.dry):
            place.report(record, report.key, report.dry, report.phase, self._now)
            self._is_settled = False

    def merge(self, environment: str, again: bool) -> None:
        """Is the promotion by a person."""
        position = self._position(environment)
        state = self._state(position)
        if not state.proposed.dry:
            raise ReleaseError(f"nothing is proposed for {environment}", "release something first")
        if not state.has_change:
            return
        found = [each for each in self.blockers(position) if each.key or each.reporter != A_PERSON]
        if against := [each.reason for each in found if not (again and is_rolled_back(each, state.environment))]:
            raise ReleaseError(f"{environment} can't be promoted to {state.proposed.version}: {', '.join(against)}")
        self._promote(position)
        self._is_settled = False

    def hold(self, environment: str) -> None:
        """Turns promotions without a person off."""
        self._places[self._position(environment)].switch(automatic=False)

    def resume(self, environment: str) -> None:
        """Lets promotions without a person be as the declaration says."""
        declared = self._declared.environment(environment, "resume")
        self._places[self._position(environment)].switch(declared.automatic)
        self._is_settled = False

    def rollback(self, environment: str, to: str) -> None:
        """Brings an earlier release back."""
        place = self._places[self._position(environment)]
        active = place.active.hydrated
        if to == active.version if to else place.is_back:
            return
        named = (each for each in place.earlier() if each.hydrated.version == to)
        target = next(named, None) if to else place.last_good()
        if target is None or not active.record:
            sought = f"{to} was never active there" if to else "none of its earlier releases passed all its gates"
            raise ReleaseError(f"{environment} stays at {active.version or 'nothing'}: {sought}")
        place.change(active=self._pen.roll_back(place, target, self._now))
        place.has_diverged = place.is_back = True
        place.report(active.record, ROLLBACK_KEY, active.dry, Phase.FAILURE, self._now)
        if place.is_rolled_back(target.hydrated.record):
            place.report(target.hydrated.record, ROLLBACK_KEY, active.dry, Phase.SUCCESS, self._now)
        self._is_settled = False

    def states(self) -> Sequence[EnvironmentState]:
        """Returns all environments in the order of the declaration."""
        return tuple(place.state(self._now) for place in self._places)

    def blockers(self, position: int) -> Sequence[Blocker]:
        """Returns what the proposed change of an environment waits for."""
        return self._against(self.states(), position)

    def _against(self, states: Sequence[EnvironmentState], position: int) -> Sequence[Blocker]:
        return blockers([states[position]], 0) if position in self._unordered else blockers(states, position)

    def _state(self, position: int) -> EnvironmentState:
        return self._places[position].state(self._now)

    def _position(self, name: str) -> int:
        for position, environment in enumerate(self._declared.environments):
            if environment.name == name:
                return position
        raise InputError(f"there is no environment {name!r:.100}")

    def _hydrate(self, record: ReleaseRecord) -> None:
        """Makes a dry commit, and brings what is proposed everywhere in step with it."""
        revisions = [(place.environment.name, place.revision) for place in self._places]
        self._newest = release = self._pen.dry(record, revisions, self._now)
        self._records[record.version] = release.identity
        self._is_settled = False
        for place in self._places:
            proposed = place.proposed
            place.watch(release.identity if record.skip_staging else "")
            if place.environment.tracks:
                self._take(place, release)
            elif record.skip_staging and _has_newer(place, record.version):
                continue
            elif (proposed.hydrated.record, proposed.revision) == (release.identity, place.revision):
                self._pen.note(proposed.hydrated.commit, release, self._now)
                place.change(proposed=proposed._replace(hydrated=proposed.hydrated._replace(note=release.sha)))
            else:
                place.change(proposed=self._pen.hydrate(place, release, self._now))
                place.has_diverged = False

    def _take(self, place: SimulatedEnvironment, release: DryRelease) -> None:
        """Lets an environment that tracks versions run a release, if it is the one that Argo CD would choose."""
        version, constraint = parse_version(release.record.version), parse_constraint(place.environment.tracks)
        present = parse_version(place.active.hydrated.version)
        if version is None or constraint is None or not constraint.allows(version):
            return
        if present is None or version >= present:
            taken = Content(release.content)
            place.change(active=taken, proposed=taken)

    def _promote(self, position: int) -> None:
        place, states = self._places[position], self.states()
        state, message = states[position], messages.promotion(self._declared.name, states, position)
        place.change(active=self._pen.promote(place, message, self._now))
        place.is_back = False
        if place.is_rolled_back(state.proposed.record):
            place.report(state.proposed.record, ROLLBACK_KEY, state.proposed.dry, Phase.SUCCESS, self._now)


def _has_newer(place: SimulatedEnvironment, version: str) -> bool:
    """Tells whether an environment is staging and tests something newer: what skips it leaves it alone."""
    proposed = place.proposed.hydrated.version
    if not place.environment.staging or not proposed:
        return False
    return versions.parse(proposed, "proposed").rank() > versions.parse(version, "version").rank()


def unordered(declared: Environments) -> Sequence[tuple[str, str]]:
    """Returns the pairs of environments whose order the declared release of GitOps Promoter does not keep.

    Before ORDERED_SINCE that are those of which the first has no gate about what is active
    (promotionstrategy_controller.go, v0.36.0).
    """
    if declared.promoter.release >= ORDERED_SINCE:
        return ()
    pairs = pairwise(declared.environments)
    return [(a.name, b.name) for a, b in pairs if not a.tracks and not declared.gates_of(a, Target.ACTIVE)]
