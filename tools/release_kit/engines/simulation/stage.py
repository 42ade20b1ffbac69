"""What a scenario is played on: the simulated promoter, or promotions by CI.

`player.play` drives a stage: it says what time it is, then does one event, then says the time again, so that whatever
follows by itself (hydration, promotions without a person) happens at that time. Gates that the scenario's reporters
report come as `report`, like those of its events; what follows from the time alone (timers, schedules) is the stage's.
So the same scenario ends in the same states wherever it is played:

    stage = SimulatedStage(declared, declaration, writer, scenario.start)  # or one that calls the commands
    result = play(scenario, declared, stage)
    result.states                                                    # compare these

Both make their releases with `release_record_of`, so even the identities of the records are the same.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol

from release_kit.documents.environments import Environments
from release_kit.documents.release_record import ChartRecord, ReleaseRecord
from release_kit.engines.promotion.model import Blocker, EnvironmentState
from release_kit.values.promotion_gate import Phase

CHART_MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"


class Report(NamedTuple):
    """What somebody says of one gate."""

    environment: str
    key: str
    phase: Phase
    version: str
    """The release that was looked at."""
    dry: str
    """The dry commit that it was made from; as `EnvironmentState` had it when the look began."""


class Stage(Protocol):
    """Environments, and what can happen to them. All times are seconds since 1970, none is before the last one."""

    def advance(self, now: int) -> None:
        """Says what time it is; lets everything happen that happens by itself: hydration, automatic promotions."""

    def release(self, version: str, skip_staging: bool) -> None:
        """Makes a dry commit of a new release, with `release_record_of`; the values stay as they are."""

    def change(self, environments: Sequence[str]) -> None:
        """Makes a dry commit of the newest release, with other values for these environments only."""

    def report(self, report: Report) -> None:
        """Takes the result of a gate; it counts only while the environment has that release, made from that commit."""

    def merge(self, environment: str, again: bool) -> None:
        """Is the promotion to an environment by a person.

        Args:
            environment: has something proposed.
            again: even though it was rolled back there.

        Raises:
            ReleaseError: it is refused: something else than a person is waited for, or nothing is proposed.
        """

    def hold(self, environment: str) -> None:
        """Turns `automatic` off for an environment, as in the declaration (autoMerge: false)."""

    def resume(self, environment: str) -> None:
        """Turns `automatic` to what the declaration says."""

    def rollback(self, environment: str, to: str) -> None:
        """Brings an earlier release back, and keeps the present one out of the environment.

        Args:
            environment: has a release, and had another one before.
            to: its version; empty for the one that was there before the present one.

        Raises:
            ReleaseError: there is no such release in the environment's history.
        """

    def states(self) -> Sequence[EnvironmentState]:
        """Returns all environments in the order of the declaration.

        One that tracks versions has what it runs as both active and proposed.
        """

    def blockers(self, position: int) -> Sequence[Blocker]:
        """Returns what the proposed change of one of `states()` waits for."""


def release_record_of(declared: Environments, version: str, skip_staging: bool) -> ReleaseRecord:
    """Returns the record of a release that only a scenario makes; the same one each time."""
    digest = sha256(f"{declared.name} {version}".encode()).hexdigest()
    host, _, prefix = declared.chart.registry.partition("/")
    repository = "/".join(filter(None, (prefix, declared.chart.repository, declared.chart.name)))
    chart = ChartRecord(
        name=declared.chart.name,
        repository=repository,
        version=version,
        digest=f"sha256:{digest}",
        media_type=CHART_MEDIA_TYPE,
        size=1024,
        immutable_tags=(version.replace("+", "_"),),
    )
    return ReleaseRecord(declared.name, version, digest[:40], False, host, (), (chart,), skip_staging)
