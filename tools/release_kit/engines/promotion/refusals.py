"""Why a release is not promoted to an environment: all reasons at once, each with who can end it and how."""

from collections.abc import Iterator
from typing import NamedTuple

from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.gates.chart_rules.constraints import parse_version
from release_kit.engines.promotion import branches, model, wanted
from release_kit.engines.promotion.model import Blocker, EnvironmentState, Hydrated
from release_kit.engines.promotion.report import Released
from release_kit.engines.promotion.setting import Setting
from release_kit.engines.promotion.state import Snapshot
from release_kit.errors import ReleaseError
from release_kit.values.promotion_gate import ROLLBACK_KEY, Kind


class Refusal(NamedTuple):
    """One thing that stands against a promotion."""

    reason: str
    who: str
    """Who reports it, or can change it."""
    command: tuple[str, ...] = ()
    """What would help, without the program's name and the declaration; empty where no command does."""


class RefusedError(ReleaseError):
    """A promotion or a rollback is refused."""

    def __init__(self, message: str, refusals: tuple[Refusal, ...]) -> None:
        """Takes all reasons."""
        super().__init__(message, "do what the table names, then run the same command again")
        self.refusals = refusals


class Subject(NamedTuple):
    """A promotion that is asked for."""

    snapshot: Snapshot
    position: int
    """Of the environment in the declaration."""
    again: bool = False
    """Even though the release was rolled back here."""
    wanted: Released = wanted.ANYTHING
    """The release that may be promoted; empty for whatever is proposed."""

    @property
    def own(self) -> EnvironmentState:
        """The state of the environment."""
        return self.snapshot.states[self.position]

    @property
    def source(self) -> EnvironmentState | None:
        """The state of the environment that comes before, but for those that are skipped; None for the first one."""
        return model.source(self.snapshot.states, self.position)

    @property
    def skipped(self) -> tuple[str, ...]:
        """The environments that come before and were not waited for, in order."""
        return model.skipped(self.snapshot.states, self.position)

    @property
    def content(self) -> Hydrated:
        """What is proposed; what is active, where only that is wanted."""
        own = self.own
        is_active = not wanted.fits(self.wanted, own.proposed) and wanted.fits(self.wanted, own.active)
        return own.active if is_active else own.proposed

    @property
    def is_done(self) -> bool:
        """Whether what is wanted is active already."""
        content, own = self.content, self.own
        return bool(own.proposed.dry) and content.dry == own.active.dry and wanted.fits(self.wanted, content)


def of_wanted(subject: Subject) -> Iterator[Refusal]:
    """Returns what stands against whatever is not the release that is wanted."""
    own, version = subject.own, wanted.version_of(subject.wanted)
    if not own.proposed.dry or wanted.fits(subject.wanted, own.proposed):
        return
    name, found = own.environment.name, wanted.instead(subject.wanted, own.proposed)
    is_older = _is_older(Hydrated(version=version), own.proposed)
    if own.has_change:
        reason, later = f"{name} proposes {found}", ("promote", "--to", name, "--release", own.proposed.version)
    else:
        reason = f"{name} runs {found.replace(',', ' already,', 1)}"
        later = ("rollback", "--environment", name, "--to", version)
    if is_older:
        yield Refusal(reason, model.A_PERSON, later)
    else:
        how = ("--record", "RECORD.json") if subject.wanted.record else ("--release", version)
        yield Refusal(reason, "the hydrator", ("hydrate", *how))


def of_gates(subject: Subject) -> tuple[Refusal, ...]:
    """Returns what the gates, and the environments that come before, have against a promotion by a person."""
    if not subject.own.proposed.dry:
        name = subject.own.environment.name
        return (Refusal(f"nothing is proposed for {name}", "the hydrator", ("hydrate",)),)
    found = [each for each in model.blockers(subject.snapshot.states, subject.position) if not _is_person(each)]
    if subject.again:
        found = [each for each in found if not model.is_rolled_back(each, subject.own.environment)]
    refusals = [_of_blocker(each, subject) for each in found]
    return (*refusals, *_of_order(subject, found))


def of_record(subject: Subject, setting: Setting) -> tuple[Refusal, ...]:
    """Returns what the release itself has against it: where it is from, its version, and its artefacts."""
    own = subject.own
    if not own.proposed.dry:
        return ()
    record = branches.record_at(setting.repository, own.proposed.commit, own.environment.proposed_branch)
    if record is None:
        reason = f"{own.environment.proposed_branch} has no release record"
        return (Refusal(reason, "the hydrator", ("hydrate",)),)
    return (*_backwards(own), *of_drift(record, setting))


def of_drift(record: ReleaseRecord, setting: Setting) -> Iterator[Refusal]:
    """Compares a release's artefacts in the registry with its record."""
    for drift in setting.drifts(record.without_moving_tags()):
        reason = f"{drift.place} is not as it was released: expected {drift.expected}, found {drift.found}"
        yield Refusal(reason, "whoever may write to the registry")


def _of_order(subject: Subject, found: list[Blocker]) -> Iterator[Refusal]:
    """Holds the release to the one that the environment before runs, however it got onto the branch."""
    source, own = subject.source, subject.own
    if source and source.active.record != own.proposed.record and all(each.key for each in found):
        name = source.environment.name
        reason = f"{name} runs {_version(source.active)}, and not the {_version(own.proposed)} that is proposed"
        yield Refusal(reason, name, ("hydrate",))


def _backwards(own: EnvironmentState) -> Iterator[Refusal]:
    if not own.active.dry or not _is_older(own.proposed, own.active):
        return
    reason = f"{own.environment.name} would go back from {own.active.version} to {own.proposed.version}"
    yield Refusal(reason, "a person", ("rollback", "--environment", own.environment.name, "--to", own.proposed.version))


def _is_older(one: Hydrated, other: Hydrated) -> bool:
    """Compares versions; what has none is as old as its dry commit."""
    left, right = parse_version(one.version), parse_version(other.version)
    if left is None or right is None:
        return one.dry_time < other.dry_time
    return left < right


def _is_person(blocker: Blocker) -> bool:
    return not blocker.key and blocker.reporter == model.A_PERSON


def _of_blocker(blocker: Blocker, subject: Subject) -> Refusal:
    if blocker.key == ROLLBACK_KEY:
        reason = f"{_version(subject.own.proposed)} was rolled back in {blocker.environment}"
        return Refusal(reason, model.A_PERSON, ("promote", "--to", blocker.environment, "--again"))
    if blocker.key:
        return Refusal(blocker.reason, blocker.reporter, _report(blocker, subject))
    return _of_earlier(blocker, subject)


def _report(blocker: Blocker, subject: Subject) -> tuple[str, ...]:
    """Returns how a gate is reported; nothing for one that only time opens."""
    state = next(each for each in subject.snapshot.states if each.environment.name == blocker.environment)
    known = (*state.active_gates, *state.proposed_gates, *(gate for _, gate in state.failed))
    gate = next(each.gate for each in known if each.gate.key == blocker.key)
    if gate.kind in (Kind.TIMER, Kind.SCHEDULE):
        return ()
    where = ("--environment", blocker.environment, "--gate", blocker.key)
    is_own = state is subject.own or blocker.environment in subject.skipped
    content = subject.own.proposed if is_own else state.active
    return ("report", *where, "--phase", "success", "--release", content.version)


def _of_earlier(blocker: Blocker, subject: Subject) -> Refusal:
    """Says what an earlier environment runs instead of what is proposed."""
    state = next(each for each in subject.snapshot.states if each.environment.name == blocker.environment)
    versions = f"it runs {_version(state.active)}, and {_version(subject.own.proposed)} is proposed here"
    reason = f"{blocker.reason}: {versions}"
    if state.environment.tracks:
        return Refusal(reason, f"Argo CD, which takes {state.environment.tracks} there", ("hydrate",))
    if blocker.reporter == model.THE_HYDRATOR:
        return Refusal(reason, blocker.reporter, ("hydrate",))
    return Refusal(reason, blocker.reporter, ("promote", "--to", blocker.environment))


def _version(content: Hydrated) -> str:
    return content.version or "nothing"
