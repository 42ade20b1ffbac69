"""The plugin of pytest that scenarios are run with: writes down what happens as it happens, and has their fixtures."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from release_kit.adapters.e2e.deployed import Deployed
from release_kit.values.redaction import PIECE, Redaction

ORDER = "RELEASE_KIT_E2E"
"""The environment variable that says what is run, as JSON: `url`, `version`, `results` (a file) and `names`."""
MAX_TEXT = 100_000
"""So many letters of a text are kept at its beginning, and as many at its end."""


class Witness:
    """Writes each event as a line of JSON, at once: a process that is killed loses none."""

    def __init__(self, file: Path) -> None:
        """Begins the file."""
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND)
        self._tokens: set[str] = set()

    def hear(self, token: str) -> None:
        """Is told of a token that nobody may see; what is shorter is none."""
        if len(token) >= PIECE:
            self._tokens.add(token)

    def write(self, kind: str, scenario: str = "", **more: Any) -> None:
        """Writes one event; the process that reads it does not know the tokens, so they are taken out here."""
        redaction = Redaction(self._tokens)
        texts = {key: redaction.text(_cut(text)) if isinstance(text, str) else text for key, text in more.items()}
        line = json.dumps({"kind": kind, "scenario": scenario, **texts}) + "\n"
        os.write(self._file, line.encode())

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Sees a scenario before anything can leave it out."""
        self.write("collected", item.nodeid)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Sees which scenarios are left out."""
        for item in items:
            self.write("deselected", item.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Sees what can't be collected, and files that leave themselves out."""
        if report.failed:
            self.write(
                "collect-error", report.nodeid, message=_last_line(report.longreprtext), details=report.longreprtext
            )

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Sees a scenario begin."""
        self.write("started", nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Sees the end of a setup, a call or a teardown; or of a part of a call, which pytest reports likewise."""
        kind = "subtest" if hasattr(report, "context") else report.when
        message, details = ("", "") if report.passed else (_message(report), _details(report))
        self.write(
            kind or "call",
            report.nodeid,
            outcome=report.outcome,
            microseconds=round(report.duration * 1e6),
            expected_failure=hasattr(report, "wasxfail"),
            message=message,
            details=details,
        )

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Sees the end."""
        self.write("finished")


def pytest_configure(config: pytest.Config) -> None:
    """Takes the order."""
    order = json.loads(os.environ.pop(ORDER))
    witness = Witness(Path(order["results"]))
    config.pluginmanager.register(witness, "release-kit-witness")
    config.stash[_ORDER], config.stash[_WITNESS] = order, witness


_ORDER: "pytest.StashKey[dict[str, Any]]" = pytest.StashKey()
_WITNESS: "pytest.StashKey[Witness]" = pytest.StashKey()


@pytest.fixture(scope="session")
def deployed(pytestconfig: pytest.Config) -> Iterator[Deployed]:
    """The deployment: its `url`, its `version`, and requests to it."""
    order = pytestconfig.stash[_ORDER]
    talk = Deployed(order["url"], order["version"], pytestconfig.stash[_WITNESS].hear)
    yield talk
    talk.close()


@pytest.fixture(scope="session")
def credential(pytestconfig: pytest.Config) -> Callable[[str], str]:
    """Returns what the environment has under a name that the suite declares."""
    names = pytestconfig.stash[_ORDER]["names"]

    def read(name: str) -> str:
        if name not in names:
            known = ", ".join(names) or "none"
            raise LookupError(f"{name} is no credential or variable of this suite, which declares {known}")
        return os.environ[name]

    return read


def _message(report: pytest.TestReport) -> str:
    if report.skipped:
        reason = getattr(report, "wasxfail", "")
        where = report.longrepr
        return str(reason or (where[2] if isinstance(where, tuple) else _last_line(report.longreprtext)))
    crash = getattr(report.longrepr, "reprcrash", None)
    return _first_line(crash.message if crash else report.longreprtext)


def _details(report: pytest.TestReport) -> str:
    parts = [report.longreprtext if report.failed else ""]
    parts += [f"{title}:\n{content}" for title, content in report.sections]
    return "\n".join(part for part in parts if part)


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _last_line(text: str) -> str:
    lines = [line.removeprefix("E").strip() for line in text.splitlines() if line.startswith("E ")]
    return lines[0] if lines else _first_line(text)


def _cut(text: str) -> str:
    return text if len(text) <= 2 * MAX_TEXT else f"{text[:MAX_TEXT]}\n...\n{text[-MAX_TEXT:]}"
