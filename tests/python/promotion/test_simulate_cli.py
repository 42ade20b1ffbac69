"""`release-kit simulate`, as its users call it."""

import json
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from release_kit.cli.app import main
from tests.support.simulations import APPROVAL, SOON, declaration, git

WEAK = declaration(({"name": "demo-staging", "gates": [APPROVAL]}, {"name": "demo"}), gates=[])


def written(folder: Path, declared: dict[str, Any] | None = None, **fields: Any) -> Path:
    """Writes a declaration and a scenario beside it."""
    (folder / "environments.json").write_text(json.dumps(declared or declaration()))
    document = {
        "schema": "rules_release/scenario/v1",
        "name": "a release",
        "environments": "environments.json",
        "reporters": [*SOON, {"gate": "approval"}],
        "events": [{"at": "0s", "release": "1.0.0"}, {"at": "1h", "merge": "release"}],
        **fields,
    }
    (folder / "scenario.yaml").write_text(json.dumps({key: value for key, value in document.items() if value}))
    return folder / "scenario.yaml"


def test_it_prints_what_happened_and_how_it_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", str(written(tmp_path))]) == 0
    said = capsys.readouterr()
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[0] == "AFTER UTC ENVIRONMENT WHAT WHY"
    assert "5m Mon 01-05 09:05:00 demo-staging e2e passed for 1.0.0 by reporter of e2e" in lines
    assert "5m Mon 01-05 09:05:00 demo promoted 1.0.0 by reporter of e2e" in lines
    assert lines[-4:] == ["ENVIRONMENT ACTIVE PROPOSED WAITS FOR", "demo-staging 1.0.0", "demo 1.0.0", "release 1.0.0"]
    assert "everything came out as it is expected, after 3 promotions and rollbacks" in said.err


def test_what_is_not_as_expected_is_told_and_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, expect=[{"never": {"environment": "demo", "version": "1.0.0"}}])
    assert main(["simulate", str(path)]) == 1
    said = capsys.readouterr()
    last = " ".join(said.out.splitlines()[-1].split())
    assert last == "never: demo has 1.0.0 demo has 1.0.0 5m reporter of e2e"
    assert "ERROR a release: 1 thing is not as expected" in said.err


def test_a_deadlock_names_gate_environment_time_and_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", str(written(tmp_path, reporters=SOON, events=[{"at": "3m", "release": "1.0.0"}]))]) == 1
    said = capsys.readouterr()
    last = " ".join(said.out.splitlines()[-1].split())
    expected = "no deadlock release waits for approval of 1.0.0 on release, and nobody reports it 3m since then"
    assert last == expected
    assert "let scm-status report it: add an event `gate: approval` or a reporter to the scenario" in said.err


def test_json_has_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, expect=[{"finally": {"release": "none"}}])
    assert main(["simulate", str(path), "--json", "--repository", str(tmp_path / "kept")]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["scenario"]) == ("rules_release/simulation/v1", "a release")
    assert (found["start"], found["end"]) == ("2026-01-05T09:00:00Z", "2026-01-05T10:01:00Z")
    assert [each["active"]["version"] for each in found["environments"]] == ["1.0.0"] * 3
    assert found["environments"][1]["active"]["commit"] == git(tmp_path / "kept", "rev-parse", "environment/demo")
    assert found["timeline"][-1]["time"] == "2026-01-05T10:01:00Z"
    (finding,) = found["findings"]
    assert (finding["expected"], finding["environment"]) == ("finally: release: none", "release")


def test_the_repository_is_kept_where_it_is_asked_for(tmp_path: Path) -> None:
    assert main(["simulate", "-q", str(written(tmp_path)), "--repository", str(tmp_path / "kept")]) == 0
    subprocess.run(["git", "fsck", "--strict"], cwd=tmp_path / "kept", check=True, capture_output=True)
    assert git(tmp_path / "kept", "log", "-1", "--format=%s", "environment/release") == "Promote release to shop 1.0.0"


def test_nothing_is_left_where_it_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    assert main(["simulate", "-q", str(written(tmp_path))]) == 0
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_folder_with_something_in_it_is_refused_before_anything_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", str(written(tmp_path)), "--repository", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert "there is something already" in said.err
    assert said.out == ""


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    assert main(["simulate", "-q", str(written(tmp_path)), "--svg", str(tmp_path / "x.svg")]) == 0
    assert ET.parse(tmp_path / "x.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_a_picture_that_cannot_be_written_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "-q", str(written(tmp_path)), "--svg", str(tmp_path / "none" / "x.svg")]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_the_rules_are_those_of_the_declared_release_unless_another_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    declared = {**WEAK, "promoter": {"release": "0.36.0"}}
    expect = [{"never": "demo before approval on demo-staging"}]
    events = [{"at": "0s", "release": "1.0.0"}, {"at": "1h", "gate": "approval", "environment": "demo-staging"}]
    path = written(tmp_path, declared, expect=expect, events=events, reporters=None)
    assert main(["simulate", str(path)]) == 1
    said = capsys.readouterr().err
    assert "by the rules of GitOps Promoter 0.36.0" in said
    assert "GitOps Promoter 0.36.0 lets demo go before demo-staging" in said
    assert main(["simulate", str(path), "--promoter-release", "v0.39.0"]) == 0
    said = capsys.readouterr().err
    assert "by the rules of GitOps Promoter 0.39.0" in said
    assert "lets demo go" not in said


def test_the_declaration_may_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, environments=None)
    assert main(["simulate", str(path)]) == 2
    assert "names no environments" in capsys.readouterr().err
    assert main(["simulate", "-q", str(path), "--environments", str(tmp_path / "environments.json")]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--promoter-release", "latest"], "--promoter-release: expected a release such as 0.36.0"),
        (["--environments", "/nonexistent.json"], "/nonexistent.json: can't be read"),
    ],
)
def test_bad_input_exits_with_2(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", str(written(tmp_path)), *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_name_that_is_none_is_told_with_the_file_that_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, events=[{"at": "0s", "merge": "prod"}])
    assert main(["simulate", str(path)]) == 2
    assert f"{path}: events[0] (line " in capsys.readouterr().err
