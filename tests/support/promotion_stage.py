"""A stage whose environments are branches of a real repository, and are moved by what CI calls.

stage = PromotionStage(declared, content, ClockedRepository(declared, folder), scenario.start)
result = play(scenario, declared, stage)
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from rehearsal.git_server import git
from release_kit.adapters.git import GitRepository
from release_kit.documents import release_record
from release_kit.documents.environments import Environments
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.promotion import branches, dry, model, promote, report, rollback
from release_kit.engines.promotion.hydration import Proposal
from release_kit.engines.promotion.hydrator import Hydrator, Release
from release_kit.engines.promotion.model import Blocker, EnvironmentState
from release_kit.engines.promotion.report import Released, Seen
from release_kit.engines.promotion.setting import Setting
from release_kit.engines.simulation.stage import Report, release_record_of
from release_kit.errors import ReleaseError
from release_kit.values.commit import Change, branch_ref
from release_kit.values.promotion_gate import Target
from tests.support.memory_repository import MemoryRepository
from tests.support.narrators import Kept


class PromotionStage:
    """Implements the protocol Stage of release_kit.engines.simulation.stage."""

    def __init__(
        self, declared: Environments, declaration: bytes, repository: "ClockedRepository | MemoryRepository", now: int
    ) -> None:
        """Begins the branches of all environments in an empty repository."""
        self._declared, self._declaration, self._now = declared, declaration, now
        self._held: set[str] = set()
        self._revisions = {each.name: 0 for each in declared.environments}
        self._record: ReleaseRecord | None = None
        self._repository = repository
        repository.now = now
        for each in declared.pinned:
            begun = repository.make_commit({}, [], f"Begin {each.branch}")
            names = (branch_ref(each.branch), branch_ref(each.proposed_branch))
            assert repository.push([Change(name, "", begun) for name in names])
        self._seen: tuple[object, tuple[EnvironmentState, ...]] = (None, ())

    def advance(self, now: int) -> None:
        """Does what CI does every now and then."""
        self._now = now
        self._repository.now = now
        done, waiting = promote.promote_all(self._setting)
        assert all(each.done for each in done)
        assert not any(each.failed for each in waiting)

    def release(self, version: str, skip_staging: bool) -> None:
        """Hydrates a new release."""
        self._record = release_record_of(self._declared, version, skip_staging)
        self._hydrate(self._record)

    def change(self, environments: Sequence[str]) -> None:
        """Hydrates the newest release with other values."""
        if self._record is None:
            raise ReleaseError("there is no release whose values could change")
        for name in environments:
            self._revisions[name] += 1
        self._hydrate(self._record)

    def report(self, told: Report) -> None:
        """Reports for the commit that was looked at; it is refused where that had other values than what is there."""
        environment, gate = report.gate_of(self._setting, told.environment, told.key)
        seen = Seen(environment, gate, told.phase)
        if environment.tracks:
            report.report(self._setting, seen, Released(version=told.version))
            return
        branch = environment.branch if gate.target is Target.ACTIVE else environment.proposed_branch
        commit = self._commit(branch, told.dry)
        present = branches.hydrated(self._repository, f"refs/heads/{branch}")
        looked_at = branches.hydrated_at(self._repository, commit, branch)
        if looked_at.record == present.record and looked_at.dry != present.dry:
            with pytest.raises(ReleaseError, match="with other values now"):
                report.report(self._setting, seen, Released(commit=commit))
        else:
            report.report(self._setting, seen, Released(commit=commit))

    def merge(self, environment: str, again: bool) -> None:
        """Runs a promotion by a person."""
        order = promote.order(self._setting, environment, again=again)
        promote.promote(self._setting, order)

    def hold(self, environment: str) -> None:
        """Turns promotions without a person off, in the declaration."""
        self._held.add(environment)

    def resume(self, environment: str) -> None:
        """Lets them be as they were declared."""
        self._held.discard(environment)

    def rollback(self, environment: str, to: str) -> None:
        """Runs a rollback."""
        rollback.roll_back(self._setting, rollback.order(self._setting, environment, to))

    def states(self) -> Sequence[EnvironmentState]:
        """Reads what the branches say; the same objects as long as that is the same."""
        key = (self._now, tuple(sorted(self._held)), tuple(self._repository.heads()))
        if self._seen[0] != key:
            self._seen = (key, self._setting.read().states)
        return self._seen[1]

    def blockers(self, position: int) -> Sequence[Blocker]:
        """Works out what a change waits for."""
        return model.blockers(self.states(), position)

    @property
    def _setting(self) -> Setting:
        environments = tuple(
            each._replace(automatic=each.automatic and each.name not in self._held)
            for each in self._declared.environments
        )
        declared = self._declared._replace(environments=environments)
        return Setting(declared, self._repository, lambda _: (), lambda: self._now)

    def _hydrate(self, record: ReleaseRecord) -> None:
        files = {
            dry.DECLARATION: self._declaration,
            release_record.FILE_NAME: record._replace(registry="").to_json().encode(),
            **{f"values/{name}": b"%d" % revision for name, revision in self._revisions.items()},
        }
        proposals = tuple(
            Proposal(each, record, {"app.yaml": f"{record.version} {self._revisions[each.name]}".encode()})
            for each in self._declared.pinned
        )
        Hydrator(self._repository, self._declared, Kept()).run(Release(record, files, proposals))

    def _commit(self, branch: str, dry_sha: str) -> str:
        """Returns the newest commit of a branch that was made from a dry commit."""
        head = self._repository.ref(f"refs/heads/{branch}")
        for commit in self._repository.history(head, 1000):
            if branches.hydrated_at(self._repository, commit.sha, branch).dry == dry_sha:
                return commit.sha
        raise AssertionError(f"{branch} was never made from {dry_sha}")


class ClockedRepository(GitRepository):
    """A bare repository of its own, whose commits are made at the time that it is told."""

    def __init__(self, declared: Environments, folder: Path) -> None:
        """Makes the repository in an empty folder, and a copy."""
        for name in ("server", "copy"):
            (folder / name).mkdir()
        git(folder / "server", "init", "--quiet", "--bare", ".")
        super().__init__((folder / "server").as_uri(), folder / "copy", branches.refs(declared))
        self.fetch()

    @property
    def now(self) -> int:
        """Seconds since 1970."""
        return int(self._git._environment["GIT_COMMITTER_DATE"][1:].split()[0])

    @now.setter
    def now(self, when: int) -> None:
        self._git._environment |= {f"GIT_{role}_DATE": f"@{when} +0000" for role in ("AUTHOR", "COMMITTER")}

    def heads(self) -> list[tuple[str, str]]:
        """Returns all refs."""
        return [(name, self.ref(name)) for name in self._refs]
