"""Runs the clients, interleaved round by round, and checks after each run that it did its job."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.push import registry, sets
from benchmarks.push.clients import ONE_BY_ONE_LIMIT, Client, Command, Job
from benchmarks.push.results import Case, Run

COLD, UNCHANGED, NEW_VERSION = PHASES = ("cold", "unchanged", "new version")

_LAUNCH = Path(__file__).with_name("launch.py")
_LAST_WORDS = 400


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        names: names of sets.
        clients: clients with the paths of their programs.
        registries: paths of registry programs by name.
        settings: `direct`, or a delay such as `20ms`.
        rounds: how often.
        timeout: seconds after which a client is stopped; a guard against one that hangs, not a measure.
        everything: also run clients that push an image after another on large sets.
    """

    names: list[str]
    clients: list[tuple[Client, str]]
    registries: dict[str, str]
    settings: list[str]
    rounds: int
    timeout: float
    everything: bool

    def clients_of(self, images: sets.ImageSet) -> list[tuple[Client, str]]:
        """Returns the clients that push this set."""
        small = len(images.images) <= ONE_BY_ONE_LIMIT
        return [pair for pair in self.clients if small or self.everything or not pair[0].one_by_one]


def measure(plan: Plan, work: Path, say: Callable[[str], None]) -> Iterator[Run]:
    """Yields each run as it ends; `say` gets a line about each step."""
    for name in plan.names:
        folder = work / "set"
        say(f"making the set {name}")
        try:
            images = sets.make(name, folder)
            for number in range(1, plan.rounds + 1):
                yield from _round(plan, images, number, work, say)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _round(plan: Plan, images: sets.ImageSet, number: int, work: Path, say: Callable[[str], None]) -> Iterator[Run]:
    for name, program in plan.registries.items():
        for setting in plan.settings:
            for client, path in plan.clients_of(images):
                with registry.running(program, work / "registry", setting) as target:
                    for run in _phases(Session(target, client, path, images, work, plan.timeout)):
                        yield run.result(name, setting, number)
                        say(run.line(name, setting, number))


@dataclass(frozen=True)
class Session:
    """A client and a fresh registry."""

    registry: registry.Registry
    client: Client
    program: str
    images: sets.ImageSet
    work: Path
    timeout: float


@dataclass(frozen=True)
class Outcome:
    """What one push in a session gave."""

    session: Session
    phase: str
    usage: dict[str, Any]
    traffic: registry.Traffic | None
    problem: str

    def result(self, registry_name: str, setting: str, number: int) -> Run:
        """Returns it as a run of a case."""
        case = Case(registry_name, self.session.images.name, self.phase, setting)
        figures = {key: self.usage[key] for key in ("wall", "cpu", "peak_memory")}
        run = Run(case, self.session.client.name, number, **figures, problem=self.problem)
        if self.traffic is None:
            return run
        counted = {"uploaded": self.traffic.body_bytes, "proxy_cpu": self.traffic.cpu}
        return Run(**{**vars(run), **counted, "requests": self.traffic.requests})

    def line(self, registry_name: str, setting: str, number: int) -> str:
        """Returns a line that tells of it."""
        what = f"round {number}, {registry_name}, {setting}: {self.session.images.name} {self.phase}"
        counts = f", {self.traffic.total} requests" if self.traffic else ""
        figures = f"{self.usage['wall']:.2f} s, {self.usage['cpu']:.2f} s CPU{counts}"
        return f"{what}: {self.session.client.name}: {self.problem or figures}"


def _phases(session: Session) -> Iterator[Outcome]:
    """Pushes to an empty registry, again, and at the next version; ends at the first push that fails."""
    folder = session.work / "client"
    folder.mkdir()
    try:
        for phase in PHASES:
            release = session.images.second if phase == NEW_VERSION else session.images.first
            job = Job(session.images, release, session.registry.host, folder)
            outcome = _push(session, phase, job)
            yield outcome
            if outcome.problem:
                return
    finally:
        shutil.rmtree(folder)


def _push(session: Session, phase: str, job: Job) -> Outcome:
    command = session.client.command(session.program, job)
    session.registry.take()
    log = job.folder / "log"
    usage = launch(command, log, session.timeout)
    traffic = session.registry.take()
    problem = ""
    if usage["exit_code"] != 0:
        words = log.read_text(errors="replace")[-_LAST_WORDS:].strip()
        problem = f"exit code {usage['exit_code']}: {words}"
    else:
        wrong = session.registry.wrong_tags(_expected(job))
        problem = f"{len(wrong)} wrong tags: {wrong[0]}" if wrong else ""
    return Outcome(session, phase, usage, traffic, problem)


def _expected(job: Job) -> dict[str, dict[str, str]]:
    return {i.repository: dict.fromkeys(job.release.tags(i), i.digest) for i in job.images.images}


def launch(command: Command, log: Path, timeout: float) -> dict[str, Any]:
    """Runs a command in a process group of its own and returns what `launch.py` prints of it.

    One that is still running after the time-out is killed, and has exit code -9.
    """
    arguments = [sys.executable, "-I", "-S", str(_LAUNCH), *command.arguments]
    environment = {**os.environ, **command.environment}
    with (
        log.open("wb") as stderr,
        subprocess.Popen(
            arguments, env=environment, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True
        ) as process,
    ):
        try:
            output, _ = process.communicate(timeout=timeout)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            return {"exit_code": -signal.SIGKILL, "wall": timeout, "cpu": 0.0, "peak_memory": 0}
    usage: dict[str, Any] = json.loads(output)
    return usage
