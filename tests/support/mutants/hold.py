"""Holds mutants of the sample's chart to its gates, in this process."""

import contextlib
import io
import json
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from release_kit.cli import app
from tests.support.helm import HELM_4, helm
from tests.support.mutants.edits import Edit
from tests.support.mutants.mutant import Mutant

CHART = Path(__file__).parents[3] / "helm" / "shop"
GOLDEN = "golden"
VERSION = "0.1.0"
"""That of the chart in the mutants and in what is said of them, whatever is released."""
Finding = dict[str, Any]


class Found(NamedTuple):
    """What the gates said of a chart."""

    code: int
    findings: tuple[Finding, ...]
    said: str
    """What went to stderr."""

    @property
    def gates(self) -> set[str]:
        """The gates that have findings."""
        return {finding["gate"] for finding in self.findings}

    def naming(self, mutant: Mutant) -> list[Finding]:
        """Returns the findings of the mutant's gate that name its fault."""
        own = (finding for finding in self.findings if finding["gate"] == mutant.gate)
        return [finding for finding in own if mutant.says in finding["message"]]


def prepared(folder: Path, edits: Iterable[Edit] = ()) -> Path:
    """Makes a copy of the sample's chart, with some edits; returns its folder."""
    place = folder / CHART.name
    shutil.copytree(CHART, place, ignore=shutil.ignore_patterns("BUILD.bazel", GOLDEN))
    metadata = place / "Chart.yaml"
    text = metadata.read_text()
    for key, value in {"version": VERSION, "appVersion": f'"{VERSION}"'}.items():
        text = re.sub(rf"^{key}: .*$", f"{key}: {value}", text, count=1, flags=re.MULTILINE)
    metadata.write_text(text)
    for edit in edits:
        edit(place)
    return place


def gates(chart: Path, values: Sequence[str], goldens: Path | None = None, **changes: Any) -> Path:
    """Writes GATES.json beside a chart: the sample's, without goldens unless a folder for them is named."""
    document = json.loads((CHART / "GATES.json").read_text())
    document |= {"values": list(values), "previous": {"version": "0.0.9"}, **changes}
    document.pop(GOLDEN)
    if goldens:
        document[GOLDEN] = str(goldens)
    place = chart.parent / "GATES.json"
    place.write_text(json.dumps(document))
    return place


def hold(chart: Path, config: Path, *arguments: str, major: str = HELM_4) -> Found:
    """Runs `release-kit chart gate`."""
    command = ["chart", "gate", str(chart), "--config", str(config), "--helm", str(helm(major)), "--json"]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = app.main([*command, *arguments])
    report = json.loads(out.getvalue()) if out.getvalue().startswith("{") else {"gates": []}
    found = tuple(finding for gate in report["gates"] for finding in gate["findings"])
    return Found(code, found, err.getvalue())


def golden(folder: Path, values: Sequence[str], major: str = HELM_4) -> Path:
    """Writes the goldens of the good chart; returns their folder."""
    place = folder / GOLDEN
    chart = prepared(folder)
    done = hold(chart, gates(chart, values, place), "--update-golden", major=major)
    assert done.code == 0, done.said
    return place


def held(mutant: Mutant, folder: Path, goldens: Path | None = None, major: str = HELM_4) -> Found:
    """Makes a mutant and holds it to its gates."""
    chart = prepared(folder, (*mutant.base, *mutant.edits))
    return hold(chart, gates(chart, mutant.values, goldens, **mutant.gates), major=major)


def faults(mutant: Mutant, folder: Path, goldens: Path | None = None, major: str = HELM_4) -> list[str]:
    """Returns what is wrong with the gates, as this mutant shows it: nothing, or the fault is missed or misnamed."""
    found = held(mutant, folder, goldens, major)
    if found.code not in (0, 1):
        return [f"no report: {found.said}"]
    told = [f"{each['gate']}: {each['file']}:{each['line']}: {each['message']}" for each in found.findings]
    naming = found.naming(mutant)
    wrong = []
    if not naming:
        wrong.append(f"{mutant.gate} does not say {mutant.says!r}")
    elif mutant.file and not any(each["file"] == mutant.file for each in naming):
        wrong.append(f"{mutant.gate} does not name {mutant.file}")
    elif mutant.line and not any(each["line"] == _changed_line(mutant, folder) for each in naming):
        wrong.append(f"{mutant.gate} does not name line {_changed_line(mutant, folder)} of {mutant.file}")
    if others := found.gates - {mutant.gate, *mutant.also}:
        wrong.append(f"{', '.join(sorted(others))} should be silent")
    return [*wrong, *told] if wrong else []


def _changed_line(mutant: Mutant, folder: Path) -> int:
    """Returns the first line of the mutant's file that its edits change, from 1."""
    place = folder / "good"
    good = (place / CHART.name if place.exists() else prepared(place, mutant.base)) / mutant.file
    before, after = (path.read_text().split("\n") for path in (good, folder / CHART.name / mutant.file))
    changed = (number for number, pair in enumerate(zip(before, after, strict=False), 1) if pair[0] != pair[1])
    return next(changed, min(len(before), len(after)) + 1)
