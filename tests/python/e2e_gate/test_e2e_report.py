"""`release-kit e2e --environment`: what runs there is tested, and its gate reported for exactly that."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.git_server import GitServer
from rehearsal.github_server import TOKEN, GitHubServer
from release_kit.cli.app import main
from tests.support.fault_registry import FaultRegistry
from tests.support.promotions import APPROVAL, DEMO, E2E, PROD, Promotions, settle
from tests.support.secret_search import found, secret
from tests.support.sites import Asked, Reply, Site, healthy, said, write_suite

GOOD = "def test_a(deployed): assert deployed.get('/').status == 200\ndef test_b(): pass"
BAD = "def test_a(deployed): assert deployed.get('/').status == 201\ndef test_b(): pass"

LATE = """
import signal, sys
from release_kit.cli import app, e2e_gate
app.SECOND_INTERRUPT_SECONDS = 3600
end = e2e_gate.GateReports.end
def told(self, *how):
    sys.stderr.write(f"interrupted again in {signal.getitimer(signal.ITIMER_REAL)[0]} s\\n")
    end(self, *how)
e2e_gate.GateReports.end = told
sys.exit(app.command())
"""
"""Runs release-kit; tells whether the second interrupt, for those that did not hear the first, would hit the report."""


@pytest.fixture(name="begun", scope="module")
def begun_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promotions]:
    """Staging runs 1.0.0, which is proposed everywhere else."""
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        for name in ("GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS"):
            monkeypatch.delenv(name, raising=False)
        with FaultRegistry() as registry, GitServer(folder / "git") as server:
            shop = Promotions(folder, registry.host, server)
            shop.release("1.0.0")
            assert shop.promote() == 0
            yield shop


@pytest.fixture(name="site")
def site_fixture() -> Iterator[Site]:
    with Site(healthy("1.0.0")) as site:
        yield site


@pytest.fixture(name="shop")
def shop_fixture(begun: Promotions, site: Site) -> Iterator[Promotions]:
    before = begun.refs()
    declare(begun, site)
    yield begun
    begun.server.before = lambda _: None
    begun.restore(before)


def declare(shop: Promotions, site: Site, gates: object = (E2E,)) -> None:
    tracking = {"name": "tracking", "tracks": "*", "url": site.url, "gates": [{"kind": "e2e", "key": "smoke"}]}
    shop.declare(({"name": "staging", "gates": gates, "url": site.url}, DEMO, PROD, tracking))


def e2e(shop: Promotions, suite: Path, *more: str, name: str = "staging") -> int:
    where = ["--environments", str(shop.declaration), "--environment", name]
    return main(["e2e", str(suite), *where, *more])


def phases(shop: Promotions) -> list[str]:
    """Returns the phases of e2e of 1.0.0 in staging, oldest first."""
    identity = shop.identity("1.0.0").partition(":")[2]
    seen = []
    for number in reversed(range(shop.count("gate-results"))):
        path = f"staging/{identity}/e2e.json"
        commit = f"gate-results~{number}"
        if path in shop.files(commit):
            seen.append(json.loads(shop.show(commit, path))["phase"])
    return seen


def test_what_runs_in_an_environment_is_tested_where_it_says(shop: Promotions, site: Site, tmp_path: Path) -> None:
    before = shop.refs()
    results = tmp_path / "results.json"
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), "--results", str(results)) == 0
    document = json.loads(results.read_text())
    assert (document["url"], document["version"], document["environment"]) == (site.url, "1.0.0", "staging")
    assert document["commit"] == before["environment/staging"]
    assert shop.refs() == before


def test_another_url_wins_over_the_declared_one(shop: Promotions, site: Site, tmp_path: Path) -> None:
    with Site(healthy("1.0.0")) as other:
        assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), "--url", f"{other.url}/") == 0
    assert site.asked == []
    assert other.asked


def test_a_gate_is_pending_while_it_is_tested_then_a_success(shop: Promotions, site: Site, tmp_path: Path) -> None:
    during: list[object] = []

    def answer(asked: Asked) -> Reply:
        if asked.path == "/":
            during.append(shop.result("staging", "1.0.0", "e2e")["phase"])
        return said({"version": "1.0.0"})

    site.answer = answer
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), "--report") == 0
    assert during == ["pending"]
    result = shop.result("staging", "1.0.0", "e2e")
    assert (result["phase"], result["description"]) == ("success", "2 of 2 passed; 1.0.0")
    assert phases(shop) == ["pending", "success"]
    assert shop.promote() == 0
    assert shop.active("demo") == "1.0.0"


def test_a_release_that_fails_never_reaches_the_next_environment(shop: Promotions, tmp_path: Path) -> None:
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": BAD}), "--report") == 1
    result = shop.result("staging", "1.0.0", "e2e")
    assert result["phase"] == "failure"
    assert result["description"] == "1 of 2 passed; 1.0.0: test_a.py::test_a: failed: assert 200 == 201"
    assert shop.promote() == 0
    assert shop.active("demo") == "-"


def test_a_version_that_does_not_come_fails_the_gate(shop: Promotions, site: Site, tmp_path: Path) -> None:
    site.answer = healthy("0.9.0")
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), "--report", "--deadline", "1s") == 1
    assert phases(shop) == ["pending", "failure"]
    assert "version '0.9.0', expected '1.0.0'" in str(shop.result("staging", "1.0.0", "e2e")["description"])


def test_a_result_is_about_what_was_tested_though_a_newer_release_came(
    shop: Promotions, site: Site, tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path == "/" and shop.active("staging") == "1.0.0":
            shop.release("1.1.0")
            assert shop.promote() == 0
        return said({"version": "1.0.0"})

    site.answer = answer
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), "--report") == 0
    assert shop.active("staging") == "1.1.0"
    assert shop.result("staging", "1.0.0", "e2e")["phase"] == "success"
    assert not shop.result("staging", "1.1.0", "e2e")


@pytest.mark.parametrize("name", ["staging", "tracking"])
def test_the_release_that_is_meant_is_tested(shop: Promotions, tmp_path: Path, name: str) -> None:
    suite = write_suite(tmp_path, {"test_a.py": GOOD})
    elsewhere = shop.variant("1.0.0", registry="elsewhere.example")
    for meant in (["--release", "1.0.0"], ["--record", elsewhere], ["--release", ""]):
        assert e2e(shop, suite, "--report", *meant, name=name) == 0


@pytest.mark.parametrize("name", ["staging", "tracking"])
@pytest.mark.parametrize("skip_staging", [False, True])
def test_another_release_is_neither_tested_nor_reported(
    shop: Promotions,
    site: Site,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    skip_staging: bool,
) -> None:
    newer = "1.0.1" if skip_staging else "1.1.0"
    shop.release(newer, skip_staging=skip_staging)
    assert shop.promote("--to", "staging") == 0
    before = shop.refs()
    suite = write_suite(tmp_path, {"test_a.py": GOOD})
    for meant in (["--release", "1.0.0"], ["--record", str(shop.records["1.0.0"])]):
        assert e2e(shop, suite, "--report", *meant, name=name) == 1
        assert f"ERROR {name} runs {newer}, and not the 1.0.0 that is wanted\n" in capsys.readouterr().err
    assert (site.asked, shop.refs()) == ([], before)


def test_another_release_of_the_same_version_is_not_tested(
    shop: Promotions, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.refs()
    suite = write_suite(tmp_path, {"test_a.py": GOOD})
    assert e2e(shop, suite, "--report", "--record", shop.variant("1.0.0", commit="0" * 40)) == 1
    assert "staging runs another release of that version, and not the 1.0.0" in capsys.readouterr().err
    assert (site.asked, shop.refs()) == ([], before)


@pytest.mark.parametrize("which", ["--release", "--record"])
def test_a_release_is_about_an_environment(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], which: str
) -> None:
    suite = write_suite(tmp_path, {"test_a.py": GOOD})
    assert main(["e2e", str(suite), "--url", site.url, "--version", "1.0.0", which, "1.0.0"]) == 2
    assert "--release and --record are about an environment" in capsys.readouterr().err
    assert site.asked == []


def test_results_of_values_that_are_gone_are_refused(
    shop: Promotions, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path == "/" and len([each for each in site.asked if each.path == "/"]) == 1:
            shop.release("1.0.0", staging="replicas: 2")
            assert shop.promote() == 0
        return said({"version": "1.0.0"})

    site.answer = answer
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), "--report") == 1
    output = capsys.readouterr()
    assert "1.0.0 is there with other values now" in output.err
    assert "test_a.py::test_a  passed" in output.out
    assert phases(shop) == ["pending"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_test_that_is_interrupted_fails_the_gate_and_leaves_nothing_running(
    shop: Promotions, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    source = f"import threading\ndef test_a():\n    file = open({str(fifo)!r}, 'w')\n    threading.Event().wait()"
    suite = write_suite(tmp_path, {"test_a.py": source})
    command = [
        sys.executable,
        "-c",
        LATE,
        "e2e",
        str(suite),
        "--environments",
        str(shop.declaration),
        "--environment",
        "staging",
        "--report",
    ]
    with subprocess.Popen(command, env=shop.environment(), stderr=subprocess.PIPE, text=True) as process:
        with fifo.open() as begun:
            process.send_signal(number)
            # Ends when the scenario does, which would wait for ever.
            assert begun.read() == ""
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert "interrupted again in 0.0 s" in errors
    assert phases(shop) == ["pending", "failure"]
    assert shop.result("staging", "1.0.0", "e2e")["description"] == "not tested to the end: interrupted"


def test_what_can_not_be_tested_at_all_is_not_reported(
    shop: Promotions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PASSWORD", raising=False)
    before = shop.refs()
    suite = write_suite(tmp_path, {"test_a.py": GOOD}, credentials=["PASSWORD"])
    assert e2e(shop, suite, "--report") == 2
    assert shop.refs() == before


def test_a_bug_fails_the_gate(shop: Promotions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from release_kit.engines.e2e import gate

    def break_off(*_: object) -> None:
        raise RuntimeError("with words that nobody has looked at")

    monkeypatch.setattr(gate, "pass_gate", break_off)
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), "--report") == 3
    assert phases(shop) == ["pending", "failure"]
    assert shop.result("staging", "1.0.0", "e2e")["description"] == "not tested to the end: RuntimeError"


def test_results_that_can_not_be_written_still_reach_the_gate(shop: Promotions, tmp_path: Path) -> None:
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), "--report", "--junit", str(tmp_path)) == 2
    assert phases(shop) == ["pending", "success"]


def test_an_environment_that_tracks_versions_is_reported_by_its_version(shop: Promotions, tmp_path: Path) -> None:
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), "--report", name="tracking") == 0
    assert shop.result("tracking", "1.0.0", "smoke")["phase"] == "success"


def test_a_report_names_the_page_of_the_run(shop: Promotions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"ACTIONS": "true", "SERVER_URL": "https://github.com", "REPOSITORY": "acme/shop", "RUN_ID": "7"}
    for name, text in names.items():
        monkeypatch.setenv(f"GITHUB_{name}", text)
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), "--report") == 0
    assert shop.result("staging", "1.0.0", "e2e")["url"] == "https://github.com/acme/shop/actions/runs/7"


@pytest.mark.parametrize(("source", "code", "state"), [(GOOD, 0, "success"), (BAD, 1, "failure")])
def test_the_commit_status_of_what_was_tested_is_set_as_well(
    shop: Promotions, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, code: int, state: str
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    with GitHubServer() as hub:
        hub.statuses.knows = lambda *_: True
        place = {"owner": "acme", "name": "deploy", "app_id": 1, "domain": hub.host, "url": shop.url}
        shop.declare(({"name": "staging", "gates": [E2E], "url": site.url}, DEMO, PROD), repository=place)
        suite = write_suite(tmp_path, {"test_a.py": source})
        assert e2e(shop, suite, "--report", "--commit-status") == code
        statuses = hub.statuses.of("acme/deploy", shop.refs()["environment/staging"])
    assert [(each["context"], each["state"]) for each in statuses] == [
        ("release-kit/e2e", state),
        ("release-kit/e2e", "pending"),
    ]
    assert phases(shop) == ["pending", state]


def test_no_secret_is_in_a_report(shop: Promotions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", secret("of the user, long enough"))
    source = "def test_a(credential): raise RuntimeError(credential('PASSWORD'))"
    suite = write_suite(tmp_path, {"test_a.py": source}, credentials=["PASSWORD"])
    assert e2e(shop, suite, "--report") == 1
    result = json.dumps(shop.result("staging", "1.0.0", "e2e"))
    assert "***" in result
    assert found(result) == ""


@pytest.mark.parametrize(
    ("gates", "more", "message"),
    [
        ([], ["--report"], "staging has no gate of the kind e2e"),
        ([E2E, {"kind": "e2e", "key": "smoke"}], ["--report"], "staging has the gates e2e, smoke of the kind e2e"),
        ([E2E], ["--report", "--gate", "smoke"], "--gate: staging has no gate 'smoke'"),
        ([E2E], ["--gate", "e2e"], "--gate and --take-over are about reports"),
        ([E2E], ["--commit-status"], "--commit-status: works on GitHub only"),
    ],
)
def test_a_gate_that_is_not_meant_is_bad_input_before_anything_is_asked(
    shop: Promotions,
    site: Site,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    gates: object,
    more: list[str],
    message: str,
) -> None:
    declare(shop, site, gates)
    before = shop.refs()
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), *more) == 2
    assert message in capsys.readouterr().err
    assert (site.asked, shop.refs()) == ([], before)


def test_one_of_several_gates_can_be_named(shop: Promotions, site: Site, tmp_path: Path) -> None:
    declare(shop, site, [E2E, {"kind": "e2e", "key": "smoke"}, APPROVAL])
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), "--report", "--gate", "smoke") == 0
    assert shop.result("staging", "1.0.0", "smoke")["phase"] == "success"
    assert not shop.result("staging", "1.0.0", "e2e")


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("demo", 2, "environment demo: url: nobody says where it is deployed"),
        ("nowhere", 2, "--environment: there is no environment 'nowhere'"),
    ],
)
def test_an_environment_that_can_not_be_tested_is_bad_input(
    shop: Promotions, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, code: int, message: str
) -> None:
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), name=name) == code
    assert message in capsys.readouterr().err


def test_an_environment_without_a_release_is_not_tested(
    shop: Promotions, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert e2e(shop, write_suite(tmp_path, {"test_a.py": GOOD}), "--url", site.url, name="demo") == 1
    assert "no release runs in demo" in capsys.readouterr().err
    assert site.asked == []
