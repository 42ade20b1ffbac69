"""Promotions by CI: what GitOps Promoter's controller does, as one commit each.

A promotion is a merge commit on the environment's branch, with the content of what is proposed. It is pushed on the
condition that the branch has not moved meanwhile; if it has, everything is read and decided anew.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from release_kit.documents.environments import Environment
from release_kit.documents.gate_result import GateResult
from release_kit.engines.promotion import messages, model, refusals
from release_kit.engines.promotion.model import EnvironmentState
from release_kit.engines.promotion.refusals import Refusal, RefusedError, Subject
from release_kit.engines.promotion.report import Released
from release_kit.engines.promotion.setting import Races, Setting
from release_kit.engines.promotion.state import Snapshot
from release_kit.engines.promotion.wanted import ANYTHING, version_of
from release_kit.errors import InputError
from release_kit.values.commit import Change, branch_ref
from release_kit.values.promotion_gate import ROLLBACK_KEY, Phase

REPORTER = "release-kit promote"


class Order(NamedTuple):
    """A promotion that somebody wants."""

    environment: Environment
    source: str = ""
    """The environment that has to come before it; empty for whichever does."""
    again: bool = False
    """Even though the release was rolled back there."""
    dry_run: bool = False
    released: Released = ANYTHING
    """The release that is meant; empty for whatever is proposed."""


class Outcome(NamedTuple):
    """What became of one environment."""

    environment: str
    source: str
    """The environment that comes before and is not skipped; empty for the first one."""
    version: str
    record: str
    """The identity of the release."""
    before: str
    """The version that was active before; empty for none."""
    commit: str
    """The head of the active branch; empty where nothing is written."""
    done: bool
    """Whether this run did it; False: it was so already, or nothing is written."""
    skipped: tuple[str, ...] = ()
    """Environments that come before and were not waited for, as the release skips staging."""


class Waiting(NamedTuple):
    """A change that is not promoted."""

    environment: str
    version: str
    refusals: tuple[Refusal, ...]
    failed: bool
    """Whether it waits for nothing that could come by itself."""


def order(setting: Setting, environment: str, source: str = "", again: bool = False, dry_run: bool = False) -> Order:
    """Checks what is asked for.

    Raises:
        InputError: there is no such environment, it has no branch, or `source` is not the one before it.
    """
    chosen = setting.declared.environment(environment, "--to")
    if chosen.tracks:
        remedy = "let it pin a version (no tracks) to promote to it"
        raise InputError(f"--to: {environment} takes {chosen.tracks} by itself: nobody promotes to it", remedy)
    names = [each.name for each in setting.declared.environments]
    before = names[names.index(environment) - 1] if names.index(environment) else ""
    if source and source != before:
        found = f"{before} is" if before else "nothing is"
        raise InputError(f"--from: {found} before {environment} in {setting.declared.name}, not {source!r:.100}")
    return Order(chosen, source, again, dry_run)


def promote(setting: Setting, wanted: Order) -> Outcome:
    """Does the promotion of a person: gates hold, `automatic` does not.

    Raises:
        RefusedError: something stands against it; nothing was written.
    """
    races = Races()
    while True:
        subject = permitted(setting, wanted)
        if subject.is_done:
            return outcome(subject, subject.own.active.commit)
        if wanted.dry_run:
            return outcome(subject, "")
        changes = _changes(subject, setting)
        if races.won(setting, changes):
            return outcome(subject, changes[0].new, done=True)


def permitted(setting: Setting, wanted: Order) -> Subject:
    """Reads all states and returns a promotion that nothing stands against, or that has happened already.

    Raises:
        RefusedError: something stands against it.
    """
    snapshot = setting.read()
    names = [state.environment.name for state in snapshot.states]
    subject = Subject(snapshot, names.index(wanted.environment.name), wanted.again, wanted.released)
    if not subject.is_done and (found := tuple(_against(subject, setting))):
        raise _refused(subject, found)
    return subject


def _against(subject: Subject, setting: Setting) -> Iterator[Refusal]:
    """Finds all that stands against a promotion; of what is active already, only that it is another release."""
    yield from refusals.of_wanted(subject)
    if subject.own.has_change or not subject.own.proposed.dry:
        yield from refusals.of_gates(subject)
        yield from refusals.of_record(subject, setting)


def promote_all(setting: Setting, dry_run: bool = False) -> tuple[tuple[Outcome, ...], tuple[Waiting, ...]]:
    """Does all promotions that need no person, until nothing more is possible.

    Returns:
        What was promoted, in order, and what is proposed and waits.
    """
    done: list[Outcome] = []
    failed: dict[str, Waiting] = {}
    races = Races()
    while True:
        snapshot = setting.read()
        passed = {*failed, *(each.record + each.environment for each in done if dry_run)}
        subject = _next(snapshot, passed)
        if subject is None:
            return tuple(done), (*failed.values(), *_waiting(snapshot, passed))
        own = subject.own
        if found := refusals.of_record(subject, setting):
            failed[_mark(own)] = Waiting(own.environment.name, own.proposed.version, found, failed=True)
        elif dry_run:
            done.append(outcome(subject, ""))
        else:
            changes = _changes(subject, setting)
            if races.won(setting, changes):
                done.append(outcome(subject, changes[0].new, done=True))


def _refused(subject: Subject, found: tuple[Refusal, ...]) -> RefusedError:
    """Returns the error that tells all reasons."""
    own = subject.own
    things = "1 thing stands" if len(found) == 1 else f"{len(found)} things stand"
    stays = f"{own.environment.name} stays at {own.active.version or 'nothing'}"
    version = version_of(subject.wanted) or own.proposed.version
    return RefusedError(f"{stays}: {things} against {version or 'a promotion'}", found)


def _next(snapshot: Snapshot, passed: Iterable[str]) -> Subject | None:
    """Returns the first change that may be merged now, but for those that were looked at."""
    for position in model.automatic(snapshot.states):
        subject = Subject(snapshot, position)
        if _mark(subject.own) not in passed and not refusals.of_gates(subject):
            return subject
    return None


def _waiting(snapshot: Snapshot, passed: Iterable[str]) -> Iterable[Waiting]:
    for position, own in enumerate(snapshot.states):
        if own.has_change and _mark(own) not in passed:
            found = refusals.of_gates(Subject(snapshot, position)) or (_by_hand(own),)
            yield Waiting(own.environment.name, own.proposed.version, found, failed=False)


def _by_hand(own: EnvironmentState) -> Refusal:
    name = own.environment.name
    return Refusal(f"a person has to promote to {name}", model.A_PERSON, ("promote", "--to", name))


def _mark(own: EnvironmentState) -> str:
    return own.proposed.record + own.environment.name


def outcome(subject: Subject, commit: str, done: bool = False) -> Outcome:
    """Returns what became of a promotion; `commit` is the head of the active branch."""
    own = subject.own
    source = subject.source.environment.name if subject.source else ""
    content = subject.content
    return Outcome(
        environment=own.environment.name,
        source=source,
        version=content.version,
        record=content.record,
        before=own.active.version,
        commit=commit,
        done=done,
        skipped=subject.skipped if content is own.proposed else (),
    )


def _changes(subject: Subject, setting: Setting) -> list[Change]:
    """Makes the commits of a promotion: that of the environment, and that which forgives a rollback."""
    own = subject.own
    ref = branch_ref(own.environment.branch)
    head = setting.repository.ref(ref)
    parents = [parent for parent in (head, own.proposed.commit) if parent]
    message = messages.promotion(setting.declared.name, subject.snapshot.states, subject.position)
    merge = setting.repository.copy_commit(own.proposed.commit, parents, message)
    changes = [Change(ref, head, merge)]
    if is_kept_out(own):
        changes.append(forgiven(setting, own))
    return changes


def is_kept_out(own: EnvironmentState) -> bool:
    """Tells whether what is proposed was rolled back."""
    return any(state.gate.key == ROLLBACK_KEY for state in own.proposed_gates)


def forgiven(setting: Setting, own: EnvironmentState) -> Change:
    """Makes the commit that lets a release in again where it was rolled back."""
    name, proposed = own.environment.name, own.proposed
    result = GateResult(name, proposed.record, proposed.version, ROLLBACK_KEY, Phase.SUCCESS, REPORTER, setting.clock())
    title = f"Let {setting.declared.name} {proposed.version} into {name} again"
    return setting.results.change([result], f"{title}\n\n{messages.RECORD}: {proposed.record}\n")
