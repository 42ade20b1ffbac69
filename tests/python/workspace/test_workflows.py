"""The workflows of GitHub Actions: sound, and run when what they look at changes."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

FOLDER = Path(".github/workflows")
WORKFLOWS = sorted(FOLDER.glob("*.yml"))


def test_there_are_workflows() -> None:
    assert WORKFLOWS


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint_has_nothing_to_say(workflow: Path) -> None:
    program = shutil.which("actionlint")
    assert program, "actionlint is not on PATH: https://github.com/rhysd/actionlint"
    done = subprocess.run(
        [program, "-shellcheck=", "-pyflakes=", workflow], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_actionlint_is_no_mere_yes(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text().replace("runs-on:", "run-on:"))
    done = subprocess.run(["actionlint", broken], capture_output=True, text=True, check=False)
    assert (done.returncode, "run-on" in done.stdout) == (1, True)


def test_the_gates_of_charts_run_when_a_chart_or_a_gate_changes() -> None:
    # YAML 1.1 reads the key `on` as true.
    events = yaml.safe_load((FOLDER / "helm.yml").read_text())[True]
    for event in ("push", "pull_request"):
        assert {"helm/**", "tools/**", "bazel/**", ".github/workflows/helm.yml"} <= set(events[event]["paths"])
        assert "docs/**" not in events[event]["paths"]


def test_the_gates_of_charts_run_through_bazel() -> None:
    jobs = yaml.safe_load((FOLDER / "helm.yml").read_text())["jobs"]
    commands = [step["run"].strip() for job in jobs.values() for step in job["steps"] if "run" in step]
    assert commands[-1] == "bazel test --test_output=errors //helm/..."
    assert not any(command.startswith(("helm ", "ct ")) for command in commands)
