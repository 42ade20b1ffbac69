"""Rollbacks: an environment gets an earlier release of its own again, and does not take the present one back.

A rollback is one commit on the environment's branch, with the content of an earlier commit of that branch, and one on
the results branch that keeps the release out. Both are pushed at once, or neither.
"""

from collections.abc import Sequence
from typing import NamedTuple

from release_kit.documents import gate_result, hydrator_metadata, release_record
from release_kit.documents.environments import Environment
from release_kit.documents.fields import parse_document
from release_kit.documents.gate_result import GateResult
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.promotion import messages, refusals
from release_kit.engines.promotion.model import Hydrated
from release_kit.engines.promotion.refusals import Refusal, RefusedError
from release_kit.engines.promotion.setting import Races, Setting
from release_kit.engines.promotion.state import ROLLED_BACK, reported
from release_kit.errors import InputError, ReleaseError
from release_kit.values.commit import Change, branch_ref
from release_kit.values.promotion_gate import ROLLBACK_KEY, Kind, Phase, Target

REPORTER = "release-kit rollback"
MAX_COMMITS = 1000
"""How far back on an environment's branch a release is looked for."""


class Order(NamedTuple):
    """A rollback that somebody wants."""

    environment: Environment
    version: str = ""
    """What to go back to; empty: the last good release."""
    reason: str = ""
    """For those who read the history."""
    dry_run: bool = False


class Outcome(NamedTuple):
    """What became of the environment."""

    environment: str
    version: str
    """What is active now."""
    record: str
    """Its identity."""
    before: str
    """The version that was rolled back."""
    commit: str
    """The head of the active branch; empty where nothing is written."""
    done: bool
    """Whether this run did it; False: it was so already, or nothing is written."""


class Earlier(NamedTuple):
    """A release that was active once."""

    commit: str
    record: ReleaseRecord
    identity: str
    dry: str


def order(setting: Setting, environment: str, version: str = "", reason: str = "", dry_run: bool = False) -> Order:
    """Checks what is asked for.

    Raises:
        InputError: there is no such environment, it has no branch, or the reason can't stand in a commit's message.
    """
    chosen = setting.declared.environment(environment, "--environment")
    if chosen.tracks:
        remedy = "pin a version in its Application, or release a version that is higher"
        raise InputError(f"--environment: {environment} takes {chosen.tracks} by itself: nothing pins it", remedy)
    if not reason.isprintable() or len(reason) > gate_result.MAX_DESCRIPTION:
        expected = f"printable text of {gate_result.MAX_DESCRIPTION} characters at most, in one line"
        raise InputError(f"--reason: expected {expected}, found {reason!r:.100}")
    return Order(chosen, version, reason.strip(), dry_run)


def roll_back(setting: Setting, wanted: Order) -> Outcome:
    """Brings an earlier release back.

    Raises:
        RefusedError: there is none, or it is not in the registry as it was; nothing was written.
        ReleaseError: another release was promoted meanwhile.
    """
    races, first = Races(), ""
    while True:
        active = setting.read().state(wanted.environment).active
        if done := _done(setting, wanted, active):
            return done
        first = _same(first, active, wanted)
        target = _target(setting, wanted, active)
        if found := tuple(refusals.of_drift(target.record, setting)):
            raise _refused(wanted, active, found)
        if wanted.dry_run:
            return _outcome(wanted, target, active, "")
        changes = _changes(setting, wanted, active, target)
        if races.won(setting, changes):
            return _outcome(wanted, target, active, changes[0].new)


def earlier(setting: Setting, environment: Environment, active: Hydrated) -> Sequence[Earlier]:
    """Returns the releases that were active before the present one, newest first, each as it was last.

    Raises:
        InputError: a record in the branch's history is none.
    """
    if not active.commit:
        return []
    commits = setting.repository.history(active.commit, MAX_COMMITS)
    shas = [commit.sha for commit in commits]
    records = setting.repository.file_of_each(shas, release_record.FILE_NAME)
    metadata = setting.repository.file_of_each(shas, hydrator_metadata.FILE_NAME)
    found: dict[str, Earlier] = {}
    for sha in shas:
        if sha in records and sha in metadata:
            place = f"{environment.branch}: {sha:.12}"
            record = parse_document(records[sha], f"{place}: {release_record.FILE_NAME}", release_record.from_fields)
            dry = hydrator_metadata.parse(metadata[sha], f"{place}: {hydrator_metadata.FILE_NAME}").dry_sha
            identity = release_record.identity(record)
            found.setdefault(identity, Earlier(sha, record, identity, dry))
    return [each for identity, each in found.items() if identity != active.record]


def _done(setting: Setting, wanted: Order, active: Hydrated) -> Outcome | None:
    """Tells whether the environment is where it was to go."""
    if not active.record:
        reason = f"nothing is active in {wanted.environment.name}"
        raise _refused(wanted, active, (Refusal(reason, "a person", ("promote", "--to", wanted.environment.name)),))
    commit = setting.repository.commit(active.commit)
    before = messages.trailers_of(commit.message).get(messages.ROLLED_BACK_FROM, "")
    if wanted.version == active.version or (before and not wanted.version):
        name = wanted.environment.name
        return Outcome(name, active.version, active.record, before, active.commit, done=False)
    return None


def _same(first: str, active: Hydrated, wanted: Order) -> str:
    """Holds on to the release that was meant: a newer one, promoted meanwhile, is not what was to be rolled back."""
    if first and first != active.record:
        name = wanted.environment.name
        message = f"{name}: {active.version} was promoted meanwhile; nothing was rolled back"
        raise ReleaseError(message, "look at what is active now, and roll it back if it should be")
    return active.record


def _target(setting: Setting, wanted: Order, active: Hydrated) -> Earlier:
    candidates = earlier(setting, wanted.environment, active)
    if wanted.version:
        named = [each for each in candidates if each.record.version == wanted.version]
        reasons = [] if named else [_unknown(wanted, candidates)]
    else:
        faults = [(each, _fault(setting, wanted.environment, each)) for each in candidates]
        named = [each for each, fault in faults if not fault]
        reasons = [_bad(wanted, each, fault) for each, fault in faults if fault]
    if not named:
        none = Refusal(f"{wanted.environment.name} had no release before {active.version}", "nobody")
        raise _refused(wanted, active, tuple(reasons) or (none,))
    return named[0]


def _fault(setting: Setting, environment: Environment, each: Earlier) -> str:
    """Returns why a release was no good one; empty where all that was to be reported of it was a success.

    What only takes time is not asked for: a release that a newer one followed soon was not a bad one.
    """
    results = setting.results.of(environment.name, each.identity)
    if reported(ROLLED_BACK, results).phase is Phase.FAILURE:
        return "was rolled back"
    for gate in setting.declared.gates_of(environment, Target.ACTIVE):
        if gate.kind is not Kind.TIMER and reported(gate, results, each.dry).phase is not Phase.SUCCESS:
            return f"did not pass {gate.key}"
    return ""


def _bad(wanted: Order, each: Earlier, fault: str) -> Refusal:
    name, version = wanted.environment.name, each.record.version
    command = ("rollback", "--environment", name, "--to", version)
    return Refusal(f"{version} {fault} in {name}", "a person", command)


def _unknown(wanted: Order, candidates: Sequence[Earlier]) -> Refusal:
    known = ", ".join(each.record.version for each in candidates[:10]) or "none"
    name = wanted.environment.name
    return Refusal(f"{wanted.version!r:.100} never ran in {name}; what did: {known:.500}", "nobody")


def _refused(wanted: Order, active: Hydrated, found: tuple[Refusal, ...]) -> RefusedError:
    return RefusedError(f"{wanted.environment.name} stays at {active.version or 'nothing'}", found)


def _outcome(wanted: Order, target: Earlier, active: Hydrated, commit: str) -> Outcome:
    version, name = target.record.version, wanted.environment.name
    return Outcome(name, version, target.identity, active.version, commit, done=bool(commit))


def _changes(setting: Setting, wanted: Order, active: Hydrated, target: Earlier) -> list[Change]:
    """Makes both commits of a rollback."""
    name, release = wanted.environment.name, setting.declared.name
    trailers = {
        messages.RECORD: target.identity,
        messages.DRY: target.dry,
        messages.ROLLED_BACK_FROM: active.version,
        messages.ROLLED_BACK_RECORD: active.record,
    }
    title = f"Roll {name} back to {release} {target.record.version}"
    message = messages.rollback(title, wanted.reason, trailers)
    commit = setting.repository.copy_commit(target.commit, [active.commit], message)
    return [
        Change(branch_ref(wanted.environment.branch), active.commit, commit),
        _kept_out(setting, wanted, active, target),
    ]


def _kept_out(setting: Setting, wanted: Order, active: Hydrated, target: Earlier) -> Change:
    """Makes the commit that keeps the present release out, and lets the earlier one be."""
    name, now = wanted.environment.name, setting.clock()
    bad = GateResult(
        name, active.record, active.version, ROLLBACK_KEY, Phase.FAILURE, REPORTER, now, description=wanted.reason
    )
    results = [bad]
    if reported(ROLLED_BACK, setting.results.of(name, target.identity)).phase is Phase.FAILURE:
        version = target.record.version
        results.append(bad._replace(record=target.identity, version=version, phase=Phase.SUCCESS))
    title = f"Keep {setting.declared.name} {active.version} out of {name}"
    return setting.results.change(results, f"{title}\n\n{messages.RECORD}: {active.record}\n")
