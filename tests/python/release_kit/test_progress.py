"""What a push shows while blobs travel: a line for each image and one for all on a terminal, a plain line elsewhere."""

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console as RichConsole
from rich.progress import Progress

import release_kit
from release_kit.cli import progress
from release_kit.cli.transfers import Transfers
from tests.support import layouts, releases
from tests.support.fault_registry import FaultRegistry, Options

MB = 1_000_000


@pytest.fixture(name="bar")
def bar_fixture() -> Progress:
    console = RichConsole(file=io.StringIO(), force_terminal=True, width=100, height=10)
    return Progress(console=console, auto_refresh=False)


def lines(bar: Progress) -> dict[str, tuple[float, float | None]]:
    return {task.description: (task.completed, task.total) for task in bar.tasks}


def test_an_image_has_a_line_while_its_bytes_travel(bar: Progress) -> None:
    shown = progress._ShownTransfers(bar, {"core": 10 * MB, "web": 20 * MB})
    assert lines(bar) == {"all": (0, 30 * MB)}
    shown.sent("core", 4 * MB)
    assert lines(bar) == {"all": (4 * MB, 30 * MB), "core": (4 * MB, 10 * MB)}
    shown.sent("core", 6 * MB - 300)
    assert lines(bar) == {"all": (10 * MB - 300, 30 * MB)}


def test_what_need_not_travel_leaves_the_total(bar: Progress) -> None:
    shown = progress._ShownTransfers(bar, {"core": 10 * MB, "web": 20 * MB})
    shown.spared("web", 15 * MB)
    shown.sent("web", 2 * MB)
    assert lines(bar) == {"all": (2 * MB, 15 * MB), "web": (2 * MB, 5 * MB)}


def test_what_has_to_travel_again_goes_back(bar: Progress) -> None:
    shown = progress._ShownTransfers(bar, {"core": 10 * MB})
    shown.sent("core", 8 * MB)
    shown.sent("core", -5 * MB)
    assert lines(bar) == {"all": (3 * MB, 10 * MB), "core": (3 * MB, 10 * MB)}


def test_a_refused_mount_adds_to_the_total(bar: Progress) -> None:
    shown = progress._ShownTransfers(bar, {"core": 10 * MB})
    shown.sent("core", 10 * MB)
    shown.sent("web", 5 * MB)
    assert lines(bar)["all"] == (15 * MB, 15 * MB)


def test_a_small_terminal_gets_few_lines(bar: Progress) -> None:
    shown = progress._ShownTransfers(bar, {f"image-{number}": 10 * MB for number in range(50)})
    for number in range(50):
        shown.sent(f"image-{number}", MB)
    assert len(lines(bar)) == 1 + 10 - 4


def test_the_sum_says_what_travelled_and_what_was_there() -> None:
    transfers = Transfers()
    transfers.sent("core", 3 * MB)
    transfers.sent("core", -1 * MB)
    transfers.spared("web", 4 * MB)
    assert re.fullmatch(r"sent 2\.0 MB in \d+\.\d s \(\d+\.\d MB/s\), 4\.0 MB were there", str(transfers))


def push(folder: Path, host: str, *more: str, terminal: bool, **environment: str) -> str:
    """Pushes as a user does, and returns what stderr showed."""
    made = {f"shop/{name}": layouts.image(folder / name, name.encode() * MB) for name in ("core", "web")}
    arguments = [str(releases.write_set(folder, made)), "--registry", host]
    arguments += ["--status-file", str(releases.write_status(folder)), "--record", str(folder / "record.json"), *more]
    paths = os.pathsep.join([str(Path(release_kit.__file__).parents[1]), *filter(None, sys.path)])
    known = {"PYTHONPATH": paths, "TERM": "xterm", "COLUMNS": "100", "LINES": "30", "DOCKER_CONFIG": str(folder)}
    ours, theirs = pty.openpty() if terminal else os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "release_kit", "push", *arguments],
        env=known | environment,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ):
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return shown.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # The other end of a terminal is closed.
        return b""


def test_a_terminal_sees_bytes_rate_and_remaining_time(tmp_path: Path) -> None:
    with FaultRegistry() as registry:
        shown = push(tmp_path, registry.host, terminal=True)
    assert re.search(r"all .*MB", shown)
    assert "\x1b[?25l" in shown, "no live display"
    assert shown.endswith("\x1b[?25h") or "\x1b[?25h" in shown, "the cursor is still hidden"
    assert "blobs: 4 of 7.0 MB at most" in shown


@pytest.mark.parametrize(("terminal", "more"), [(False, ()), (True, ("-q",)), (True, ("-v",))])
def test_elsewhere_there_is_a_line_a_step_at_most(tmp_path: Path, terminal: bool, more: tuple[str, ...]) -> None:
    with FaultRegistry() as registry:
        shown = push(tmp_path, registry.host, *more, terminal=terminal)
    assert "\x1b[?25l" not in shown
    assert ("sent 7.0 MB in" in shown) == ("-q" not in more)


def test_no_color_is_obeyed_on_a_terminal(tmp_path: Path) -> None:
    with FaultRegistry() as registry:
        shown = push(tmp_path, registry.host, terminal=True, NO_COLOR="1")
    colours = re.findall(r"\x1b\[[0-9;]*m", shown)
    assert not [colour for colour in colours if re.search(r"\b3[0-7]\b|\b38\b|\b9[0-7]\b", colour)]


def test_a_failure_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with FaultRegistry(Options(chunk_max=1)) as registry:
        shown = push(tmp_path, registry.host, terminal=True)
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1
    assert "ERROR" in shown
