"""The commands that are compared: helm's and kubeconform's one by one, and release-kit's that does all of it."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.gates.charts import Chart

LINT, TEMPLATE, KUBECONFORM, OURS = "helm lint", "helm template", "kubeconform", "release-kit"
RELEASE = "release-name"
_TOOLS = Path(__file__).parents[2] / "tools"
_IMPORTS = ("release_kit", "yaml", "jsonschema_rs", "kubernetes_validate", "ruamel.yaml")
_WITH_FINDINGS = 1
_LAST_WORDS = 400


class Programs(NamedTuple):
    """Where the programs are."""

    helm: str
    kubeconform: str
    python: str = sys.executable


class Verdict(NamedTuple):
    """What a run came to."""

    said: str
    """In a few words."""
    problem: str = ""
    """Why it does not count; empty if it does."""


def lint(programs: Programs, chart: Chart, values: Path, kube_version: str) -> list[str]:
    """Returns the command `helm lint`."""
    return [
        programs.helm,
        "lint",
        "--strict",
        "--kube-version",
        kube_version,
        "--values",
        str(values),
        str(chart.folder),
    ]


def template(programs: Programs, chart: Chart, values: Path, kube_version: str) -> list[str]:
    """Returns the command `helm template`."""
    options = ["--kube-version", kube_version, "--values", str(values)]
    return [programs.helm, "template", RELEASE, str(chart.folder), *options]


def kubeconform(programs: Programs, rendered: Path, schemas: str, kube_version: str) -> list[str]:
    """Returns the command `kubeconform`, with its own number of workers."""
    options = ["-strict", "-summary", "-output", "json", "-ignore-missing-schemas"]
    return [
        programs.kubeconform,
        *options,
        "-kubernetes-version",
        kube_version,
        "-schema-location",
        schemas,
        str(rendered),
    ]


def gate(programs: Programs, chart: Chart, values: Sequence[Path], config: Path) -> list[str]:
    """Returns the command `release-kit chart gate` with all gates."""
    command = [programs.python, "-m", "release_kit", "chart", "gate", str(chart.folder), "--json"]
    files = [argument for file in values for argument in ("--values", str(file))]
    return [*command, "--config", str(config), "--helm", programs.helm, *files]


def environment(work: Path) -> dict[str, str]:
    """Returns what all commands get: homes that are empty, and an installed release-kit with its bytecode."""
    homes = ("HOME", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")
    return {
        **dict.fromkeys(homes, str(work / "home")),
        "KUBECONFIG": os.devnull,
        "PYTHONPATH": os.pathsep.join(_import_roots()),
        "PYTHONPYCACHEPREFIX": str(work / "pycache"),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONUNBUFFERED": "",
    }


def _import_roots() -> list[str]:
    """Returns where this process finds release-kit and what it needs, which a new process does not know."""
    sys.path.append(str(_TOOLS))
    origins = [(name, spec.origin) for name in _IMPORTS if (spec := find_spec(name)) and spec.origin]
    return list(dict.fromkeys(str(Path(origin).parents[name.count(".") + 1]) for name, origin in origins))


def judged(tool: str, exit_code: int, stdout: str, stderr: str) -> Verdict:
    """Tells whether a run did what it should; findings are no failure, a crash is."""
    if exit_code not in (0, _WITH_FINDINGS) or (exit_code and tool == TEMPLATE):
        return Verdict("", f"exit code {exit_code}: {(stderr.strip() or stdout.strip())[-_LAST_WORDS:]}")
    try:
        return _JUDGES[tool.partition(",")[0]](exit_code, stdout)
    except (ValueError, KeyError, TypeError) as error:
        return Verdict("", f"exit code {exit_code}, no report: {error!r}: {stderr.strip()[-_LAST_WORDS:]}")


def _linted(exit_code: int, stdout: str) -> Verdict:
    del stdout
    return Verdict("findings" if exit_code else "passes")


def _rendered(exit_code: int, stdout: str) -> Verdict:
    del exit_code
    count = len(stdout.splitlines())
    return Verdict(f"{count} lines", "" if count else "nothing was rendered")


def _validated(exit_code: int, stdout: str) -> Verdict:
    del exit_code
    summary = json.loads(stdout)["summary"]
    said = ", ".join(f"{count} {what}" for what, count in summary.items() if count)
    valid, errors = summary["valid"] + summary["invalid"], summary["errors"]
    return Verdict(said, "" if valid and not errors else f"nothing was validated, or not all that could be: {said}")


def _gated(exit_code: int, stdout: str) -> Verdict:
    report = json.loads(stdout)
    skipped = sorted({gate["gate"] for gate in report["gates"] if gate["skipped"] and gate["gate"] != "golden"})
    said = f"{report['findings']} findings" + (f", skipped {', '.join(skipped)}" if skipped else "")
    is_sound = (report["findings"] > 0) == (exit_code == _WITH_FINDINGS)
    return Verdict(said, "" if is_sound else f"exit code {exit_code} with {said}")


_JUDGES: Mapping[str, Callable[[int, str], Verdict]] = {
    LINT: _linted,
    TEMPLATE: _rendered,
    KUBECONFORM: _validated,
    OURS: _gated,
}
