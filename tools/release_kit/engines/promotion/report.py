"""Reports: what somebody saw of a gate, as one commit on the results branch."""

import re
from collections.abc import Callable
from typing import NamedTuple

from release_kit.documents import gate_result
from release_kit.documents.environments import Environment
from release_kit.documents.gate_result import GateResult
from release_kit.documents.release_record import ReleaseRecord, identity
from release_kit.engines.promotion import branches, state
from release_kit.engines.promotion.messages import RECORD
from release_kit.engines.promotion.model import Hydrated
from release_kit.engines.promotion.setting import Races, Setting
from release_kit.errors import InputError, ReleaseError
from release_kit.values.promotion_gate import ORDER_KEY, RESERVED_KEYS, ROLLBACK_KEY, Kind, Phase, PromotionGate, Target

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
Before = Callable[[GateResult, str], None]
"""Sees a result, and the commit that it is about, before it is written; the commit is empty where none has it."""


class Seen(NamedTuple):
    """What somebody saw."""

    environment: Environment
    gate: PromotionGate
    phase: Phase
    description: str = ""
    url: str = ""
    reporter: str = ""
    """Empty: the one that the declaration names."""


class Released(NamedTuple):
    """The release that it was seen of; all of it empty: the one that is there now."""

    version: str = ""
    record: ReleaseRecord | None = None
    commit: str = ""
    """Of the environment's branch: what was deployed when the look began."""


def gate_of(setting: Setting, environment: str, key: str) -> tuple[Environment, PromotionGate]:
    """Finds the gate that is reported.

    Raises:
        InputError: there is no such environment or gate, or nobody may report it.
    """
    chosen = setting.declared.environment(environment, "--environment")
    if key in RESERVED_KEYS | {ORDER_KEY, ROLLBACK_KEY}:
        who = "rollback and promote --again do" if key == ROLLBACK_KEY else "the order of the environments is enough"
        raise InputError(f"--gate: {key} is not for anybody to report: {who}")
    gates = {gate.key: gate for gate in setting.declared.gates_of(chosen)}
    if key not in gates:
        known = ", ".join(gates) or "none"
        raise InputError(f"--gate: {environment} has no gate {key!r:.100}", f"its gates are {known}")
    if gates[key].kind in (Kind.TIMER, Kind.SCHEDULE):
        raise InputError(f"--gate: {key} is a {gates[key].kind}: the time alone opens it, nobody reports it")
    return chosen, gates[key]


def report(
    setting: Setting, seen: Seen, released: Released, before: Before = lambda *_: None
) -> tuple[GateResult, bool]:
    """Writes down what somebody saw.

    Args:
        setting: the environments.
        seen: what was seen.
        released: the release that it was seen of.
        before: may refuse what is to be written; where others are faster, it sees the result that comes of it, too.

    Returns:
        The result as it stands on the results branch, and whether this run wrote it.

    Raises:
        ReleaseError: nothing is there that it could be about, or somebody else reports this gate.
        InputError: a text of it can't be kept.
    """
    races = Races()
    while True:
        content = _content(setting, seen, released)
        result = gate_result.checked(_result(setting, seen, content))
        before(result, content.commit)
        known = setting.results.of(result.environment, result.record).get(result.key)
        if known is not None:
            if known.reporter != result.reporter:
                raise _another(known, result)
            if known._replace(time=0) == result._replace(time=0):
                return known, False
        change = setting.results.change([result], _message(setting, result))
        if races.won(setting, [change]):
            return result, True


def _result(setting: Setting, seen: Seen, content: Hydrated) -> GateResult:
    return GateResult(
        environment=seen.environment.name,
        record=content.record,
        version=content.version,
        key=seen.gate.key,
        phase=seen.phase,
        reporter=seen.reporter or seen.gate.reporter,
        time=setting.clock(),
        dry="" if seen.environment.tracks else content.dry,
        description=seen.description,
        url=seen.url,
    )


def _content(setting: Setting, seen: Seen, released: Released) -> Hydrated:
    """Returns what it is about: what is there now, or the release that was named."""
    present = setting.read().state(seen.environment)
    content = present.active if seen.gate.target is Target.ACTIVE else present.proposed
    if released.commit:
        return _at_commit(setting, seen, released.commit, content)
    if released.record is not None:
        wanted = identity(released.record)
        return content if content.record == wanted else Hydrated(record=wanted, version=released.record.version)
    if released.version and released.version != content.version:
        return _named(setting, released.version)
    if not content.record:
        raise ReleaseError(
            f"nothing is {seen.gate.target} in {seen.environment.name} that {seen.gate.key} could be about",
            "name the release with --release or --record, or hydrate and promote first",
        )
    return content


def _at_commit(setting: Setting, seen: Seen, commit: str, present: Hydrated) -> Hydrated:
    """Reads what a commit of the environment's branch holds; its release may have been followed by a newer one."""
    environment = seen.environment
    branch = environment.branch if seen.gate.target is Target.ACTIVE else environment.proposed_branch
    if environment.tracks or not _SHA.fullmatch(commit):
        expected = f"the whole sha of a commit of {branch}" if not environment.tracks else "none: it has no branch"
        raise InputError(f"--commit: expected {expected}, found {commit!r:.100}", "name the release with --release")
    if not present.commit or not setting.repository.is_ancestor(commit, present.commit):
        raise ReleaseError(f"--commit: {commit} is no commit of {branch}", "name the commit that was looked at")
    found = branches.hydrated_at(setting.repository, commit, branch)
    if not found.record or (found.record == present.record and found.dry != present.dry):
        now = present.version or "no release"
        message = f"--commit: {commit} is not what {branch} holds: {now} is there with other values now"
        raise ReleaseError(message, f"look at {present.commit} instead")
    return found


def _named(setting: Setting, version: str) -> Hydrated:
    """Finds a release by its version; a result for it counts with any values."""
    for release in state.releases(setting.declared, setting.repository, state.MAX_RELEASES):
        if release.version == version:
            return Hydrated(record=release.identity, version=version)
    branch = setting.declared.dry_branch
    raise ReleaseError(f"--release: there is no release {version!r:.100} on {branch}", "hydrate it first")


def _another(known: GateResult, result: GateResult) -> ReleaseError:
    place = f"{result.environment}: {result.key} of {result.version}"
    return ReleaseError(
        f"{place}: {known.reporter} reports it ({known.phase}), and now {result.reporter}; a gate has one reporter",
        "let one of them report, or give the other a gate of its own",
    )


def _message(setting: Setting, result: GateResult) -> str:
    title = (
        f"Report {result.phase} of {result.key} in {result.environment} for {setting.declared.name} {result.version}"
    )
    return f"{title}\n\n{RECORD}: {result.record}\n"
