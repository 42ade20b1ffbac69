"""`release-kit rollback`: the last good release comes back, the present one stays out, and both at once."""

import json
from collections.abc import Iterator

import pytest

from rehearsal.git_server import GitServer, git
from tests.support.fault_registry import FaultRegistry
from tests.support.promotions import E2E, FLOW, Promotions, settle

NAMES = ("staging", "demo", "prod")


class Shop(Promotions):
    """The environments, and how releases come to them."""

    def run_through(self, version: str, *, tested: bool = True) -> None:
        """Lets a release go to demo, or only to staging."""
        self.release(version)
        assert self.promote() == 0
        if tested:
            assert self.report("staging", "e2e") == 0
            assert self.promote() == 0


@pytest.fixture(name="begun", scope="module")
def begun_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Staging and demo run 1.1.0, and had 1.0.0."""
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        with FaultRegistry() as registry, GitServer(folder / "git") as server:
            shop = Shop(folder, registry.host, server)
            shop.run_through("1.0.0")
            shop.run_through("1.1.0")
            assert shop.active(*NAMES) == "1.1.0 1.1.0 -"
            yield shop


@pytest.fixture(name="shop")
def shop_fixture(begun: Shop) -> Iterator[Shop]:
    before = begun.refs()
    yield begun
    begun.restore(before)
    begun.declare(FLOW)


def reasons(shop: Promotions, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Returns why a rollback is refused."""
    before = shop.refs()
    capsys.readouterr()
    assert shop.rollback(*arguments, "--json") == 1
    assert shop.refs() == before, "a refusal wrote something"
    return [each["reason"] for each in json.loads(capsys.readouterr().out)["refusals"]]


def test_the_last_good_release_comes_back(shop: Shop) -> None:
    before = shop.refs()
    assert shop.rollback("demo", "--reason", "carts are empty") == 0
    assert shop.active(*NAMES) == "1.1.0 1.0.0 -"
    after = shop.refs()
    assert {name for name in after if after[name] != before.get(name)} == {"environment/demo", "gate-results"}
    assert git(shop.bare, "log", "-1", "--format=%P", "environment/demo") == before["environment/demo"]
    assert shop.message("environment/demo").strip() == (
        "Roll demo back to shop 1.0.0\n\ncarts are empty\n\n"
        f"Release-Record: {shop.identity('1.0.0')}\n"
        f"Dry-Sha: {git(shop.bare, 'rev-parse', 'releases^')}\n"
        "Rolled-Back-From: 1.1.0\n"
        f"Rolled-Back-Record: {shop.identity('1.1.0')}"
    )


def test_the_content_is_that_of_the_earlier_commit(shop: Shop) -> None:
    assert shop.rollback("demo") == 0
    trees = git(shop.bare, "rev-parse", "environment/demo^{tree}", "environment/demo~2^{tree}").split()
    assert trees[0] == trees[1]


def test_the_release_stays_out_until_it_is_wanted_again(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.rollback("demo", "--reason", "carts are empty") == 0
    result = shop.result("demo", "1.1.0", "rolled-back")
    assert (result["phase"], result["description"]) == ("failure", "carts are empty")
    assert shop.promote() == 0
    assert shop.active("demo") == "1.0.0"
    capsys.readouterr()
    assert shop.promote("--to", "demo", "--json") == 1
    (refusal,) = json.loads(capsys.readouterr().out)["refusals"]
    assert refusal == {
        "reason": "1.1.0 was rolled back in demo",
        "who": "a person",
        "command": f"release-kit promote {shop.declaration} --to demo --again",
    }
    before = shop.refs()
    assert shop.promote("--to", "demo", "--again") == 0
    assert shop.active("demo") == "1.1.0"
    after = shop.refs()
    assert {name for name in after if after[name] != before[name]} == {"environment/demo", "gate-results"}
    assert shop.result("demo", "1.1.0", "rolled-back")["phase"] == "success"


def test_again_forgives_no_gate(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.rollback("demo") == 0
    assert shop.report("staging", "e2e", "failure") == 0
    capsys.readouterr()
    assert shop.promote("--to", "demo", "--again") == 1
    assert "staging has failed e2e" in capsys.readouterr().out


def test_a_newer_release_is_not_kept_out(shop: Shop) -> None:
    assert shop.rollback("demo") == 0
    shop.run_through("1.2.0")
    assert shop.active("staging", "demo") == "1.2.0 1.2.0"


def test_other_environments_are_left_alone_but_what_follows_waits(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.rollback("demo") == 0
    assert shop.active("staging") == "1.1.0"
    assert shop.report("prod", "approval") == 0
    assert shop.promote("--to", "prod") == 1
    assert "demo has not been promoted to this change: it runs 1.0.0" in capsys.readouterr().out


def test_a_second_rollback_says_that_it_is_done(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.rollback("demo") == 0
    before = shop.refs()
    assert shop.rollback("demo") == 0
    assert shop.rollback("demo", "--to", "1.0.0") == 0
    assert shop.refs() == before
    assert "demo is at 1.0.0 already, back from 1.1.0" in capsys.readouterr().err


def test_what_was_not_good_is_passed_over(shop: Shop) -> None:
    shop.run_through("1.2.0", tested=False)
    assert shop.report("staging", "e2e", "failure") == 0
    shop.run_through("1.3.0", tested=False)
    assert shop.rollback("staging") == 0
    assert shop.active("staging") == "1.1.0", "1.2.0 has failed, 1.1.0 has passed"


def test_what_was_rolled_back_itself_is_passed_over(shop: Shop) -> None:
    assert shop.rollback("demo") == 0
    shop.run_through("1.2.0")
    assert shop.rollback("demo") == 0
    assert shop.active("demo") == "1.0.0"


def test_a_release_that_ran_there_may_be_named(shop: Shop) -> None:
    shop.run_through("1.2.0")
    assert shop.rollback("demo", "--to", "1.0.0") == 0
    assert shop.active("demo") == "1.0.0"
    assert shop.rollback("demo", "--to", "1.1.0") == 0, "it was not rolled back itself"
    assert shop.active("demo") == "1.1.0"


def test_a_named_release_that_was_rolled_back_is_let_in_again(shop: Shop) -> None:
    assert shop.rollback("demo") == 0
    shop.run_through("1.2.0")
    assert shop.rollback("demo", "--to", "1.1.0") == 0
    assert shop.active("demo") == "1.1.0"
    assert shop.result("demo", "1.1.0", "rolled-back")["phase"] == "success"
    assert shop.result("demo", "1.2.0", "rolled-back")["phase"] == "failure"


def test_a_release_that_never_ran_there_is_refused(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert reasons(shop, capsys, "demo", "--to", "0.9.0") == ["'0.9.0' never ran in demo; what did: 1.0.0"]


def test_without_an_earlier_release_it_is_refused(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert reasons(shop, capsys, "prod") == ["nothing is active in prod"]
    assert shop.report("prod", "approval") == 0
    assert shop.promote("--to", "prod") == 0
    assert reasons(shop, capsys, "prod") == ["prod had no release before 1.1.0"]


def test_without_a_good_release_each_is_named_with_its_fault(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.report("staging", "e2e", "failure", "--release", "1.0.0") == 0
    assert reasons(shop, capsys, "staging") == ["1.0.0 did not pass e2e in staging"]
    assert shop.rollback("staging", "--to", "1.0.0") == 0


def test_an_earlier_release_that_is_not_in_the_registry_any_more_is_refused(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    with FaultRegistry() as empty:
        found = reasons(shop, capsys, "demo", "--registry", empty.host)
        assert found[0].startswith("shop/core@sha256:")
        assert all(reason.endswith("found nothing") for reason in found)
        assert shop.rollback("demo", "--registry", empty.host, "--no-verify") == 0


def test_a_dry_run_writes_nothing(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    before = shop.refs()
    assert shop.rollback("demo", "--dry-run") == 0
    assert "demo would go back from 1.1.0 to 1.0.0" in capsys.readouterr().err
    assert shop.refs() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "there is no environment 'nowhere'"),
        (["demo", "--reason", "one\n\nRolled-Back-From: 9.9.9"], "--reason: expected printable text"),
        (["demo", "--reason", "x" * 1001], "--reason: expected printable text"),
    ],
)
def test_what_makes_no_sense_is_bad_input(
    shop: Shop, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    before = shop.refs()
    assert shop.rollback(*arguments) == 2
    assert said in capsys.readouterr().err
    assert shop.refs() == before


def test_an_environment_that_tracks_versions_is_not_rolled_back(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.declare(({"name": "edge", "tracks": "*", "gates": [E2E]}, *FLOW))
    assert shop.rollback("edge") == 2
    assert "edge takes * by itself: nothing pins it" in capsys.readouterr().err


def test_values_alone_are_no_earlier_release(shop: Shop) -> None:
    shop.release("1.1.0", demo="replicas: 2")
    assert shop.promote() == 0
    assert shop.rollback("demo") == 0
    assert shop.active("demo") == "1.0.0"


def test_a_release_of_the_same_environment_comes_back_with_its_last_values(shop: Shop) -> None:
    shop.release("1.1.0", demo="replicas: 2")
    assert shop.promote() == 0
    shop.run_through("1.2.0")
    assert shop.rollback("demo") == 0
    assert "replicas: 2" in shop.show("environment/demo", "manifests/app.yaml")


def test_the_promoter_would_find_its_way_on(shop: Shop) -> None:
    """After a rollback and a new release, a plain merge of the branches has the new content and nothing else."""
    assert shop.rollback("demo") == 0
    shop.run_through("1.2.0", tested=False)
    active, proposed = shop.refs()["environment/demo"], shop.refs()["environment/demo-next"]
    merged = git(shop.bare, "merge-tree", "--write-tree", active, proposed)
    assert merged == git(shop.bare, "rev-parse", f"{proposed}^{{tree}}")
