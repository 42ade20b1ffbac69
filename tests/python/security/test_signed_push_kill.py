"""A signed push that is killed or told to stop: nothing moves unsigned, the signer ends too, a re-run finishes."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.signing import VerifyKey

from tests.support import signing
from tests.support.chart_releases import CHARTS, Workplace
from tests.support.fault_registry import FaultRegistry, Options
from tests.support.push_process import PushProcess

REPOSITORIES = ("shop/core", "shop/web", CHARTS)
MOMENTS = range(1, 90, 11)
"""Some requests of a signed push and of its signers; the last are after its end, which a test makes sure of."""


class SignedPush(PushProcess):
    """Of two images and a chart, with a signer."""

    def __init__(self, folder: Path, registry: FaultRegistry, program: Path | None = None) -> None:
        work = Workplace(folder, registry.host)
        super().__init__(work.set, work.status, registry)
        key, self.key = signing.new_key(folder)
        self._command += ["--signer", str(program or signing.signer(folder))]
        self._environment |= {signing.KEY: str(key), "PATH": os.environ["PATH"], "FOLDER": str(folder)}


@pytest.fixture(name="registry")
def registry_fixture() -> Iterator[FaultRegistry]:
    with FaultRegistry(Options(referrers=False)) as registry:
        yield registry


def unsigned(registry: FaultRegistry, key: VerifyKey) -> list[str]:
    """Returns the images and the chart that have no signature."""
    tags = [(name, registry.state.tags(name)) for name in REPOSITORIES]
    found = [(name, each.get("v1.2.3") or each["1.2.3"]) for name, each in tags]
    return [name for name, digest in found if not signing.verified(f"{registry.host}/{name}@{digest}", key)]


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_request_nothing_moves_unsigned_and_a_re_run_finishes(
    moment: int, registry: FaultRegistry, tmp_path: Path
) -> None:
    push = SignedPush(tmp_path, registry)
    assert push.killed(moment) in (0, -signal.SIGKILL)
    if registry.state.changes("latest"):
        assert not unsigned(registry, push.key)
    push.run()
    assert not unsigned(registry, push.key)
    assert registry.state.tags("shop/core")["latest"]


def test_the_last_moment_is_after_the_last_request(registry: FaultRegistry, tmp_path: Path) -> None:
    SignedPush(tmp_path, registry).run()
    assert MOMENTS[-4] < len(registry.journal.records) < MOMENTS[-1]


STUBBORN = """
import os, signal, subprocess
pipe = open(os.environ["FOLDER"] + "/pipe", "w")
group = {"process_group": 0} if OWN_GROUP else {}  # As `timeout` starts its program.
subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], pass_fds=[pipe.fileno()], **group)
pipe.write("!")
pipe.flush()
signal.pause()
"""


@pytest.mark.parametrize("own_group", [False, True], ids=["one group", "groups"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_told_to_stop_it_ends_the_signer_and_what_that_has_begun(
    number: signal.Signals, code: int, own_group: bool, registry: FaultRegistry, tmp_path: Path
) -> None:
    """The end of what comes out of a pipe shows it: nobody is left who could write."""
    os.mkfifo(tmp_path / "pipe")
    body = f"OWN_GROUP = {own_group}{STUBBORN}"
    push = SignedPush(tmp_path, registry, signing.script(tmp_path, "stubborn", body))
    with push.started() as process, (tmp_path / "pipe").open() as pipe:
        assert pipe.read(1) == "!"
        process.send_signal(number)
        assert pipe.read() == ""
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == code
    assert "ERROR interrupted" in said
    assert "written so far" in said
    assert "Traceback" not in said
    assert not registry.state.changes("latest")
    assert not push.record.exists()


def test_a_signer_that_is_killed_is_named_and_the_same_push_finishes(registry: FaultRegistry, tmp_path: Path) -> None:
    folder = tmp_path / "first"
    folder.mkdir()
    push = SignedPush(folder, registry, signing.script(folder, "dies", "import os\nos.kill(os.getpid(), 9)"))
    with push.started() as process:
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == 1
    assert "is not signed: dies was killed by SIGKILL, and said nothing" in said
    assert not registry.state.changes("latest")
    signing.signer(folder).replace(folder / "dies")
    push.run()
    assert not unsigned(registry, push.key)


def test_signers_run_one_after_another(registry: FaultRegistry, tmp_path: Path) -> None:
    body = (
        "import os\nfrom pathlib import Path\nfolder = Path(os.environ['FOLDER'])\n"
        "os.mkdir(folder / 'busy')\n"
        "with open(folder / 'signed', 'a') as log: log.write(sys.argv[1] + '\\n')\n"
        "os.rmdir(folder / 'busy')"
    )
    push = SignedPush(tmp_path, registry, signing.script(tmp_path, "alone", body))
    push.run()
    record = json.loads(push.record.read_text())
    parts = (*record["images"], *record["charts"])
    expected = [f"{registry.host}/{part['repository']}@{part['digest']}" for part in parts]
    assert (tmp_path / "signed").read_text().splitlines() == expected
