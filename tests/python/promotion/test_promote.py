"""`release-kit promote`: one commit for each step, with a real git server and a registry that has the releases."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from rehearsal.git_server import GitRequest, GitServer, git
from rehearsal.real_registry import PROGRAMS, real_registry
from tests.support.fault_registry import FaultRegistry
from tests.support.promotions import APPROVAL, DEMO, E2E, FLOW, PROD, STAGING, Promotions, settle

NAMES = ("staging", "demo", "prod")


class Shop(Promotions):
    """The environments, and the registry whose content a test may spoil."""

    registry: FaultRegistry


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    settle(tmp_path, monkeypatch)
    with FaultRegistry() as registry, GitServer(tmp_path / "git") as server:
        shop = Shop(tmp_path, registry.host, server)
        shop.registry = registry
        shop.release("1.0.0")
        yield shop


def through(shop: Promotions, version: str) -> None:
    """Lets a release that is hydrated go through to prod."""
    assert shop.promote() == 0
    assert shop.report("staging", "e2e", "success", "--release", version) == 0
    assert shop.promote() == 0
    assert shop.report("prod", "approval", "success", "--release", version) == 0
    assert shop.promote("--to", "prod") == 0
    assert shop.active(*NAMES) == " ".join([version] * 3)


def reasons(shop: Promotions, capsys: pytest.CaptureFixture[str], *more: str, code: int = 1) -> list[str]:
    """Returns why a promotion is refused."""
    return [each["reason"] for each in refusals(shop, capsys, *more, code=code)]


def refusals(shop: Promotions, capsys: pytest.CaptureFixture[str], *more: str, code: int = 1) -> list[dict[str, str]]:
    """Returns why a promotion is refused, with who can end it and how."""
    before = shop.refs()
    capsys.readouterr()
    assert shop.promote(*more, "--json") == code
    assert shop.refs() == before, "a refusal wrote something"
    return list(json.loads(capsys.readouterr().out)["refusals"])


def test_a_release_goes_from_environment_to_environment(shop: Shop) -> None:
    assert shop.promote() == 0
    assert shop.active(*NAMES) == "1.0.0 - -"
    assert shop.report("staging", "e2e") == 0
    assert shop.promote() == 0
    assert shop.active(*NAMES) == "1.0.0 1.0.0 -"
    assert shop.report("prod", "approval") == 0
    assert shop.promote() == 0
    assert shop.active(*NAMES) == "1.0.0 1.0.0 -", "prod waits for a person"
    assert shop.promote("--from", "demo", "--to", "prod") == 0
    assert shop.active(*NAMES) == "1.0.0 1.0.0 1.0.0"


def test_a_promotion_is_a_merge_with_the_content_of_what_was_proposed(shop: Shop) -> None:
    before = shop.refs()
    assert shop.promote("--to", "staging") == 0
    after = shop.refs()
    proposed = after["environment/staging-next"]
    assert {name for name in after if after[name] != before.get(name)} == {"environment/staging"}
    parents = git(shop.bare, "log", "-1", "--format=%P", "environment/staging").split()
    assert parents == [before["environment/staging"], proposed]
    assert git(shop.bare, "rev-parse", "environment/staging^{tree}", f"{proposed}^{{tree}}").split()[0] == git(
        shop.bare, "rev-parse", f"{proposed}^{{tree}}"
    )


def test_the_message_says_what_was_promoted_and_what_was_known(shop: Shop) -> None:
    begin = shop.refs()["environment/demo"]
    assert shop.promote() == 0
    assert shop.report("staging", "e2e") == 0
    assert shop.promote("--to", "demo") == 0
    trailers = git(shop.bare, "log", "-1", "--format=%(trailers:only)", "environment/demo").splitlines()
    assert shop.message("environment/demo").startswith("Promote demo to shop 1.0.0\n\n")
    assert trailers == [
        f"Release-Record: {shop.identity('1.0.0')}",
        f"Dry-Sha: {shop.refs()['releases']}",
        "Promoted-From: staging",
        f"Sha-hydrated-active: {begin}",
        f"Sha-hydrated-proposed: {shop.refs()['environment/demo-next']}",
        f"Sha-dry-proposed: {shop.refs()['releases']}",
    ]


def test_the_gates_of_both_releases_are_in_the_message_as_the_promoter_writes_them(shop: Shop) -> None:
    through(shop, "1.0.0")
    shop.declare((STAGING, DEMO, {**PROD, "gates": [APPROVAL, E2E]}))
    assert shop.report("prod", "e2e", "failure", "--url", "https://ci.example/1") == 0
    shop.release("1.1.0")
    assert shop.promote() == 0
    assert shop.report("staging", "e2e") == 0
    assert shop.promote() == 0
    assert shop.report("prod", "approval") == 0
    assert shop.promote("--to", "prod") == 0
    message = shop.message("environment/prod")
    assert "\nCommit-status-active-e2e-phase: failure\nCommit-status-active-e2e-url: https://ci.example/1\n" in message
    assert "\nCommit-status-proposed-approval-phase: success" in message


def test_a_second_promotion_says_that_it_has_happened(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.promote("--to", "staging") == 0
    before = shop.refs()
    capsys.readouterr()
    assert shop.promote("--to", "staging") == 0
    assert "staging is at 1.0.0 already" in capsys.readouterr().err
    assert shop.refs() == before


def test_with_nothing_to_do_nothing_is_written(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    through(shop, "1.0.0")
    before = shop.refs()
    capsys.readouterr()
    assert shop.promote() == 0
    out, err = capsys.readouterr()
    assert not out
    assert "nothing to promote" in err
    assert shop.refs() == before


@pytest.mark.parametrize("more", [[], ["--to", "staging"]])
def test_a_dry_run_says_what_would_be_and_writes_nothing(
    shop: Shop, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    before = shop.refs()
    assert shop.promote(*more, "--dry-run") == 0
    assert "staging would go from nothing to 1.0.0" in capsys.readouterr().err
    assert shop.refs() == before
    assert "push" not in shop.server.steps()[-3:]


def test_commands_that_help_are_told_as_people_run_them(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.declare(FLOW, command="bazel run //release:{command} --")
    assert shop.promote() == 0
    assert shop.promote("--to", "demo") == 1
    assert "bazel run //release:report -- --environment staging --gate e2e --phase success" in capsys.readouterr().out


def test_what_waits_is_told_with_who_can_end_it_and_how(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.promote("--json") == 0
    waiting = {each["environment"]: each["refusals"] for each in json.loads(capsys.readouterr().out)["waiting"]}
    path = shop.declaration
    assert waiting == {
        "demo": [
            {
                "reason": "staging has not passed e2e",
                "who": "scm-status",
                "command": f"release-kit report {path} --environment staging --gate e2e --phase success "
                "--release 1.0.0",
            }
        ],
        "prod": [
            {
                "reason": "demo has not been promoted to this change: it runs nothing, and 1.0.0 is proposed here",
                "who": "demo",
                "command": f"release-kit promote {path} --to demo",
            },
            {
                "reason": "prod has not passed approval",
                "who": "scm-status",
                "command": f"release-kit report {path} --environment prod --gate approval --phase success "
                "--release 1.0.0",
            },
        ],
    }


def test_a_person_is_refused_what_the_gates_hold_back(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.promote("--to", "staging") == 0
    assert reasons(shop, capsys, "--to", "demo") == ["staging has not passed e2e"]
    assert shop.report("staging", "e2e", "failure") == 0
    assert reasons(shop, capsys, "--to", "demo") == ["staging has failed e2e"]


def test_a_refusal_is_a_table_and_an_exit_code(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.promote("--to", "staging") == 0
    capsys.readouterr()
    assert shop.promote("--to", "demo") == 1
    out, err = capsys.readouterr()
    assert [line.split("  ")[0] for line in out.splitlines()] == [
        "WHAT STANDS AGAINST IT",
        "staging has not passed e2e",
    ]
    assert "demo stays at nothing: 1 thing stands against 1.0.0" in err


def test_a_result_for_another_record_opens_nothing(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    through(shop, "1.0.0")
    shop.release("1.1.0")
    assert shop.promote() == 0
    assert shop.report("staging", "e2e", "success", "--release", "1.0.0") == 0
    assert reasons(shop, capsys, "--to", "demo") == ["staging has not passed e2e"]


def test_a_result_for_other_values_opens_nothing(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    through(shop, "1.0.0")
    shop.release("1.0.0", staging="replicas: 2", demo="replicas: 2")
    assert shop.promote() == 0
    assert "replicas: 2" in shop.show("environment/staging", "manifests/app.yaml")
    assert reasons(shop, capsys, "--to", "demo") == ["staging has not passed e2e"]
    assert shop.report("staging", "e2e") == 0
    assert shop.promote("--to", "demo") == 0


def test_values_of_a_later_environment_need_no_new_test_of_an_earlier_one(shop: Shop) -> None:
    through(shop, "1.0.0")
    shop.release("1.0.0", demo="replicas: 2")
    assert shop.promote() == 0
    assert "replicas: 2" in shop.show("environment/demo", "manifests/app.yaml")


def test_an_image_that_was_overwritten_stops_a_promotion(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.registry.state.put_image("shop/core", "v1.0.0")
    (reason,) = reasons(shop, capsys, "--to", "staging")
    assert reason.startswith("shop/core:v1.0.0 is not as it was released: expected sha256:")
    assert shop.promote() == 1
    assert "not promoted, whatever the gates say: staging" in capsys.readouterr().err
    assert shop.active("staging") == "-"


def test_drift_in_one_environment_does_not_stop_the_others(shop: Shop) -> None:
    assert shop.promote() == 0
    assert shop.report("staging", "e2e") == 0
    shop.release("1.1.0", only=["staging"])
    shop.registry.state.put_image("shop/core", "v1.1.0")
    assert shop.promote() == 1
    assert shop.active("staging") == "1.0.0"


def test_without_a_look_at_the_registry_drift_is_not_seen(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.registry.state.put_image("shop/core", "v1.0.0")
    assert shop.promote("--to", "staging", "--no-verify") == 0
    assert "is not looked for in the registry (--no-verify)" in capsys.readouterr().err


def test_a_moving_tag_that_has_moved_on_is_no_drift(shop: Shop) -> None:
    shop.push("1.1.0")
    assert shop.promote("--to", "staging") == 0


def test_the_registry_may_be_another_one(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    with FaultRegistry() as empty:
        found = reasons(shop, capsys, "--to", "staging", "--registry", empty.host)
    assert all(reason.endswith("found nothing") for reason in found)


def test_a_registry_that_is_not_there_stops_a_promotion(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.promote("--to", "staging", "--registry", "127.0.0.1:1") == 1
    assert "can't be reached" in capsys.readouterr().err
    assert shop.active("staging") == "-"


def test_a_version_never_goes_backwards(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    through(shop, "1.0.0")
    shop.release("0.9.0")
    expected = ["staging would go back from 1.0.0 to 0.9.0"]
    assert reasons(shop, capsys, "--to", "staging") == expected
    assert shop.promote() == 1
    assert shop.active("staging") == "1.0.0"


def test_all_reasons_are_told_at_once(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    through(shop, "1.0.0")
    shop.release("0.9.0")
    shop.registry.state.put_image("shop/core", "v0.9.0")
    found = reasons(shop, capsys, "--to", "prod")
    assert [reason.partition(":")[0] for reason in found] == [
        "demo has not been promoted to this change",
        "prod has not passed approval",
        "prod would go back from 1.0.0 to 0.9.0",
        "shop/core",
    ]


def test_what_was_superseded_is_not_promoted(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.promote() == 0
    assert shop.report("staging", "e2e") == 0
    shop.release("1.1.0", only=["staging"])
    assert shop.promote() == 0
    assert shop.active("staging", "demo") == "1.1.0 -"
    (reason,) = reasons(shop, capsys, "--to", "demo")
    assert reason == "staging is not hydrated for this change: it runs 1.1.0, and 1.0.0 is proposed here"


def test_a_record_that_the_environment_before_does_not_run_is_not_promoted(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.promote() == 0
    assert shop.report("staging", "e2e") == 0
    forged = shop.push("1.1.0").to_json()
    files = git(shop.bare, "ls-tree", "-r", "environment/demo-next").splitlines()
    blob = git(shop.bare, "hash-object", "-w", "--stdin", input_=forged.encode())
    entries = [
        entry if "release-record" not in entry else f"100644 blob {blob}\trelease-record.json" for entry in files
    ]
    index = str(shop.folder / "index")
    git(shop.bare, "update-index", "--index-info", input_="\n".join([*entries, ""]).encode(), GIT_INDEX_FILE=index)
    tree = git(shop.bare, "write-tree", GIT_INDEX_FILE=index)
    made = git(shop.bare, "commit-tree", tree, "-p", "environment/demo-next", "-m", "Forge")
    git(shop.bare, "update-ref", "refs/heads/environment/demo-next", made)
    assert reasons(shop, capsys, "--to", "demo") == ["staging runs 1.0.0, and not the 1.1.0 that is proposed"]
    assert shop.promote() == 0
    assert shop.active("demo") == "-"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--to", "nowhere"], "there is no environment 'nowhere'"),
        (["--from", "staging", "--to", "prod"], "--from: demo is before prod in shop, not 'staging'"),
        (["--from", "demo", "--to", "staging"], "--from: nothing is before staging in shop, not 'demo'"),
        (["--from", "demo"], "name it with --to"),
        (["--again"], "name it with --to"),
        (["--to", "staging", "--repository", "https://jo:secret-of-jo@git.example/x"], "there are credentials"),
    ],
)
def test_what_makes_no_sense_is_bad_input(
    shop: Shop, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    before = shop.refs()
    assert shop.promote(*more) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "secret-of-jo" not in err
    assert shop.refs() == before


def test_nothing_proposed_is_told_with_the_command_that_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settle(tmp_path, monkeypatch)
    with GitServer(tmp_path / "git") as server:
        shop = Promotions(tmp_path, "127.0.0.1:1", server)
        assert shop.promote("--to", "staging", "--json") == 1
        (refusal,) = json.loads(capsys.readouterr().out)["refusals"]
        assert refusal["reason"] == "nothing is proposed for staging"
        assert refusal["command"] == f"release-kit hydrate {shop.declaration}"


def test_another_repository_may_be_named(shop: Shop, tmp_path: Path) -> None:
    other = shop.server.create("acme/other")
    git(shop.bare, "push", "--quiet", "--mirror", str(other))
    assert shop.promote("--to", "staging", "--repository", shop.server.url("acme/other")) == 0
    assert shop.active("staging") == "-"
    assert "environment/staging" in git(other, "for-each-ref", "--contains", "refs/heads/environment/staging-next")


def test_a_timer_runs_from_the_commit_that_is_active(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.declare(({"name": "staging", "gates": [{"kind": "timer", "duration": "1h"}]}, DEMO, PROD))
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2099-01-01T00:00:00Z")
    assert shop.promote("--to", "staging") == 0
    assert reasons(shop, capsys, "--to", "demo") == ["staging has not passed timer"]
    shop.release("1.1.0")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z")
    assert shop.promote("--to", "staging") == 0
    assert shop.promote("--to", "demo") == 0


@pytest.mark.parametrize(("exclude", "code"), [([], 0), ([{"cron": "* * * * *", "duration": "2m"}], 1)])
def test_a_schedule_is_open_or_not(shop: Shop, exclude: list[dict[str, str]], code: int) -> None:
    always = [{"cron": "* * * * *", "duration": "2m"}]
    schedule = {"kind": "schedule", "allow": always, "exclude": exclude}
    shop.declare(({"name": "staging", "gates": [schedule]}, DEMO, PROD))
    assert shop.promote("--to", "staging") == code


@pytest.fixture(name="tracking")
def tracking_fixture(shop: Shop) -> Shop:
    """Staging takes the newest release by itself, and its test holds back what follows."""
    shop.declare(({"name": "staging", "tracks": "*", "gates": [E2E]}, DEMO, PROD))
    return shop


def test_gates_of_an_environment_that_tracks_versions_hold_back_the_next(
    tracking: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reasons(tracking, capsys, "--to", "demo") == ["staging has not passed e2e"]
    assert tracking.report("staging", "e2e") == 0
    assert tracking.promote() == 0
    assert tracking.active("staging", "demo") == "- 1.0.0", "nothing is written for staging"
    assert "\nPromoted-From: staging\n" in tracking.message("environment/demo")


def test_what_a_tracking_environment_does_not_take_goes_no_further(
    tracking: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tracking.report("staging", "e2e") == 0
    assert tracking.promote() == 0
    tracking.release("1.1.0-rc.1")
    capsys.readouterr()
    assert tracking.promote("--to", "demo", "--json") == 1
    (refusal,) = json.loads(capsys.readouterr().out)["refusals"]
    assert refusal["reason"].endswith("it runs 1.0.0, and 1.1.0-rc.1 is proposed here")
    assert refusal["who"] == "Argo CD, which takes * there"
    tracking.release("1.1.0")
    assert tracking.promote() == 0
    assert tracking.active("demo") == "1.0.0"
    assert tracking.report("staging", "e2e", "success", "--release", "1.1.0") == 0
    assert tracking.promote() == 0
    assert tracking.active("demo") == "1.1.0"


def test_nobody_promotes_to_an_environment_that_tracks_versions(
    tracking: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tracking.promote("--to", "staging") == 2
    assert "staging takes * by itself: nobody promotes to it" in capsys.readouterr().err


def test_a_dry_run_of_everything_lists_each_change_once(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert shop.promote("--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["environment"] for each in told["promotions"]] == ["staging"]
    assert [each["environment"] for each in told["waiting"]] == ["demo", "prod"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_tag_that_somebody_moved_in_a_real_registry_stops_a_promotion(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settle(tmp_path, monkeypatch)
    (tmp_path / "registry").mkdir()
    with real_registry(program, tmp_path / "registry") as host, GitServer(tmp_path / "git") as server:
        shop = Promotions(tmp_path, host, server)
        shop.push("1.1.0")
        shop.release("1.0.0")
        assert shop.promote("--to", "staging") == 0
        move_tag(f"http://{host}/v2/shop/core/manifests", "v1.1.0", "v1.0.0")
        assert shop.report("staging", "e2e") == 0
        (reason,) = reasons(shop, capsys, "--to", "demo")
        assert reason.startswith("shop/core:v1.0.0 is not as it was released: expected sha256:")


def move_tag(manifests: str, source: str, tag: str) -> None:
    """Lets a tag point at what another one points at, as anyone who may push can."""
    kind = "application/vnd.oci.image.manifest.v1+json"
    with urlopen(Request(f"{manifests}/{source}", headers={"Accept": kind})) as answer:
        content = answer.read()
    request = Request(f"{manifests}/{tag}", content, {"Content-Type": kind}, method="PUT")
    with urlopen(request) as answer:
        assert answer.status == 201


def test_the_release_that_is_meant_is_promoted_by_version_or_record(shop: Shop) -> None:
    assert shop.promote("--to", "staging", "--release", "1.0.0") == 0
    assert shop.report("staging", "e2e") == 0
    elsewhere = shop.variant("1.0.0", registry="elsewhere.example")
    assert shop.promote("--to", "demo", "--record", elsewhere) == 0, "the registry is no part of a release"
    assert shop.active(*NAMES) == "1.0.0 1.0.0 -"


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_run_of_an_older_release_does_not_promote_a_newer_one(
    shop: Shop, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    shop.release("1.1.0")
    for meant in (["--release", "1.0.0"], ["--record", str(shop.records["1.0.0"])]):
        (refusal,) = refusals(shop, capsys, "--to", "staging", *meant, *more)
        assert refusal == {
            "reason": "staging proposes 1.1.0, and not the 1.0.0 that is wanted",
            "who": "a person",
            "command": f"release-kit promote {shop.declaration} --to staging --release 1.1.0",
        }
    assert shop.promote("--to", "staging", "--release", "") == 0, "empty: whatever is there"
    assert shop.active("staging") == "1.1.0"


def test_a_release_that_nobody_has_hydrated_is_one_more_refusal(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.promote("--to", "staging") == 0
    first, second = refusals(shop, capsys, "--to", "demo", "--release", "1.1.0")
    assert first["reason"] == "demo proposes 1.0.0, and not the 1.1.0 that is wanted"
    assert (first["who"], first["command"]) == (
        "the hydrator",
        f"release-kit hydrate {shop.declaration} --release 1.1.0",
    )
    assert second["reason"] == "staging has not passed e2e"
    assert shop.promote("--to", "demo", "--release", "1.1.0") == 1
    assert "demo stays at nothing: 2 things stand against 1.1.0" in capsys.readouterr().err


def test_another_release_of_the_same_version_is_not_the_one_that_is_meant(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    other = ("--to", "staging", "--record", shop.variant("1.0.0", commit="0" * 40))
    said = "another release of that version, and not the 1.0.0 that is wanted"
    assert reasons(shop, capsys, *other) == [f"staging proposes {said}"]
    assert shop.promote("--to", "staging") == 0
    said = "another release of that version already, and not the 1.0.0 that is wanted"
    assert reasons(shop, capsys, *other) == [f"staging runs {said}"]


def test_what_runs_already_is_done_or_another_release(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.promote("--to", "staging", "--release", "1.0.0") == 0
    shop.release("1.1.0")
    before = shop.refs()
    capsys.readouterr()
    for meant in (["--release", "1.0.0"], ["--record", str(shop.records["1.0.0"])]):
        assert shop.promote("--to", "staging", *meant, "--json") == 0, "done, whatever is proposed by now"
        out, err = capsys.readouterr()
        (told,) = json.loads(out)["promotions"]
        assert (told["version"], told["record"], told["done"]) == ("1.0.0", shop.identity("1.0.0"), False)
        assert told["commit"] == before["environment/staging"]
        assert "staging is at 1.0.0 already" in err
    assert shop.refs() == before
    assert shop.promote("--to", "staging", "--release", "1.1.0") == 0
    (refusal,) = refusals(shop, capsys, "--to", "staging", "--release", "1.0.0")
    assert refusal["reason"] == "staging runs 1.1.0 already, and not the 1.0.0 that is wanted"
    assert refusal["command"] == f"release-kit rollback {shop.declaration} --environment staging --to 1.0.0"


def test_new_values_of_the_release_that_is_meant_are_promoted(shop: Shop) -> None:
    assert shop.promote("--to", "staging") == 0
    assert shop.active("staging") == "1.0.0"
    shop.release("1.0.0", staging="replicas: 2")
    assert shop.promote("--to", "staging", "--release", "1.0.0") == 0
    assert "replicas: 2" in shop.show("environment/staging", "manifests/app.yaml")


def test_a_newer_release_that_is_proposed_before_the_push_is_not_promoted(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    def newer(request: GitRequest) -> None:
        if request.step == "push":
            shop.server.before = lambda _: None
            tree = git(shop.bare, "rev-parse", "environment/staging^{tree}").strip()
            moved = git(shop.bare, "commit-tree", tree, "-p", "environment/staging", "-m", "Move").strip()
            git(shop.bare, "update-ref", "refs/heads/environment/staging", moved)
            shop.release("1.1.0")

    shop.push("1.1.0")
    capsys.readouterr()
    shop.server.before = newer
    assert shop.promote("--to", "staging", "--release", "1.0.0", "--json") == 1
    (refusal,) = json.loads(capsys.readouterr().out)["refusals"]
    assert refusal["reason"] == "staging proposes 1.1.0, and not the 1.0.0 that is wanted"
    assert shop.active("staging") == "-"


def test_a_run_of_an_older_release_does_not_promote_a_hotfix(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.declare(({**STAGING, "staging": True}, DEMO, PROD))
    assert shop.promote("--to", "staging") == 0
    assert shop.report("staging", "e2e") == 0
    shop.release("1.0.1", skip_staging=True)
    (reason,) = reasons(shop, capsys, "--to", "demo", "--release", "1.0.0")
    assert reason == "demo proposes 1.0.1, and not the 1.0.0 that is wanted"
    assert shop.promote("--to", "demo", "--release", "1.0.1") == 0
    assert shop.active(*NAMES) == "1.0.0 1.0.1 -"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--release", "1.0.0"], "--release and --record say what to promote to one environment"),
        (["--record", "record.json"], "--release and --record say what to promote to one environment"),
        (["--to", "staging", "--release", "1\n2"], r"--release: expected a version, found '1\n2'"),
        (["--to", "staging", "--release", "1" * 129], "--release: expected a version, found '111"),
        (["--to", "staging", "--record", "no-such-record.json"], "no-such-record.json"),
    ],
)
def test_a_release_that_makes_no_sense_is_bad_input(
    shop: Shop, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    before = shop.refs()
    assert shop.promote(*more) == 2
    assert said in capsys.readouterr().err
    assert shop.refs() == before
