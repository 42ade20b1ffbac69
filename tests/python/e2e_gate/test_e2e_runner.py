"""The real pytest, in processes of its own: whatever a scenario file does, its results are true or a fault."""

import json
import os
import select
import textwrap
from pathlib import Path

import pytest

from release_kit.adapters.e2e import events
from release_kit.adapters.e2e.runner import PytestScenarios
from release_kit.documents.e2e_suite import Criteria
from release_kit.engines.e2e.judge import judge, judge_collection
from release_kit.values.redaction import Redaction
from release_kit.values.scenario_run import Run
from tests.support.secret_search import found, secret
from tests.support.sites import Reply, Site, said

SECONDS = 60.0
ORDER = {"url": "http://127.0.0.1:1", "version": "1.2.3"}
PASSWORD = secret("of the user, long enough")


def files(folder: Path, **sources: str) -> Path:
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(source))
    return folder


def scenarios(folder: Path, url: str = ORDER["url"]) -> PytestScenarios:
    return PytestScenarios(folder, {**ORDER, "url": url}, {"PASSWORD": PASSWORD}, [PASSWORD])


def run(folder: Path, name: str = "test_it", seconds: float = SECONDS) -> Run:
    return scenarios(folder).run(f"{name}.py", seconds)


def told(*runs: Run) -> list[str]:
    return [str(fault) for fault in judge(Criteria(), runs).faults]


def results(*runs: Run) -> list[tuple[str, str]]:
    return [(each.scenario, str(each.outcome)) for each in judge(Criteria(), runs).results]


OUTCOMES = """
    import pytest

    def test_passes(): pass
    def test_fails(): assert 1 == 2
    @pytest.mark.skip(reason="not today")
    def test_skipped(): pass
    def test_skips(): pytest.skip("nor tomorrow")
    @pytest.mark.xfail(reason="known")
    def test_xfails(): assert 0
    @pytest.mark.xfail
    def test_xpasses(): pass
    @pytest.fixture
    def broken(): raise RuntimeError("no fixture")
    def test_no_setup(broken): pass
    @pytest.fixture
    def dirty():
        yield
        raise RuntimeError("not clean")
    def test_no_teardown(dirty): pass
    def test_parts(subtests):
        with subtests.test("one"): pytest.skip("a part")
    def test_failed_part(subtests):
        with subtests.test("one"): assert 0
    class TestClass:
        @pytest.mark.parametrize("x", [1, 2])
        def test_in_class(self, x): assert x == 1
"""


def test_each_way_to_end_is_known(tmp_path: Path) -> None:
    ended = run(files(tmp_path, test_it=OUTCOMES))
    assert {name.removeprefix("test_it.py::"): outcome for name, outcome in results(ended)} == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_skipped": "skipped",
        "test_skips": "skipped",
        "test_xfails": "xfailed",
        "test_xpasses": "xpassed",
        "test_no_setup": "error",
        "test_no_teardown": "error",
        "test_parts": "skipped",
        "test_failed_part": "failed",
        "TestClass::test_in_class[1]": "passed",
        "TestClass::test_in_class[2]": "failed",
    }
    assert ended.exit_code == 1
    messages = {each.scenario: each.message for each in judge(Criteria(), [ended]).results}
    assert messages["test_it.py::test_fails"] == "assert 1 == 2"
    assert messages["test_it.py::test_skipped"] == "Skipped: not today"
    assert messages["test_it.py::test_no_setup"] == "RuntimeError: no fixture"
    assert messages["test_it.py::test_no_teardown"] == "RuntimeError: not clean"


def test_what_passes_has_no_fault(tmp_path: Path) -> None:
    assert told(run(files(tmp_path, test_it="def test_a(): pass\ndef test_b(): pass"))) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", "test_it.py: has no scenario"),
        ("def helper(): pass", "test_it.py: has no scenario"),
        ("import pytest; pytest.skip('not here', allow_module_level=True)", "test_it.py: has no scenario"),
        ("def test_a(: pass", "test_it.py: can't be collected: "),
        (
            "import no_such_module",
            "test_it.py: can't be collected: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("raise SystemExit(0)", "test_it.py: "),
        ("import os; os._exit(0)", "test_it.py: has no scenario"),
    ],
)
def test_a_file_without_scenarios_is_a_fault(tmp_path: Path, source: str, expected: str) -> None:
    found_ = told(run(files(tmp_path, test_it=source)))
    assert any(each.startswith(expected) for each in found_), found_


@pytest.mark.parametrize("code", [0, 1, 5, 77])
def test_a_scenario_that_ends_the_process_is_a_fault_and_what_was_before_it_is_known(tmp_path: Path, code: int) -> None:
    source = f"import os\ndef test_a(): pass\ndef test_b(): os._exit({code})\ndef test_c(): pass"
    ended = run(files(tmp_path, test_it=source))
    assert results(ended) == [
        ("test_it.py::test_a", "passed"),
        ("test_it.py::test_b", "not run"),
        ("test_it.py::test_c", "not run"),
    ]
    assert any("test_it.py: pytest ended " in each and each.endswith("in test_it.py::test_b") for each in told(ended))


def test_a_scenario_that_kills_the_process_is_a_fault_and_what_was_before_it_is_known(tmp_path: Path) -> None:
    source = "import os\ndef test_a(): pass\ndef test_b(): os.kill(os.getpid(), 9)"
    ended = run(files(tmp_path, test_it=source))
    assert results(ended) == [("test_it.py::test_a", "passed"), ("test_it.py::test_b", "not run")]
    assert "test_it.py: pytest was ended by signal 9, in test_it.py::test_b" in told(ended)


def test_a_scenario_that_breaks_off_the_session_is_a_fault(tmp_path: Path) -> None:
    source = "import pytest\ndef test_a(): pytest.exit('enough', 0)\ndef test_b(): pass"
    assert told(run(files(tmp_path, test_it=source)))


def test_a_scenario_that_exits_has_failed(tmp_path: Path) -> None:
    ended = run(files(tmp_path, test_it="import sys\ndef test_a(): sys.exit(0)\ndef test_b(): pass"))
    assert results(ended) == [("test_it.py::test_a", "failed"), ("test_it.py::test_b", "passed")]


def test_a_scenario_that_hangs_is_stopped_at_the_deadline(tmp_path: Path) -> None:
    source = "import threading\ndef test_a(): threading.Event().wait()"
    ended = run(files(tmp_path, test_it=source), seconds=1.5)
    assert ended.exit_code is None
    assert any("was stopped at the deadline" in each for each in told(ended))


def test_nothing_that_a_scenario_begins_is_left_running(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    source = f"""
        import subprocess
        def test_a():
            left = ["sh", "-c", "exec 9>'{fifo}'; echo begun; exec sleep 3600"]
            assert subprocess.Popen(left, stdout=subprocess.PIPE).stdout.readline()
    """
    assert told(run(files(tmp_path, test_it=source))) == []
    # Reading ends once all who could write are gone.
    assert select.select([reading], [], [], SECONDS)[0]
    assert os.read(reading, 1) == b""
    os.close(reading)


@pytest.mark.parametrize(
    "trick",
    [
        "import _pytest.python; _pytest.python.Function.runtest = lambda self: None",
        "import sys, types; sys.modules['test_b'] = types.ModuleType('test_b')",
        "import pytest\n@pytest.fixture(autouse=True)\ndef none(request): request.session.items.clear()",
        "def pytest_collection_modifyitems(items): items.clear()",
    ],
)
def test_one_file_does_not_change_the_results_of_another(tmp_path: Path, trick: str) -> None:
    files(tmp_path, test_a=f"{trick}\ndef test_a(): pass", test_b="def test_b(): assert 0")
    runner = scenarios(tmp_path)
    ended = [runner.run(f"{name}.py", SECONDS) for name in ("test_a", "test_b")]
    assert ("test_b.py::test_b", "failed") in results(*ended)


FORGED = """
    import json, os, glob
    from pathlib import Path
    def write(kind, scenario, **more):
        for place in glob.glob(os.environ["TMPDIR"] + "/results"):
            with open(place, "a") as file:
                file.write(json.dumps({{"kind": kind, "scenario": scenario, **more}}) + "\\n")
    def test_a():
        for kind in ("setup", "call", "teardown"):
            write(kind, {scenario!r}, outcome="passed")
"""


def test_a_file_that_writes_results_of_another_is_a_fault(tmp_path: Path) -> None:
    ended = run(files(tmp_path, test_a=FORGED.format(scenario="test_b.py::test_b")), "test_a")
    assert "test_a.py: has a result of test_b.py::test_b, which is no scenario of it" in told(ended)


def test_a_file_that_writes_its_own_results_is_a_fault(tmp_path: Path) -> None:
    ended = run(files(tmp_path, test_a=FORGED.format(scenario="test_a.py::test_a")), "test_a")
    assert "test_a.py::test_a: has more than one result" in told(ended)


def test_a_file_that_writes_what_is_no_event_is_a_fault(tmp_path: Path) -> None:
    source = (
        "import os\ndef test_a():\n    open(os.environ['TMPDIR'] + '/results', 'a').write('{\"kind\": \"passed\"}\\n')"
    )
    assert "test_it.py: its results can't be read: line 4 is no event" in told(run(files(tmp_path, test_it=source)))


def test_scenarios_that_are_left_out_are_known(tmp_path: Path) -> None:
    conftest = """
        def pytest_collection_modifyitems(config, items):
            config.hook.pytest_deselected(items=items[1:])
            del items[1:]
    """
    ended = run(files(tmp_path, test_it="def test_a(): pass\ndef test_b(): pass", conftest=conftest))
    assert results(ended) == [("test_it.py::test_a", "passed"), ("test_it.py::test_b", "deselected")]


def test_scenarios_that_are_dropped_without_a_word_have_not_run(tmp_path: Path) -> None:
    conftest = "def pytest_collection_modifyitems(items): del items[1:]"
    ended = run(files(tmp_path, test_it="def test_a(): pass\ndef test_b(): pass", conftest=conftest))
    assert told(ended) == ["test_it.py::test_b: did not run to its end"]


def test_a_conftest_that_calls_failure_success_is_a_fault(tmp_path: Path) -> None:
    conftest = "def pytest_sessionfinish(session): session.exitstatus = 0"
    ended = run(files(tmp_path, test_it="def test_a(): assert 0", conftest=conftest))
    assert "test_it.py::test_a: failed: assert 0" in told(ended)


def test_options_and_plugins_of_the_environment_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--deselect test_it.py::test_a -x --collect-only")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    outside = tmp_path / "suite"
    outside.mkdir()
    (tmp_path / "conftest.py").write_text("raise RuntimeError('not of the suite')")
    assert told(run(files(outside, test_it="def test_a(): pass"))) == []
    assert not list(tmp_path.rglob("__pycache__"))
    assert not list(tmp_path.rglob(".pytest_cache"))


def test_installed_plugins_are_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "installed"
    (installed / "foreign-1.0.dist-info").mkdir(parents=True)
    (installed / "foreign-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: foreign\nVersion: 1.0\n"
    )
    (installed / "foreign-1.0.dist-info" / "entry_points.txt").write_text("[pytest11]\nforeign = foreign\n")
    (installed / "foreign.py").write_text("def pytest_collection_modifyitems(items): items.clear()")
    monkeypatch.syspath_prepend(str(installed))
    assert told(run(files(tmp_path, test_it="import foreign\ndef test_a(): pass"))) == []


def test_scenarios_see_what_is_declared_of_the_environment_and_nothing_else_that_is_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", secret("of GitHub"))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    seen = tmp_path / "seen"
    source = f"import os\ndef test_a(): open({str(seen)!r}, 'w').write(repr(sorted(os.environ)))"
    assert told(run(files(tmp_path, test_it=source))) == []
    names = set(eval(seen.read_text()))
    assert {"PATH", "PASSWORD", "HTTPS_PROXY"} <= names
    assert not {"GITHUB_TOKEN", "RELEASE_KIT_E2E"} & names


def test_a_file_may_be_a_link_and_have_a_conftest_and_modules_beside_it(tmp_path: Path) -> None:
    real, suite = tmp_path / "real", tmp_path / "[odd]::folder"
    real.mkdir()
    suite.mkdir()
    source = "from words import WORD\ndef test_a(word): assert word == WORD"
    fixture = "import pytest\n@pytest.fixture\ndef word(): return 'w'"
    for place in files(real, test_it=source, conftest=fixture, words="WORD = 'w'").iterdir():
        (suite / place.name).symlink_to(place)
    (tmp_path / "link").symlink_to(suite)
    ended = run(tmp_path / "link")
    assert told(ended) == []
    assert results(ended) == [("test_it.py::test_a", "passed")]


def test_no_secret_is_told_in_any_field(tmp_path: Path) -> None:
    source = """
        import base64, json, os, sys, pytest
        P = os.environ["PASSWORD"]
        print("at import", P)
        @pytest.mark.parametrize("p", [P])
        def test_id(p, capsys):
            sys.stderr.write(base64.b64encode(("user:" + P).encode()).decode())
            print(P, json.dumps(P), repr(P), P[:14])
            assert p == "x" * 400
        @pytest.mark.skip(reason=P)
        def test_skip(): pass
        def test_raise(): raise RuntimeError({"headers": {"Authorization": P}})
        def test_end(): os.write(2, P.encode()); os._exit(3)
    """
    ended = run(files(tmp_path, test_it=source))
    assert "***" in repr(ended)
    assert found(repr(ended)) == ""
    broken = run(files(tmp_path, test_it="import os\nraise RuntimeError(os.environ['PASSWORD'])"))
    assert "***" in repr(broken)
    assert found(repr(broken)) == ""


def test_a_token_that_was_sent_is_not_told(tmp_path: Path) -> None:
    token = secret("of a session")
    source = f"def test_a(deployed): t = '{token}'; assert deployed.get('/x', token=t).text == t"
    with Site(lambda asked: Reply(200, asked.headers["Authorization"].encode())) as site:
        # No secret is declared, which the token could share a piece with.
        runner = PytestScenarios(files(tmp_path, test_it=source), {**ORDER, "url": site.url}, {}, [])
        ended = runner.run("test_it.py", SECONDS)
    assert site.asked[0].headers["Authorization"] == f"Bearer {token}"
    assert "Bearer ***" in repr(ended.events)
    assert found(repr(ended.events)) == ""


def test_hostile_names_and_output_are_harmless(tmp_path: Path) -> None:
    source = r"""
        import pytest
        @pytest.mark.parametrize("x", ["\x1b[2J", "\u202e", "a\nb", "x" * 900])
        def test_a(x):
            print("\x1b]0;title\x07", "\x00", "line\rline")
            assert 0, "\x1b[31m\n::error::no"
    """
    ended = run(files(tmp_path, test_it=source))
    for event in ended.events:
        assert (event.scenario + event.message).isprintable()
        assert event.details.replace("\n", "").isprintable()
    assert len(judge(Criteria(), [ended]).results) == 4


def test_much_output_is_cut_in_its_middle(tmp_path: Path) -> None:
    source = "def test_a():\n    print('begin' + 'x' * 900_000 + 'end')\n    assert 0"
    ended = run(files(tmp_path, test_it=source))
    assert max(len(event.details) for event in ended.events) <= events.MAX_DETAILS + 10
    assert results(ended) == [("test_it.py::test_a", "failed")]


def test_too_many_results_are_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_BYTES", 1000)
    ended = run(files(tmp_path, test_it="import pytest\n@pytest.mark.parametrize('x', range(20))\ndef test_a(x): pass"))
    assert "test_it.py: its results have more than 1000 bytes" in told(ended)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        '{"kind": "passed"}',
        '{"kind": "call", "outcome": "great"}',
        '{"kind": "call", "microseconds": -1}',
        '{"kind": "call", "microseconds": 1.5}',
        '{"kind": "call", "scenario": 1}',
        '{"kind": "call", "more": 1}',
        json.dumps({"kind": "call", "scenario": "x" * 1001}),
    ],
)
def test_what_is_no_event_is_not_taken_for_one(tmp_path: Path, line: str) -> None:
    (tmp_path / "results").write_text(f'{{"kind": "finished"}}\n{line}\n{{"kind": "finished"}}\n')
    read, fault = events.read(tmp_path / "results", Redaction([]))
    assert (len(read), fault) == (1, "its results can't be read: line 2 is no event")


def test_an_event_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "results").write_text('{"kind": "finished"}\n{"kind": "fin')
    read, fault = events.read(tmp_path / "results", Redaction([]))
    assert (len(read), fault) == (1, "")


def test_collecting_finds_scenarios_and_runs_none(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    source = f"def test_a(deployed): open({str(mark)!r}, 'w')\ndef test_b(no_such_fixture): pass"
    ended = scenarios(files(tmp_path, test_it=source)).only_collecting().run("test_it.py", SECONDS)
    judged = judge_collection(Criteria(), [ended])
    assert judged.faults == ()
    assert [each.scenario for each in judged.results] == ["test_it.py::test_a", "test_it.py::test_b"]
    assert not mark.exists()


def test_requests_of_scenarios_go_to_the_deployment(tmp_path: Path) -> None:
    source = """
        import pytest
        def test_all(deployed, credential):
            assert (deployed.url[:4], deployed.version) == ("http", "1.2.3")
            got = deployed.get("/a?b=c", token="t", headers={"X-More": "1"})
            assert (got.status, got.json["method"], got.elapsed > 0) == (200, "GET", True)
            assert deployed.post("/a", {"p": credential("PASSWORD")}).json["method"] == "POST"
            assert deployed.put("/a", []).json["method"] == "PUT"
            assert deployed.delete("/a").json["method"] == "DELETE"
            with pytest.raises(LookupError): credential("PATH")
            with pytest.raises(ValueError): deployed.get("http://elsewhere/")
        def test_refused(deployed):
            type(deployed)("http://127.0.0.1:1", "").get("/")
        def test_no_json(deployed):
            deployed.get("/page").json
    """

    def answer(asked: object) -> Reply:
        assert hasattr(asked, "path")
        assert hasattr(asked, "method")
        return Reply(200, b"<html>") if asked.path == "/shop/page" else said({"method": asked.method})

    with Site(answer) as site:
        ended = scenarios(files(tmp_path, test_it=source), f"{site.url}/shop").run("test_it.py", SECONDS)
    assert told(ended) == [
        "test_it.py::test_refused: failed: AssertionError: GET /: no answer: NewConnectionError",
        "test_it.py::test_no_json: failed: AssertionError: expected JSON, found <200 after "
        + told(ended)[1].partition("after ")[2],
    ]
    first = site.asked[0]
    assert (first.path, first.headers["Authorization"], first.headers["X-More"]) == ("/shop/a?b=c", "Bearer t", "1")
    assert json.loads(site.asked[1].body) == {"p": PASSWORD}


def test_redirects_of_scenarios_are_not_followed(tmp_path: Path) -> None:
    source = "def test_a(deployed): assert deployed.get('/').status == 302"
    with Site(lambda _: Reply(302, b"", {"Location": "/elsewhere"})) as site:
        assert told(scenarios(files(tmp_path, test_it=source), site.url).run("test_it.py", SECONDS)) == []
    assert len(site.asked) == 1
