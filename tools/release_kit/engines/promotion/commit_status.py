"""Commit statuses of gates: what a report says is shown at the commit that it is about, where GitOps Promoter reads it.

The newest status of a name counts, whoever has set it. So that two runs do not contradict each other in turn, one run
at a time has a gate of a commit: the one that has set `pending`, until it says how it ended or LIFETIME is over.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from release_kit.documents.gate_result import GateResult
from release_kit.engines.promotion.report import Released, Seen, report
from release_kit.engines.promotion.setting import Setting
from release_kit.errors import InputError, ReleaseError
from release_kit.ports import CommitStatuses
from release_kit.values.commit_status import CommitStatus
from release_kit.values.promotion_gate import Phase, scm_context

LIFETIME = 60 * 60
"""How long `pending` keeps other runs away, in seconds: a run that has come to nothing must not do so for ever."""
MAX_DESCRIPTION = 140
"""As many characters GitHub takes."""
_MAX_LETTER = 0xFFFF
"""GitHub takes no letters above."""


class Published(NamedTuple):
    """What became of a report."""

    result: GateResult
    written: bool
    """Whether this run has written the result."""
    commit: str = ""
    """Which commit both are about; empty where no status was wanted."""
    status: CommitStatus | None = None
    """As it is set now; None where none was wanted."""
    status_written: bool = False
    """Whether this run has set it."""


def publish(
    setting: Setting, seen: Seen, released: Released, statuses: CommitStatuses, take_over: bool = False
) -> Published:
    """Writes down what somebody saw, then sets the commit status; if that fails, the same again does the rest.

    Args:
        setting: the environments.
        seen: what was seen.
        released: the release that it was seen of; it has to be there now, or the commit has to be named.
        statuses: of the repository that the environments are in.
        take_over: whether another run that is at it counts for nothing.

    Raises:
        ReleaseError: as `report`; no commit has the release; or another run is at it, or was faster.
        InputError: as `report`; or the environment has no branch.
    """
    if seen.environment.tracks:
        message = f"{seen.environment.name} tracks versions and has no branch: there is no commit to set a status on"
        raise InputError(message, "report without --commit-status")
    writer = _Writer(setting, statuses, take_over)
    result, written = report(setting, seen, released, writer.check)
    try:
        status, status_written = writer.write()
    except ReleaseError as error:
        remedy = f"{error.remedy}; then run the same command again with --commit {writer.commit}".removeprefix("; ")
        raise ReleaseError(
            f"the result is written, and its commit status is not sure: {error.message}", remedy
        ) from error
    return Published(result, written, writer.commit, status, status_written)


def wanted(setting: Setting, result: GateResult) -> CommitStatus:
    """Returns the status that shows a result."""
    about = f"{result.key} of {setting.declared.name} {result.version} in {result.environment}"
    text = "".join(letter if ord(letter) <= _MAX_LETTER else "\ufffd" for letter in result.description.strip() or about)
    short = text if len(text) <= MAX_DESCRIPTION else f"{text[: MAX_DESCRIPTION - 1]}…"
    return CommitStatus(scm_context(result.key), str(result.phase), short, result.url)


class _Writer:
    """Sets one status."""

    def __init__(self, setting: Setting, statuses: CommitStatuses, take_over: bool) -> None:
        self.commit = ""
        self._setting, self._statuses, self._take_over = setting, statuses, take_over
        self._wanted = CommitStatus("", "")
        self._newest: CommitStatus | None = None

    def check(self, result: GateResult, commit: str) -> None:
        """Looks at what the commit has already, before anything is written."""
        if not commit:
            raise ReleaseError(
                f"no commit of {result.environment} has {result.version} now: there is nothing to set a status on",
                "name the commit that was looked at with --commit, or report without --commit-status",
            )
        self.commit, self._wanted = commit, wanted(self._setting, result)
        self._newest = next(self._of(), None)
        if self._newest and not self._take_over and not self._newest.is_of_the_same_run(self._wanted):
            self._check_other(self._newest)

    def write(self) -> tuple[CommitStatus, bool]:
        """Sets the status unless it is there; then looks whether it counts."""
        if self._newest and self._newest.says_the_same(self._wanted):
            return self._newest, False
        made = self._statuses.set(self.commit, self._wanted)
        for later in self._of():
            if later.number <= made.number:
                break
            if not later.is_of_the_same_run(self._wanted):
                raise self._refusal(later, "was faster to say the last word")
        return made, True

    def _check_other(self, newest: CommitStatus) -> None:
        """Refuses where the newest status, which another run has set, says that the gate is not ours."""
        if newest.state == Phase.PENDING:
            if self._setting.clock() - newest.time < LIFETIME:
                raise self._refusal(newest, "is at it")
        elif self._wanted.state != Phase.PENDING:
            own = next((each for each in self._of() if each.is_of_the_same_run(self._wanted)), None)
            if own and own.state == Phase.PENDING:
                raise self._refusal(newest, "has taken it over")

    def _of(self) -> Iterator[CommitStatus]:
        return self._statuses.of(self.commit, self._wanted.context)

    def _refusal(self, other: CommitStatus, what: str) -> ReleaseError:
        when = datetime.fromtimestamp(other.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        who = f"another run{f' of {other.creator}' if other.creator else ''} ({other.url or 'without an address'})"
        return ReleaseError(
            f"commit status {self._wanted.context} of {self.commit}: {who} {what}: {other.state} since {when}",
            "wait until it has ended and look at what it says, or take over: --take-over",
        )
