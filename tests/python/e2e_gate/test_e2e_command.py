"""`release-kit e2e` as a whole: pytest, a site on loopback, and what is told where."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from release_kit.cli.app import main
from tests.support.secret_search import found, secret
from tests.support.sites import Site, healthy, in_turns, said, write_suite

PASSWORD = secret("of the user, long enough")
GOOD = "def test_a(deployed): assert deployed.get('/').status == 200\ndef test_b(): pass"
BAD = "def test_a(deployed): assert deployed.get('/').status == 201\ndef test_b(): pass"


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def e2e(suite: Path, site: Site, *more: str, version: str = "1.2.3") -> int:
    return main(["e2e", str(suite), "--url", site.url, "--version", version, *more])


def required(**budgets: str) -> dict[str, object]:
    entries = [{"scenario": f"test_a.py::{name}", **({"budget": b} if b else {})} for name, b in budgets.items()]
    return {"required": entries, "deadline": "60s"}


def test_what_passes_exits_with_0_and_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = write_suite(tmp_path, {"test_a.py": GOOD}, criteria=required(test_a="20s"))
    with Site(healthy("1.2.3")) as site:
        assert e2e(suite, site) == 0
    output = capsys.readouterr()
    header, first, second = (line.split() for line in output.out.splitlines())
    assert header == ["SCENARIO", "RESULT", "TIME", "BUDGET", "REQUIRED"]
    assert [*first[:2], *first[3:]] == ["test_a.py::test_a", "passed", "20s", "yes"]
    assert [*second[:2], *second[3:]] == ["test_a.py::test_b", "passed", "-", "-"]
    assert f"* shop 1.2.3 at {site.url}: 2 of 2 passed; 1.2.3" in output.err


def test_what_fails_exits_with_1_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Site(healthy("1.2.3")) as site:
        assert e2e(write_suite(tmp_path, {"test_a.py": BAD}), site) == 1
    output = capsys.readouterr()
    assert "test_a.py::test_a  failed" in output.out
    assert "test_a.py::test_a  failed: assert 200 == 201" in output.out
    assert "ERROR shop 1.2.3 at" in output.err
    assert "test_a.py:1: in test_a" in output.err


@pytest.mark.parametrize(
    "answer",
    [healthy("1.2.2"), in_turns("1.2.3", "1.2.2"), lambda _: said({"version": "1.2.3"}, 404)],
    ids=["old", "alternating", "404"],
)
def test_the_faulty_release_is_not_tested_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: object
) -> None:
    suite = write_suite(tmp_path, {"test_a.py": GOOD}, consecutive=2)
    with Site(answer) as site:  # type: ignore[arg-type]
        assert e2e(suite, site, "--deadline", "1s") == 1
    assert {asked.path for asked in site.asked} == {"/health"}
    assert "shop        /health (version): " in capsys.readouterr().out


def test_a_version_that_changes_meanwhile_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def answer(asked: object) -> object:
        if getattr(asked, "path", "") == "/":
            site.answer = healthy("1.2.4")
        return said({"version": "1.2.3"})

    with Site(answer) as site:  # type: ignore[arg-type]
        assert e2e(write_suite(tmp_path, {"test_a.py": GOOD}), site) == 1
    assert "after the scenarios: /health (version): version '1.2.4', expected '1.2.3'" in capsys.readouterr().out


def test_a_slow_query_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = write_suite(tmp_path, {"test_a.py": GOOD}, criteria=required(test_a="0s"))
    with Site(healthy("1.2.3")) as site:
        assert e2e(suite, site) == 1
    assert "its budget is 0s" in capsys.readouterr().out


def test_half_of_the_scenarios_skipped_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = "import pytest\ndef test_a(): pass\n@pytest.mark.skip\ndef test_b(): pass"
    with Site(healthy("1.2.3")) as site:
        assert e2e(write_suite(tmp_path, {"test_a.py": source}), site) == 1
    assert "1 of 2 scenarios tell nothing, 0 may: test_a.py::test_b (skipped)" in capsys.readouterr().out


def test_all_results_are_in_every_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    suite = write_suite(tmp_path, {"test_a.py": BAD}, criteria=required(test_a="5s", test_gone=""))
    files = ["--junit", str(tmp_path / "out" / "j.xml"), "--results", str(tmp_path / "out" / "r.json")]
    with Site(healthy("1.2.3")) as site:
        assert e2e(suite, site, "--json", *files) == 1
    printed = capsys.readouterr().out
    assert printed == (tmp_path / "out" / "r.json").read_text()
    document = json.loads(printed)
    a, b = document.pop("scenarios")
    assert document == {
        "schema": "rules_release/e2e-result/v1",
        "name": "shop",
        "url": site.url,
        "version": "1.2.3",
        "environment": "",
        "commit": "",
        "passed": False,
        "description": "1 of 2 passed; 1.2.3: test_a.py::test_a: failed: assert 200 == 201 and 1 more",
        "health": [{"path": "/health", "version": "version", "fault": ""}],
        "faults": [
            {"place": "test_a.py::test_a", "message": "failed: assert 200 == 201"},
            {"place": "test_a.py::test_gone", "message": "is required, and there is no such scenario"},
        ],
    }
    assert (a["scenario"], a["outcome"], a["required"], a["budget"]) == ("test_a.py::test_a", "failed", True, 5)
    assert (b["scenario"], b["outcome"], b["required"], b["budget"]) == ("test_a.py::test_b", "passed", False, None)
    root = ElementTree.parse(tmp_path / "out" / "j.xml").getroot()
    cases = {case.attrib["name"]: case for case in root.iter("testcase")}
    assert {name: case.find("failure") is not None for name, case in cases.items()} == {
        "test_a.py::test_a": True,
        "test_a.py::test_b": False,
        "test_a.py::test_gone": True,
    }
    assert float(cases["test_a.py::test_b"].attrib["time"]) >= 0
    summary = page.read_text()
    assert summary.startswith("before\n### FAILED: shop 1.2.3\n")
    assert r"| test\_a.py::test\_b | passed |" in summary
    assert r"- test\_a.py::test\_gone: is required, and there is no such scenario" in summary


def test_no_secret_and_no_control_character_is_in_any_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = r"""
import base64, pytest
from urllib.parse import quote
def test_a(deployed, credential):
    p = credential("PASSWORD")
    print(p, "\x1b[2J\x00", quote(p), base64.b64encode(b"u:" + p.encode()))
    assert deployed.post("/login", {"p": p}).text == p
@pytest.mark.parametrize("x", ["|`<b>\x1b]0;x\x07\n::error::"])
def test_hostile(x): assert 0, x
def test_end(credential):
    import os
    os.write(2, credential("PASSWORD").encode()); os._exit(9)
"""
    monkeypatch.setenv("PASSWORD", PASSWORD)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    suite = write_suite(tmp_path, {"test_a.py": source}, credentials=["PASSWORD"])
    out = tmp_path / "out"
    with Site(lambda asked: said({"version": "1.2.3", "body": asked.body.decode()})) as site:
        assert e2e(suite, site, "-v", "--junit", str(out / "j.xml"), "--results", str(out / "r.json")) == 1
        assert e2e(suite, site, "--json") == 1
    assert PASSWORD in json.loads(next(asked.body for asked in site.asked if asked.method == "POST"))["p"]
    captured = capfd.readouterr()
    told = [captured.out, captured.err, *(file.read_text() for file in (*out.iterdir(), tmp_path / "summary.md"))]
    assert len(told) == 5
    for text in told:
        assert found(text) == ""
        assert text.replace("\n", "").isprintable()
        assert not [line for line in text.splitlines() if line.startswith("::")]
    assert "<b>" not in told[-1]


@pytest.mark.parametrize("value", [None, ""])
def test_a_credential_that_is_not_set_is_bad_input_and_nothing_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.setenv("PASSWORD", value) if value is not None else monkeypatch.delenv("PASSWORD", raising=False)
    suite = write_suite(tmp_path, {"test_a.py": GOOD}, credentials=["PASSWORD"])
    with Site(healthy("1.2.3")) as site:
        assert e2e(suite, site) == 2
    assert site.asked == []
    assert "not set, or empty: PASSWORD" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--version", "1.2.3"], "--url: nobody says where it is deployed"),
        (["--url", "http://127.0.0.1:1"], "--version: expected a version such as 1.2.3, found ''"),
        (["--url", "http://127.0.0.1:1", "--version", "a\x1b"], "--version: expected a version"),
        (["--url", "127.0.0.1:1", "--version", "1"], "--url: expected https://HOST"),
        (["--url", "http://127.0.0.1:1/?a=b", "--version", "1"], "--url: expected https://HOST"),
        (["--url", "file:///etc/passwd", "--version", "1"], "--url: expected https://HOST"),
        (["--url", f"https://u:{secret('in it')}@h", "--version", "1"], "--url: expected https://HOST"),
        (["--url", "http://shop.example", "--version", "1"], "shop.example would get credentials in plain text"),
        (["--url", "http://127.0.0.1:1", "--version", "1", "--report"], "are about an environment"),
        (["--url", "http://127.0.0.1:1", "--version", "1", "--gate", "e2e"], "are about an environment"),
        (["--environment", "demo"], "--environment: where is it declared?"),
        (["--environment", "demo", "--environments", "e.json", "--version", "1"], "--version: the environment says"),
        (["--url", "http://127.0.0.1:1", "--version", "1", "--deadline", "soon"], "--deadline: expected a duration"),
    ],
)
def test_arguments_that_do_not_fit_together_are_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["e2e", str(write_suite(tmp_path, {"test_a.py": GOOD})), *arguments]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert found(told) == ""


def test_results_that_cannot_be_written_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Site(healthy("1.2.3")) as site:
        assert e2e(write_suite(tmp_path, {"test_a.py": GOOD}), site, "--results", str(tmp_path)) == 2
    assert "can't be written" in capsys.readouterr().err


def test_without_pytest_the_remedy_is_named(tmp_path: Path) -> None:
    code = (
        "import sys, importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'pytest' else real(name, *a)\n"
        "from release_kit.cli.app import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", code, "e2e", str(write_suite(tmp_path, {"test_a.py": GOOD}))]
    command += ["--url", "http://127.0.0.1:1", "--version", "1"]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "install release-kit[e2e]" in done.stderr


def test_collecting_needs_no_deployment_and_no_credential(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = write_suite(tmp_path, {"test_a.py": GOOD}, credentials=["NO_SUCH_VARIABLE"], criteria=required(test_b=""))
    assert main(["e2e", str(suite), "--collect-only"]) == 0
    assert capsys.readouterr().out == "test_a.py::test_a\ntest_a.py::test_b\n"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (GOOD, "FAIL test_a.py::test_gone: is required, and there is no such scenario"),
        ("import no_such_module", "FAIL test_a.py: can't be collected: ModuleNotFoundError"),
        ("", "FAIL test_a.py: has no scenario"),
    ],
)
def test_collecting_finds_what_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str, message: str
) -> None:
    suite = write_suite(tmp_path, {"test_a.py": source}, criteria=required(test_gone=""))
    assert main(["e2e", str(suite), "--collect-only"]) == 1
    assert message in capsys.readouterr().err
