"""Hydrates a release: writes what each environment is to run to its proposed branch, all at once or nothing.

What a hydrator has to do is said in GitOps Promoter's docs/advanced-usage/custom-hydrator.md (v0.36.0). Where it says
nothing of how two histories meet, what is proposed is what will run: where the active branch has something that the
proposed one has not, the new commit has both as parents, as the Promoter makes it once they conflict
(internal/git/git.go, MergeWithOursStrategy), so that no merge can mix them.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from release_kit.documents import hydrator_metadata
from release_kit.documents.environments import Environment, Environments
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.promotion import branches, dry
from release_kit.engines.promotion.hydration import Outcome, Proposal
from release_kit.errors import GitError
from release_kit.ports import Narrator, Repository
from release_kit.values import version as versions
from release_kit.values.commit import NOTES, Change, Commit, branch_ref

MOST_TRIES = 10
"""How often others may be faster before it is an error."""


class Release(NamedTuple):
    """What is to be hydrated."""

    record: ReleaseRecord
    files: Mapping[str, bytes]
    """Of its dry commit."""
    proposals: tuple[Proposal, ...]
    """One for each chosen environment."""
    again: bool = False
    """Whether it may come after a newer release."""


class Hydrated(NamedTuple):
    """What became of one environment."""

    environment: Environment
    outcome: Outcome
    commit: str
    """The head of the proposed branch."""
    active: str
    """The head of the active branch."""


class Hydration(NamedTuple):
    """What became of a release."""

    branch: str
    """The dry branch."""
    dry: str
    """Its dry commit."""
    is_new: bool
    """Whether the dry commit was made now."""
    environments: tuple[Hydrated, ...]
    changes: tuple[Change, ...]
    """Which refs move, or moved."""


class Hydrator:
    """Brings one repository in step with a release. Active branches are read, and never moved."""

    def __init__(self, repository: Repository, declared: Environments, narrator: Narrator) -> None:
        """Takes a copy that has the refs of `branches.refs`."""
        self._repository, self._declared, self._narrator = repository, declared, narrator

    def run(self, release: Release) -> Hydration:
        """Hydrates the release; changes nothing where everything is as it has to be.

        Raises:
            InputError: the release is older than the last one, and `again` is not set.
            GitError: branches are missing, the server refuses, or others were faster MOST_TRIES times.
        """
        lost: list[str] = []
        for _ in range(MOST_TRIES):
            planned = self.plan(release)
            if not planned.changes or self._repository.push(planned.changes):
                return planned
            lost = self._moved(planned.changes)
            self._narrator.note(f"somebody else was faster, looking again: {', '.join(lost)}")
        raise GitError(
            f"{self._repository.url}: somebody else was faster {MOST_TRIES} times, the last time at {', '.join(lost)}",
            "find out who writes to these branches all the time, and run the same command again: it is safe",
        )

    def plan(self, release: Release) -> Hydration:
        """Makes all commits in the copy; the repository does not see them before they are pushed; else as `run`."""
        self._repository.fetch()
        self._check_branches([proposal.environment for proposal in release.proposals])
        head, commit = self._dry(release)
        found = [self._hydrated(proposal, commit) for proposal in self._wanted(release)]
        notes = {each.commit: hydrator_metadata.note(commit.sha) for each in found if each.outcome is Outcome.NOTED}
        changes = [Change(branch_ref(self._declared.dry_branch), head, commit.sha)] if head != commit.sha else []
        changes += [self._move(each) for each in found if each.outcome is Outcome.COMMITTED]
        if notes:
            changes.append(Change(NOTES, self._repository.ref(NOTES), self._repository.make_notes(NOTES, notes)))
        return Hydration(self._declared.dry_branch, commit.sha, head != commit.sha, tuple(found), tuple(changes))

    def _wanted(self, release: Release) -> Sequence[Proposal]:
        """Leaves out staging where it has something newer than a release that skips it: that is tested there."""
        if not release.record.skip_staging or release.again:
            return release.proposals
        wanted = []
        for proposal in release.proposals:
            newer = self._newer(proposal.environment, release.record.version) if proposal.environment.staging else ""
            if newer:
                text = f"{proposal.environment.name} keeps {newer}, which is newer: it is not what is proposed there"
                self._narrator.note(text)
            else:
                wanted.append(proposal)
        return wanted

    def _newer(self, environment: Environment, version: str) -> str:
        """Returns the version that is proposed for an environment; empty where it is not newer than another one."""
        proposed = branches.hydrated(self._repository, branch_ref(environment.proposed_branch)).version
        if not proposed:
            return ""
        place = f"{environment.proposed_branch}: version"
        is_newer = versions.parse(proposed, place).rank() > versions.parse(version, "the release's version").rank()
        return proposed if is_newer else ""

    def _dry(self, release: Release) -> tuple[str, Commit]:
        """Returns the head of the dry branch, and the release's commit: the head itself where it is the release."""
        repository = self._repository
        head = repository.ref(branch_ref(self._declared.dry_branch))
        if head and repository.files(head) == release.files:
            return head, repository.commit(head)
        last = None if release.again else dry.newest(repository, self._declared)
        if last is not None:
            dry.refuse_older(release.record, last)
        made = repository.make_commit(release.files, [head] if head else [], dry.message(release.record))
        return head, repository.commit(made)

    def _hydrated(self, proposal: Proposal, commit: Commit) -> Hydrated:
        repository, environment = self._repository, proposal.environment
        head = repository.ref(branch_ref(environment.proposed_branch))
        active = repository.ref(branch_ref(environment.branch))
        files = proposal.files(commit, self._declared.repository.url)
        base = repository.merge_base(head, active)
        origin = self._origin(head, files)
        if base and origin and repository.is_ancestor(origin, commit.sha):
            noted = hydrator_metadata.noted(repository.note(NOTES, head))
            is_known = (noted or origin) == commit.sha
            return Hydrated(environment, Outcome.NOTHING if is_known else Outcome.NOTED, head, active)
        parents = [head] if base and repository.has_same_content(base, active) else [head, active]
        made = repository.make_commit(files, parents, proposal.message(commit.sha))
        return Hydrated(environment, Outcome.COMMITTED, made, active)

    def _origin(self, head: str, files: Mapping[str, bytes]) -> str:
        """Returns which dry commit a hydrated commit was made from, if it has what is wanted.

        All has to be the same but `hydrator.metadata`, which has to name a dry commit.

        Returns:
            The sha; empty where anything differs, so that there has to be a new commit.
        """
        name = hydrator_metadata.FILE_NAME
        content = self._repository.file(head, name) or b""
        wanted = self._repository.make_commit({**files, name: content}, [], "")
        return hydrator_metadata.noted(content) if self._repository.has_same_content(head, wanted) else ""

    def _move(self, each: Hydrated) -> Change:
        ref = branch_ref(each.environment.proposed_branch)
        return Change(ref, self._repository.ref(ref), each.commit)

    def _check_branches(self, environments: Sequence[Environment]) -> None:
        """Refuses to make an environment's branches: where they begin is not for a hydrator to say."""
        names = [name for each in environments for name in (each.branch, each.proposed_branch)]
        if missing := [name for name in names if not self._repository.ref(branch_ref(name))]:
            raise GitError(
                f"{self._repository.url} has no branch {', '.join(missing)}",
                "run the generated bootstrap.sh, which makes them once; if the host deletes branches that were merged, "
                "switch that off",
            )

    def _moved(self, changes: Sequence[Change]) -> list[str]:
        """Returns which refs are not where they were, with where they are now."""
        now = [(change, self._repository.ref(change.ref)) for change in changes]
        return [f"{change.ref} is at {sha[:12] or 'nothing'}" for change, sha in now if sha != change.old] or ["a lock"]
