"""A push of images and a chart that is killed: nobody sees the chart too early, and a re-run finishes the release."""

import json
import signal
from pathlib import Path

import pytest

from tests.support import layouts
from tests.support.chart_releases import CHARTS, Workplace
from tests.support.fault_registry import FaultRegistry
from tests.support.push_process import PushProcess

MOMENTS = 40  # More than the requests of one push: the last ones kill nothing, which a test makes sure of.
IMAGES = ("shop/core", "shop/web")


class Release:
    """What is pushed, and what it must look like in the registry."""

    def __init__(self, folder: Path, registry: FaultRegistry) -> None:
        self.registry = registry
        self.work = Workplace(folder, registry.host)
        self.push = PushProcess(self.work.set, self.work.status, registry)
        self.digests = {name: layouts.root_digest(self.work.images[name]) for name in IMAGES}
        registry.state.expect(
            images=list(self.digests.items()),
            tags=[(name, "v1.2.3", digest) for name, digest in self.digests.items()],
        )

    def is_never_seen_too_early(self) -> bool:
        """Whether all images were there under their versions whenever a chart or a moving tag was written."""
        state = self.registry.state
        return all(change.complete for change in (*state.changes("1.2.3", CHARTS), *state.changes("latest")))

    def is_whole(self) -> bool:
        """Whether everything is there, and as it is recorded."""
        state, record = self.registry.state, json.loads(self.push.record.read_text())
        (chart,) = record["charts"]
        tags = {image: state.tags(image) for image in IMAGES}
        found = {image: (tags[image]["v1.2.3"], tags[image]["latest"]) for image in IMAGES}
        return (
            found == {image: (digest, digest) for image, digest in self.digests.items()}
            and state.tags(CHARTS) == {"1.2.3": chart["digest"]}
            and not state.missing(CHARTS, chart["digest"])
        )


@pytest.mark.parametrize("moment", range(1, MOMENTS + 1))
def test_killed_at_any_request_nobody_sees_the_chart_too_early_and_a_re_run_finishes(
    moment: int, tmp_path: Path
) -> None:
    with FaultRegistry() as registry:
        release = Release(tmp_path, registry)
        assert release.push.killed(moment) in (0, -signal.SIGKILL)
        assert release.is_never_seen_too_early()
        release.push.run()
        assert release.is_never_seen_too_early()
        assert release.is_whole()


def test_the_last_moment_is_after_the_last_request(tmp_path: Path) -> None:
    with FaultRegistry() as registry:
        Release(tmp_path, registry).push.run()
        assert MOMENTS - 10 < len(registry.journal.records) < MOMENTS
