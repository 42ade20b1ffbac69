"""Builds and pushes each size and says what that took."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import timing
from rehearsal.real_registry import real_registry


class Size(NamedTuple):
    """What a set of one size took; seconds and bytes."""

    images: int
    charts: int
    analysis: float
    build: float
    document: int
    runfiles: int
    """How many entries the command's manifest of runfiles has."""
    copied: int
    """Bytes of regular files that were made for the set, document included; a copied layer would be among them."""
    pushes: dict[str, timing.Usage]


class ProblemError(Exception):
    """A command failed, or did not do what is measured."""


class Bench(NamedTuple):
    """Where the module is, what runs Bazel, and which registry takes the pushes."""

    work: Path
    bazel: Path
    registry: str
    timeout: float

    @property
    def module(self) -> Path:
        """The module's folder."""
        return self.work / "module"

    def run(self, *command: str, **environment: str) -> timing.Usage:
        """Runs a command in the module's folder and returns what it took.

        Raises:
            ProblemError: it failed.
        """
        here = Path.cwd()
        os.chdir(self.module)
        try:
            place = timing.Place(self.work, environment, len(timing.processors()), self.timeout)
            usage = timing.run(command, place)
        finally:
            os.chdir(here)
        if usage.exit_code:
            words = (self.work / "stderr").read_text(errors="replace")[-800:]
            raise ProblemError(f"{' '.join(command[:4])}: exit code {usage.exit_code}: {words}")
        return usage


def measure(bench: Bench, sizes: Sequence[tuple[int, int]], say: Callable[[str], None]) -> Iterator[Size]:
    """Yields each size; the first, smallest one is built once before, so that nobody else's start is measured."""
    bazel = str(bench.bazel)
    try:
        say("warming up: Bazel's server, and the packages that all sizes need")
        bench.run(bazel, "build", f"//n{sizes[0][0]}:push")
        for images, charts in sizes:
            target = f"//n{images}:push"
            say(f"{images} images, {charts} charts: building")
            # Another configuration: everything is analysed anew.
            analysis = bench.run(bazel, "build", "--nobuild", f"--define=scale={images}", target)
            build = bench.run(bazel, "build", target)
            say(f"{images} images, {charts} charts: pushing")
            made = bench.module / "bazel-bin" / f"n{images}"
            runfiles = len((made / "push.runfiles_manifest").read_text().splitlines())
            document = (made / "push.set.json").stat().st_size
            pushes = _pushes(bench, made)
            yield Size(images, charts, analysis.wall, build.wall, document, runfiles, _copied(made), pushes)
    finally:
        bench.run(bazel, "clean", "--expunge")


def _copied(folder: Path) -> int:
    """Returns the bytes of all regular files; what is a link costs nothing, and is not followed."""
    files = (Path(top) / name for top, _, names in os.walk(folder) for name in names)
    return sum(file.lstat().st_size for file in files if not file.is_symlink())


def _pushes(bench: Bench, made: Path) -> dict[str, timing.Usage]:
    """Plans and pushes into an empty registry, pushes again, and then a new version; in this order."""
    folder = bench.work / "registry"
    folder.mkdir(exist_ok=True)
    release_set = made / "push.runfiles" / "_main" / made.name / "push.set.json"
    took = {}
    storage = folder / made.name
    storage.mkdir()
    with real_registry(bench.registry, storage) as host:
        for phase, version, more in _PHASES:
            status = bench.work / "status.txt"
            commit = ("1" if version == "1.0.0" else "2") * 40
            status.write_text(f"STABLE_VERSION {version}\nSTABLE_COMMIT_SHA {commit}\nSTABLE_DIRTY false\n")
            command = [sys.executable, "-m", "release_kit", "push", str(release_set), "--registry", host]
            command += ["--status-file", str(status), "--record", str(bench.work / "record.json"), *more]
            path = os.pathsep.join(filter(None, sys.path))
            took[phase] = bench.run(*command, PYTHONPATH=path, DOCKER_CONFIG=str(bench.work))
            _check(phase, bench, made)
    return took


_PHASES = (
    ("plan", "1.0.0", ("--dry-run",)),
    ("cold", "1.0.0", ()),
    ("unchanged", "1.0.0", ()),
    ("new version", "1.1.0", ()),
)


def _check(phase: str, bench: Bench, made: Path) -> None:
    """Makes sure that a push released what it should have.

    Raises:
        ProblemError: it has not.
    """
    if phase == "plan":
        return
    wanted = json.loads((made / "push.set.json").read_text())
    record = json.loads((bench.work / "record.json").read_text())
    for kind in ("images", "charts"):
        if len(record.get(kind, ())) != len(wanted.get(kind, ())):
            raise ProblemError(f"{phase}: the record has {len(record.get(kind, ()))} {kind}")
