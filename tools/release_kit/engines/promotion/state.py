"""The state of all environments: what is on their branches, and what is known of each gate."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from release_kit.documents import release_record
from release_kit.documents.environments import Environment, Environments
from release_kit.documents.fields import parse_document
from release_kit.documents.gate_result import GateResult
from release_kit.documents.promotion_gates import seconds
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.gates.chart_rules.constraints import parse_constraint, parse_version
from release_kit.engines.promotion import branches, time_windows
from release_kit.engines.promotion.model import EnvironmentState, GateState, Hydrated
from release_kit.engines.promotion.results import Results, results_of
from release_kit.errors import InputError
from release_kit.ports import Repository
from release_kit.values.commit import Commit, branch_ref
from release_kit.values.promotion_gate import ROLLBACK_KEY, Kind, Phase, PromotionGate, Reporter, Target

MAX_RELEASES = 1000
"""How far back a release is looked for on the dry branch."""
ROLLED_BACK = PromotionGate(
    ROLLBACK_KEY, Kind.MANUAL, Target.PROPOSED, Reporter.COMMIT_STATUS, "the release was rolled back here"
)
"""What holds a release back where it was rolled back."""


class Release(NamedTuple):
    """A dry commit: one release with the values of all environments."""

    sha: str
    record: ReleaseRecord
    identity: str
    time: int
    """When it was committed, in seconds since 1970."""

    @property
    def version(self) -> str:
        """The release's version."""
        return self.record.version


class Snapshot(NamedTuple):
    """All environments at one moment."""

    newest: Release | None
    """None before the first release."""
    states: tuple[EnvironmentState, ...]
    """Of all environments, in the order of the declaration."""

    def state(self, environment: Environment) -> EnvironmentState:
        """Returns the state of one environment of the declaration."""
        return next(state for state in self.states if state.environment.name == environment.name)


def read(declared: Environments, repository: Repository, now: int) -> Snapshot:
    """Reads the state of all environments as of the repository's last fetch.

    Args:
        declared: the environments.
        repository: its copy has the refs that `branches.refs` names.
        now: seconds since 1970, for gates that are about time.

    Raises:
        InputError: something on the branches is not what it should be.
    """
    known = releases(declared, repository, MAX_RELEASES if len(declared.pinned) < len(declared.environments) else 1)
    results = results_of(declared, repository)
    states = [_state(environment, repository, known) for environment in declared.environments]
    hotfixes = {state.proposed.record for state in states if state.proposed.skip_staging}
    found = (_with_failures(_resolved(state, declared, results, now), declared, results, hotfixes) for state in states)
    return Snapshot(known[0] if known else None, tuple(found))


def releases(declared: Environments, repository: Repository, limit: int) -> Sequence[Release]:
    """Returns the releases on the dry branch, newest first; of the last `limit` commits those that have a record."""
    head = repository.ref(branch_ref(declared.dry_branch))
    if not head:
        return []
    commits = repository.history(head, limit)
    records = repository.file_of_each([commit.sha for commit in commits], release_record.FILE_NAME)
    return [_release(commit, records[commit.sha], declared.dry_branch) for commit in commits if commit.sha in records]


def _release(commit: Commit, content: bytes, branch: str) -> Release:
    place = f"{branch}: {commit.sha:.12}: {release_record.FILE_NAME}"
    record = parse_document(content, place, release_record.from_fields)
    return Release(commit.sha, record, release_record.identity(record), commit.time)


def tracked(constraint: str, known: Sequence[Release]) -> Release | None:
    """Returns the release that Argo CD takes by a constraint: the highest version, and of that the newest commit.

    Raises:
        InputError: it is no constraint.
    """
    allowed = parse_constraint(constraint)
    if allowed is None:
        raise InputError(f"tracks: expected a constraint such as * or ^1.2, found {constraint!r:.100}")
    versions = [(parse_version(release.version), release) for release in known]
    fitting = [(version, release) for version, release in versions if version is not None and allowed.allows(version)]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _state(environment: Environment, repository: Repository, known: Sequence[Release]) -> EnvironmentState:
    """Reads what is active and proposed; an environment that tracks versions has what Argo CD takes there."""
    if environment.tracks:
        taken = tracked(environment.tracks, known)
        content = _content(taken) if taken else Hydrated()
        return EnvironmentState(environment, content, content)
    active = branches.hydrated(repository, branch_ref(environment.branch))
    proposed = branches.hydrated(repository, branch_ref(environment.proposed_branch))
    return EnvironmentState(environment, active, proposed)


def _content(release: Release) -> Hydrated:
    found = Hydrated(release.sha, release.sha, "", release.identity, release.version, release.time, since=release.time)
    return found._replace(skip_staging=release.record.skip_staging)


def _resolved(state: EnvironmentState, declared: Environments, results: Results, now: int) -> EnvironmentState:
    """Looks up all gates of an environment."""
    name, gates = state.environment.name, declared.gates_of
    active = results.of(name, state.active.record)
    proposed = results.of(name, state.proposed.record)
    of_active = [_gate(gate, state.active, active, now) for gate in gates(state.environment, Target.ACTIVE)]
    if state.environment.tracks:
        return state._replace(active_gates=tuple(of_active))
    of_proposed = [_gate(gate, state.proposed, proposed, now) for gate in gates(state.environment, Target.PROPOSED)]
    if (kept_out := reported(ROLLED_BACK, proposed)).phase is Phase.FAILURE:
        of_proposed.append(kept_out)
    return state._replace(active_gates=tuple(of_active), proposed_gates=tuple(of_proposed))


def _with_failures(
    state: EnvironmentState, declared: Environments, results: Results, hotfixes: Iterable[str]
) -> EnvironmentState:
    """Looks up what has failed in a staging environment of the releases that do not wait for it."""
    if not state.environment.staging:
        return state
    known = {record: results.of(state.environment.name, record) for record in sorted(hotfixes)}
    gates = (*declared.gates_of(state.environment), ROLLED_BACK)
    told = [(record, reported(gate, found)) for record, found in known.items() for gate in gates]
    return state._replace(failed=tuple(each for each in told if each[1].phase is Phase.FAILURE))


def _gate(gate: PromotionGate, content: Hydrated, results: Mapping[str, GateResult], now: int) -> GateState:
    """Resolves one gate for what is on a branch."""
    if not content.dry:
        return GateState(gate)
    if gate.kind is Kind.TIMER:
        when = content.since + seconds(gate.duration)
        return GateState(gate, Phase.SUCCESS, when) if when <= now else GateState(gate)
    if gate.kind is Kind.SCHEDULE:
        return GateState(gate, Phase.SUCCESS if time_windows.is_open(gate, now) else Phase.PENDING)
    return reported(gate, results, content.dry)


def reported(gate: PromotionGate, results: Mapping[str, GateResult], dry: str = "") -> GateState:
    """Returns what was reported of a gate.

    Args:
        gate: one that is reported.
        results: of one release in one environment, by key.
        dry: the dry commit that counts: what was seen with other values does not; empty: any.
    """
    found = results.get(gate.key)
    if found is None or (dry and found.dry and found.dry != dry):
        return GateState(gate)
    return GateState(gate, found.phase, found.time, found.description, found.url)
