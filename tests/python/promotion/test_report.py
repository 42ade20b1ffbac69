"""`release-kit report`: what is written down of a gate, for which release, and by whom."""

import json
from collections.abc import Iterator
from threading import Thread

import pytest

from rehearsal.git_server import GitRequest, GitServer, git
from release_kit.documents import gate_result
from release_kit.errors import InputError
from tests.support.fault_registry import FaultRegistry
from tests.support.promotions import DEMO, E2E, FLOW, PROD, Promotions, settle


@pytest.fixture(name="begun", scope="module")
def begun_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promotions]:
    """Staging runs 1.0.0, which is proposed everywhere else."""
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        with FaultRegistry() as registry, GitServer(folder / "git") as server:
            shop = Promotions(folder, registry.host, server)
            shop.release("1.0.0")
            assert shop.promote() == 0
            yield shop


@pytest.fixture(name="shop")
def shop_fixture(begun: Promotions) -> Iterator[Promotions]:
    before = begun.refs()
    yield begun
    begun.server.before = lambda _: None
    begun.restore(before)
    begun.declare(FLOW)


def test_a_report_is_one_commit_with_one_file(shop: Promotions) -> None:
    before = shop.refs()
    more = ["--description", "412 tests", "--url", "https://ci.example/7"]
    assert shop.report("staging", "e2e", "success", *more) == 0
    identity = shop.identity("1.0.0")
    assert shop.files("gate-results") == [f"staging/{identity.removeprefix('sha256:')}/e2e.json"]
    found = shop.result("staging", "1.0.0", "e2e")
    assert found.pop("time") > 1_700_000_000
    assert found == {
        "schema": "rules_release/gate-result/v1",
        "environment": "staging",
        "record": identity,
        "version": "1.0.0",
        "key": "e2e",
        "phase": "success",
        "reporter": "scm-status",
        "dry": before["releases"],
        "description": "412 tests",
        "url": "https://ci.example/7",
    }
    after = shop.refs()
    assert {name for name in after if after[name] != before.get(name)} == {"gate-results"}
    expected = f"Report success of e2e in staging for shop 1.0.0\n\nRelease-Record: {identity}"
    assert shop.message("gate-results").strip() == expected


def test_a_second_report_of_the_same_commits_nothing(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.report("staging", "e2e") == 0
    before = shop.refs()
    assert shop.report("staging", "e2e") == 0
    assert shop.refs() == before
    assert "was success already" in capsys.readouterr().err


def test_a_later_report_takes_the_place_of_the_one_before(shop: Promotions) -> None:
    for number, phase in enumerate(("pending", "failure", "success"), 1):
        assert shop.report("staging", "e2e", phase) == 0
        assert shop.result("staging", "1.0.0", "e2e")["phase"] == phase
        assert shop.count("gate-results") == number


def test_reports_of_other_gates_stay(shop: Promotions) -> None:
    assert shop.report("staging", "e2e") == 0
    assert shop.report("prod", "approval") == 0
    assert shop.result("staging", "1.0.0", "e2e")["phase"] == "success"
    assert shop.result("prod", "1.0.0", "approval")["phase"] == "success"


def test_a_gate_of_what_is_proposed_is_reported_for_what_is_proposed(shop: Promotions) -> None:
    shop.release("1.1.0")
    assert shop.report("prod", "approval") == 0
    assert shop.result("prod", "1.1.0", "approval")["phase"] == "success"
    assert not shop.result("prod", "1.0.0", "approval")


def test_a_gate_of_what_is_active_is_reported_for_what_is_active(shop: Promotions) -> None:
    shop.release("1.1.0")
    assert shop.report("staging", "e2e") == 0
    assert shop.result("staging", "1.0.0", "e2e")["phase"] == "success"
    assert not shop.result("staging", "1.1.0", "e2e")


def test_a_test_that_took_long_is_reported_for_the_commit_that_it_looked_at(shop: Promotions) -> None:
    looked_at = shop.refs()["environment/staging"]
    shop.release("1.1.0")
    assert shop.promote() == 0
    assert shop.report("staging", "e2e", "success", "--commit", looked_at) == 0
    assert shop.result("staging", "1.0.0", "e2e")["phase"] == "success"
    assert not shop.result("staging", "1.1.0", "e2e")
    assert shop.promote() == 0
    assert shop.active("demo") == "-"


def test_a_commit_whose_values_are_gone_is_not_reported(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    looked_at = shop.refs()["environment/staging"]
    shop.release("1.0.0", staging="replicas: 2")
    assert shop.promote() == 0
    assert shop.report("staging", "e2e", "success", "--commit", looked_at) == 1
    assert "1.0.0 is there with other values now" in capsys.readouterr().err
    assert shop.report("staging", "e2e", "success", "--commit", shop.refs()["environment/staging"]) == 0


@pytest.mark.parametrize("which", ["release", "record"])
def test_a_release_may_be_named(shop: Promotions, which: str) -> None:
    shop.release("1.1.0")
    named = {"release": "1.1.0", "record": str(shop.records["1.1.0"])}[which]
    assert shop.report("staging", "e2e", "success", f"--{which}", named) == 0
    assert shop.result("staging", "1.1.0", "e2e")["phase"] == "success"
    assert shop.promote() == 0
    assert shop.promote() == 0
    assert shop.active("staging", "demo") == "1.1.0 1.1.0"


def refused(shop: Promotions, capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> str:
    before = shop.refs()
    capsys.readouterr()
    assert shop.report(*arguments) == code
    assert shop.refs() == before, "a refusal wrote something"
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "e2e", "success"], "there is no environment 'nowhere'"),
        (["staging", "smoke", "success"], "staging has no gate 'smoke'"),
        (["demo", "e2e", "success"], "demo has no gate 'e2e'"),
        (["staging", "rolled-back", "success"], "rolled-back is not for anybody to report"),
        (["staging", "promotion-order", "success"], "promotion-order is not for anybody to report"),
        (["staging", "promoter-previous-environment", "success"], "is not for anybody to report"),
        (["staging", "e2e", "success", "--url", "javascript:alert(1)"], "url: expected an address"),
        (["staging", "e2e", "success", "--url", "https://jo:pass@ci.example/"], "url: expected an address"),
        (["staging", "e2e", "success", "--url", "http://["], "url: expected an address"),
        (["staging", "e2e", "success", "--description", "a\x1b[2J"], "description: expected printable text"),
        (["staging", "e2e", "success", "--description", "x" * 1001], "description: expected printable text"),
        (["staging", "e2e", "success", "--reporter", "a\nb"], "reporter: expected printable text"),
        (["staging", "e2e", "success", "--commit", "main"], "--commit: expected the whole sha of a commit"),
        (["staging", "e2e", "success", "--record", "/nowhere.json"], "can't be read"),
    ],
)
def test_what_makes_no_sense_is_bad_input(
    shop: Promotions, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    err = refused(shop, capsys, *arguments, code=2)
    assert said in err
    assert "\x1b[2J" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["staging", "e2e", "success", "--release", "7.0.0"], "there is no release '7.0.0' on releases"),
        (["staging", "e2e", "success", "--commit", "0" * 40], "is no commit of environment/staging"),
    ],
)
def test_a_release_that_is_not_there_is_refused(
    shop: Promotions, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert said in refused(shop, capsys, *arguments, code=1)


def test_a_commit_of_another_environment_is_refused(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    other = shop.refs()["environment/demo-next"]
    assert "is no commit of" in refused(shop, capsys, "staging", "e2e", "success", "--commit", other, code=1)


def test_nothing_active_is_nothing_to_report_on(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    shop.declare((FLOW[0], {**DEMO, "gates": [E2E]}, PROD))
    assert "nothing is active in demo that e2e could be about" in refused(
        shop, capsys, "demo", "e2e", "success", code=1
    )


@pytest.mark.parametrize(
    "gate",
    [{"kind": "timer", "duration": "1h"}, {"kind": "schedule", "allow": [{"cron": "0 9 * * *", "duration": "1h"}]}],
)
def test_time_is_reported_by_nobody(
    shop: Promotions, capsys: pytest.CaptureFixture[str], gate: dict[str, object]
) -> None:
    shop.declare(({**FLOW[0], "gates": [gate]}, DEMO, PROD))
    assert "the time alone opens it" in refused(shop, capsys, "staging", str(gate["kind"]), "success", code=2)


def test_a_gate_has_one_reporter(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.report("staging", "e2e", "failure", "--reporter", "nightly") == 0
    err = refused(shop, capsys, "staging", "e2e", "success", "--reporter", "jo", code=1)
    assert "nightly reports it (failure), and now jo; a gate has one reporter" in err


def test_a_tracking_environment_is_reported_for_the_release_that_it_takes(shop: Promotions) -> None:
    shop.declare(({"name": "edge", "tracks": "^1.0", "gates": [E2E]}, *FLOW))
    shop.push("2.0.0")
    assert shop.report("edge", "e2e") == 0
    assert shop.result("edge", "1.0.0", "e2e")["dry"] == ""


def test_reports_at_the_same_time_are_both_kept(shop: Promotions) -> None:
    other = Thread(target=lambda: shop.report("prod", "approval"))
    waiting = [other]

    def once(request: GitRequest) -> None:
        if request.step == "push" and waiting:
            waiting.pop().start()
            other.join()

    shop.server.before = once
    assert shop.report("staging", "e2e") == 0
    assert shop.result("staging", "1.0.0", "e2e")["phase"] == "success"
    assert shop.result("prod", "1.0.0", "approval")["phase"] == "success"
    assert shop.count("gate-results") == 2


def put(shop: Promotions, path: str, content: str) -> None:
    """Puts a file on the results branch, as anyone who may push could."""
    blob = git(shop.bare, "hash-object", "-w", "--stdin", input_=content.encode())
    index = str(shop.folder / "index")
    git(
        shop.bare, "update-index", "--index-info", input_=f"100644 blob {blob}\t{path}\n".encode(), GIT_INDEX_FILE=index
    )
    tree = git(shop.bare, "write-tree", GIT_INDEX_FILE=index)
    git(shop.bare, "update-ref", "refs/heads/gate-results", git(shop.bare, "commit-tree", tree, "-m", "By hand"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"phase": "fine"}, "phase: expected pending or success or failure"),
        ({"phase": None}, "phase: expected a value"),
        ({"key": "other"}, "is the result of another gate"),
        ({"record": "sha256:" + "0" * 64}, "is the result of another gate"),
        ({"description": "\x1b[31mred"}, "description: expected printable text"),
        ({"time": "now"}, "time: expected integer"),
        ({"more": 1}, "more: this field is not known"),
    ],
)
def test_a_result_that_is_none_stops_everything(
    shop: Promotions, capsys: pytest.CaptureFixture[str], changes: dict[str, object], said: str
) -> None:
    assert shop.report("staging", "e2e") == 0
    path = gate_result.path("staging", shop.identity("1.0.0"), "e2e")
    put(shop, path, json.dumps({**shop.result("staging", "1.0.0", "e2e"), **changes}))
    before = shop.refs()
    capsys.readouterr()
    assert shop.promote() == 2
    err = capsys.readouterr().err
    assert f"gate-results:{path}" in err
    assert "take the file out of the branch gate-results, and report the gate again" in err
    assert said in err
    assert shop.refs() == before


def test_a_result_of_many_megabytes_is_not_read() -> None:
    with pytest.raises(InputError, match="has 65537 bytes"):
        gate_result.parse(b" " * (gate_result.MAX_BYTES + 1), "gate-results:x")


def test_the_result_is_printed_as_json(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert shop.report("staging", "e2e", "success", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["written"], told["result"]["phase"]) == ("rules_release/report/v1", True, "success")
