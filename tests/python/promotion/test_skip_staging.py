"""Hotfixes: releases that skip staging, with a real git server and a registry that has them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.git_server import GitServer
from release_kit.documents import environments
from release_kit.errors import InputError
from tests.support.fault_registry import FaultRegistry
from tests.support.promotions import DEMO, E2E, PROD, STAGING, Promotions, settle
from tests.support.simulations import declaration

NAMES = ("staging", "demo", "prod")
SKIPPED = {**STAGING, "staging": True}
FLOW = (SKIPPED, {**DEMO, "gates": [E2E]}, PROD)


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Promotions]:
    settle(tmp_path, monkeypatch)
    with FaultRegistry() as registry, GitServer(tmp_path / "git") as server:
        shop = Promotions(tmp_path, registry.host, server, FLOW)
        shop.release("1.0.0")
        assert shop.promote("--to", "staging") == 0
        yield shop


def reasons(shop: Promotions, capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    """Returns why a promotion is refused."""
    return [each["reason"] for each in refusals(shop, capsys, *more)]


def refusals(shop: Promotions, capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, str]]:
    before = shop.refs()
    capsys.readouterr()
    assert shop.promote(*more, "--json") == 1
    assert shop.refs() == before, "a refusal wrote something"
    found: list[dict[str, str]] = json.loads(capsys.readouterr().out)["refusals"]
    return found


def test_a_hotfix_goes_on_without_staging_and_through_every_other_gate(
    shop: Promotions, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.release("1.0.1", skip_staging=True)
    assert shop.promote("--to", "demo") == 0
    assert shop.active(*NAMES) == "1.0.0 1.0.1 -"
    assert reasons(shop, capsys, "--to", "prod") == ["demo has not passed e2e", "prod has not passed approval"]
    assert shop.report("demo", "e2e") == 0
    assert shop.report("prod", "approval") == 0
    assert shop.promote("--from", "demo", "--to", "prod") == 0
    assert shop.active(*NAMES) == "1.0.0 1.0.1 1.0.1"


def test_it_goes_to_demo_by_itself_and_to_staging_too(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    shop.release("1.0.1", skip_staging=True)
    capsys.readouterr()
    assert shop.promote() == 0
    assert shop.active(*NAMES) == "1.0.1 1.0.1 -"
    told = capsys.readouterr().err
    assert "demo is at 1.0.1 now (was empty); it skips staging and has not passed staging\n" in told
    assert "staging is at 1.0.1 now (was 1.0.0)\n" in told


def test_no_environment_may_be_left_out_but_staging(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    shop.release("1.0.1", skip_staging=True)
    assert shop.report("prod", "approval") == 0
    expected = "demo has not been promoted to this change: it runs nothing, and 1.0.1 is proposed here"
    assert reasons(shop, capsys, "--to", "prod") == [expected]


def test_another_release_waits_for_staging_though_a_hotfix_has_passed(
    shop: Promotions, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.release("1.0.1", skip_staging=True)
    assert shop.promote() == 0
    shop.release("1.1.0")
    assert shop.promote("--to", "staging") == 0
    assert reasons(shop, capsys, "--to", "demo") == ["staging has not passed e2e"]


def test_where_nothing_is_staging_a_hotfix_is_like_any_release(
    shop: Promotions, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.declare((STAGING, *FLOW[1:]))
    shop.release("1.0.1", skip_staging=True)
    assert shop.promote("--to", "staging") == 0
    assert reasons(shop, capsys, "--to", "demo") == ["staging has not passed e2e"]


def test_the_commit_says_who_was_not_waited_for(shop: Promotions) -> None:
    shop.release("1.0.1", skip_staging=True)
    assert shop.promote() == 0
    message = shop.message("environment/demo")
    assert "Skipped-Staging: staging\n" in message
    assert "Promoted-From" not in message
    assert "Skipped-Staging" not in shop.message("environment/staging")
    assert shop.report("demo", "e2e") == 0
    assert shop.report("prod", "approval") == 0
    assert shop.promote("--to", "prod") == 0
    message = shop.message("environment/prod")
    assert "Promoted-From: demo\n" in message
    assert "Skipped-Staging: staging\n" in message


def test_a_hotfix_that_has_passed_staging_has_skipped_nothing(
    shop: Promotions, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.release("1.0.1", skip_staging=True)
    assert shop.promote("--to", "staging") == 0
    assert shop.report("staging", "e2e") == 0
    capsys.readouterr()
    assert shop.promote("--to", "demo", "--json") == 0
    (done,) = json.loads(capsys.readouterr().out)["promotions"]
    assert (done["source"], done["skipped"]) == ("staging", [])
    message = shop.message("environment/demo")
    assert "Promoted-From: staging\n" in message
    assert "Skipped-Staging" not in message


def test_a_dry_run_and_the_document_say_so_too(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    shop.release("1.0.1", skip_staging=True)
    capsys.readouterr()
    assert shop.promote("--to", "demo", "--dry-run", "--json") == 0
    out, err = capsys.readouterr()
    assert "demo would go from nothing to 1.0.1; it skips staging and has not passed staging" in err
    (done,) = json.loads(out)["promotions"]
    assert (done["source"], done["skipped"]) == ("", ["staging"])


@pytest.mark.parametrize("there", [True, False], ids=["while it is there", "before it is there"])
def test_what_has_failed_in_staging_stops_it(shop: Promotions, capsys: pytest.CaptureFixture[str], there: bool) -> None:
    shop.release("1.0.1", skip_staging=True)
    if there:
        assert shop.promote("--to", "staging") == 0
    assert shop.report("staging", "e2e", "failure", "--release", "1.0.1") == 0
    (refusal,) = refusals(shop, capsys, "--to", "demo")
    assert (refusal["reason"], refusal["who"]) == ("staging has failed e2e", "scm-status")
    assert refusal["command"].endswith("--environment staging --gate e2e --phase success --release 1.0.1")
    assert shop.promote() == 0
    assert shop.active("demo") == "-"
    assert shop.report("staging", "e2e", "pending", "--release", "1.0.1") == 0
    assert shop.promote("--to", "demo") == 0


def test_other_values_in_staging_do_not_make_a_failure_unseen(
    shop: Promotions, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.release("1.0.1", skip_staging=True)
    assert shop.promote("--to", "staging") == 0
    assert shop.report("staging", "e2e", "failure") == 0
    shop.release("1.0.1", skip_staging=True, staging="more memory")
    assert shop.promote("--to", "staging") == 0
    assert reasons(shop, capsys, "--to", "demo") == ["staging has failed e2e"]


def test_what_has_failed_of_another_release_does_not_stop_it(shop: Promotions) -> None:
    assert shop.report("staging", "e2e", "failure") == 0
    shop.release("1.0.1", skip_staging=True)
    assert shop.promote("--to", "demo") == 0


def test_what_was_rolled_back_in_staging_goes_no_further_and_demo_can_not_forgive_it(
    shop: Promotions, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.release("1.0.1", skip_staging=True)
    assert shop.promote("--to", "staging") == 0
    assert shop.rollback("staging", "--to", "1.0.0") == 0
    for more in ((), ("--again",)):
        (refusal,) = refusals(shop, capsys, "--to", "demo", *more)
        assert refusal["reason"] == "1.0.1 was rolled back in staging"
        assert refusal["command"].endswith("--to staging --again")
    assert shop.promote("--to", "staging", "--again") == 0
    assert shop.promote("--to", "demo") == 0


def test_an_artefact_that_is_not_as_it_was_released_stops_a_hotfix(
    shop: Promotions, capsys: pytest.CaptureFixture[str]
) -> None:
    record = shop.push("1.0.1", skip_staging=True)
    (image,) = record.images
    shop.hydrate(record._replace(images=(image._replace(digest=f"sha256:{'0' * 64}"),)))
    assert any("is not as it was released" in each for each in reasons(shop, capsys, "--to", "demo"))


def test_a_hotfix_of_what_runs_later_leaves_a_newer_release_in_staging_alone(shop: Promotions) -> None:
    shop.release("1.1.0")
    assert shop.promote("--to", "staging") == 0
    shop.release("1.0.1", skip_staging=True)
    assert shop.promote() == 0
    assert shop.active(*NAMES) == "1.1.0 1.0.1 -"
    assert shop.report("staging", "e2e") == 0
    shop.release("1.1.0")
    assert shop.promote() == 0
    assert shop.active(*NAMES) == "1.1.0 1.1.0 -"


def test_staging_may_follow_versions(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    shop.declare(({**SKIPPED, "tracks": "*"}, *FLOW[1:]))
    shop.release("1.0.1")
    assert reasons(shop, capsys, "--to", "demo") == ["staging has not passed e2e"]
    shop.release("1.0.2", skip_staging=True)
    assert shop.report("staging", "e2e", "failure") == 0
    assert reasons(shop, capsys, "--to", "demo") == ["staging has failed e2e"]
    assert shop.report("staging", "e2e", "pending") == 0
    assert shop.promote("--to", "demo") == 0
    active = [each["active"] for each in json.loads(told(shop, capsys, "--json"))["environments"]]
    assert [each["skip_staging"] for each in active] == [True, True, False]


def told(shop: Promotions, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    capsys.readouterr()
    assert shop.run("status", *more) == 0
    return capsys.readouterr().out


def test_status_says_of_each_release_whether_it_skips_staging(
    shop: Promotions, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shop.release("1.0.1", skip_staging=True)
    assert shop.promote("--to", "demo") == 0
    table = told(shop, capsys, "--html", str(tmp_path / "status.html"))
    rows = {row.split()[0]: row for row in table.split("\n\n")[0].splitlines()[1:]}
    assert "1.0.1 (skips staging)" in rows["demo"]
    assert "1.0.0 " in rows["staging"]
    assert rows["prod"].endswith("1.0.1 (skips staging)")
    document: dict[str, Any] = json.loads(told(shop, capsys, "--json"))
    active = [each["active"]["skip_staging"] for each in document["environments"]]
    proposed = [(each["proposed"] or {}).get("skip_staging") for each in document["environments"]]
    assert document["newest"]["skip_staging"] is True
    assert (active, proposed) == ([False, True, False], [True, None, True])
    events = [[event["skip_staging"] for event in each["history"]] for each in document["environments"]]
    assert events == [[False], [True], []]
    page = (tmp_path / "status.html").read_text()
    assert page.count("skips staging") == 4, "what demo runs, what staging and prod get, and one row of the history"


def test_status_says_where_a_hotfix_was_rolled_back(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    shop.release("1.0.1", skip_staging=True)
    assert shop.promote("--to", "staging") == 0
    assert shop.rollback("staging", "--to", "1.0.0") == 0
    document = json.loads(told(shop, capsys, "--json"))
    staging, demo, _ = document["environments"]
    assert (staging["standing"], demo["standing"]) == ("rolled back", "blocked")
    assert [each["reason"] for each in demo["blockers"]] == [
        "1.0.1 was rolled back in staging, and has to be promoted again"
    ]


@pytest.mark.parametrize(
    ("staging", "fault"),
    [
        ((False, True, False), "two is staging and comes after one, which is not"),
        ((True, False, True), "three is staging and comes after two, which is not"),
        ((True, True, True), "one, two, three: there is no environment after staging"),
    ],
    ids=["late", "last", "all"],
)
def test_staging_comes_first_and_something_comes_after_it(staging: tuple[bool, ...], fault: str) -> None:
    flow = [{"name": name, "staging": each} for name, each in zip(("one", "two", "three"), staging, strict=True)]
    with pytest.raises(InputError, match=fault):
        environments.parse(json.dumps(declaration(flow)).encode(), "environments.json", Path())


def test_what_comes_after_staging_has_to_pin_a_version() -> None:
    flow: list[dict[str, Any]] = [{"name": "one", "staging": True}, {"name": "two", "tracks": "*"}]
    with pytest.raises(InputError, match="one: there is no environment after staging"):
        environments.parse(json.dumps(declaration(flow)).encode(), "environments.json", Path())
