"""`release-kit argocd wait`: a deploy repository, an Argo CD that follows its branches, and what is reported."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.argocd_server import Answer, ArgoCDServer, application, observed, synced
from rehearsal.git_server import GitServer, RefusedError
from rehearsal.github_server import TOKEN as GITHUB_TOKEN
from rehearsal.github_server import GitHubServer
from release_kit.cli.app import main
from release_kit.documents.release_record import ChartRecord
from release_kit.engines import deadline
from release_kit.engines.deadline import Deadline
from tests.support.fault_registry import FaultRegistry
from tests.support.promotions import E2E, Promotions, settle
from tests.support.secret_search import found as told_secret
from tests.support.secret_search import secret

TOKEN = secret("argocd")
HEALTH = {"kind": "argocd-health"}
STAGING = {"name": "staging", "gates": [HEALTH, E2E]}
DEMO = {"name": "demo"}
FLOW = (STAGING, DEMO)
APPLICATION = "shop-staging"


class Shop(Promotions):
    """Environments, and an Argo CD; time passes only where somebody waits, and something happens then."""

    argocd: ArgoCDServer
    now = 0.0
    moments: list[Callable[[], object]]

    def wait(self, *more: str) -> int:
        """Waits for staging."""
        where = ["--environment", "staging", "--server", self.argocd.host]
        return main(["argocd", "wait", str(self.declaration), *where, *more])

    def head(self, name: str = "staging") -> str:
        """Returns the commit that an environment runs."""
        return self.refs()[f"environment/{name}"]

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        self.now += seconds
        if self.moments:
            self.moments.pop(0)()

    def see(self, commit: str, sync: str = "Synced", health: str = "Healthy", message: str = "") -> None:
        """Lets Argo CD have compared the Application with a commit."""
        known = self.argocd.applications[APPLICATION]
        self.argocd.put(observed(known, commit, sync, health, message))

    def sync(self, commit: str, phase: str = "Succeeded", message: str = "") -> None:
        """Lets Argo CD sync the Application."""
        self.argocd.put(synced(self.argocd.applications[APPLICATION], commit, phase, message))


@pytest.fixture(name="begun", scope="module")
def begun_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        with FaultRegistry() as registry, GitServer(folder / "git") as server:
            shop = Shop(folder, registry.host, server, FLOW)
            shop.release("1.0.0")
            assert shop.promote("--to", "staging") == 0
            yield shop


@pytest.fixture(name="shop")
def shop_fixture(begun: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    before = begun.refs()
    monkeypatch.setenv("ARGOCD_AUTH_TOKEN", TOKEN)
    for name in ("ARGOCD_SERVER", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    begun.now, begun.moments = 0.0, []
    monkeypatch.setattr(
        deadline, "within", lambda seconds: Deadline(begun.now + seconds, lambda: begun.now, begun.sleep)
    )
    with ArgoCDServer(TOKEN) as begun.argocd:
        source = {"repoURL": begun.url, "targetRevision": "environment/staging", "path": "manifests"}
        begun.argocd.put(observed(application(APPLICATION, source), "0" * 40))
        yield begun
        assert begun.argocd.faults == []
    begun.server.before = lambda _: None
    begun.restore(before)
    begun.declare(FLOW)


def health(shop: Shop, version: str = "1.0.0") -> dict[str, Any]:
    return shop.result("staging", version, "argocd-health")


def test_a_deployment_is_waited_for_and_written_down(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    head, phases = shop.head(), []

    def syncing() -> None:
        phases.append(health(shop)["phase"])
        shop.see(head, "OutOfSync")
        shop.sync(head, "Running", "one task left")

    shop.moments = [
        syncing,
        lambda: shop.sync(head),
        lambda: shop.see(head, health="Progressing", message="waiting for a rollout"),
        lambda: shop.see(head),
    ]
    assert shop.wait("--report") == 0
    assert phases == ["pending"], "from the start on"
    assert shop.count("gate-results") == 2, "one at the start, one at the end"
    found = health(shop)
    del found["time"]
    assert found == {
        "schema": "rules_release/gate-result/v1",
        "environment": "staging",
        "record": shop.identity("1.0.0"),
        "version": "1.0.0",
        "key": "argocd-health",
        "phase": "success",
        "reporter": "argocd-commit-status",
        "dry": shop.refs()["releases"],
        "description": f"Synced at {head[:12]}, Healthy; sync Succeeded",
        "url": f"http://{shop.argocd.host}/applications/argocd/shop-staging",
    }
    out, err = capsys.readouterr()
    assert out == ""
    assert f"* wait: shop-staging at shop 1.0.0 ({head})" in err
    assert f"  OutOfSync at {head[:12]}, Healthy; sync Running: one task left\n" in err
    assert "argocd-health of shop 1.0.0 in staging is success" in err


def test_what_is_deployed_already_is_written_down_once(shop: Shop) -> None:
    shop.see(shop.head())
    assert shop.wait("--report") == 0
    assert (health(shop)["phase"], shop.count("gate-results")) == ("success", 1)
    refs = shop.refs()
    assert shop.wait("--report") == 0
    assert shop.refs() == refs, "a second wait writes nothing"


def test_nothing_is_written_down_without_report(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    before, head = shop.refs(), shop.head()
    shop.moments = [lambda: shop.see(head)]
    assert shop.wait("--json") == 0
    assert shop.refs() == before
    assert json.loads(capsys.readouterr().out) == {
        "schema": "rules_release/argocd-wait/v1",
        "environment": "staging",
        "application": "shop-staging",
        "version": "1.0.0",
        "revision": head,
        "end": "healthy",
        "description": f"Synced at {head[:12]}, Healthy",
        "url": f"http://{shop.argocd.host}/applications/argocd/shop-staging",
        "seconds": round(shop.now, 1),
        "seen": {
            "sync": "Synced",
            "revisions": [head],
            "health": "Healthy",
            "message": "",
            "operation": {"phase": "", "message": "", "revisions": []},
            "conditions": [],
            "unjudged": [],
        },
        "reported": [],
    }


def test_a_result_lets_the_next_environment_go_on(shop: Shop) -> None:
    shop.see(shop.head())
    assert shop.report("staging", "e2e") == 0
    assert shop.promote("--to", "demo") == 1, "its health is not known yet"
    assert shop.wait("--report") == 0
    assert shop.promote("--to", "demo") == 0
    assert shop.active("demo") == "1.0.0"


def test_a_sync_that_was_given_up_is_a_failure(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    head = shop.head()
    shop.see(head, "OutOfSync")
    shop.sync(head, "Failed", "a hook failed")
    assert shop.wait("--report", "--json") == 1
    assert health(shop)["phase"] == "failure"
    said = f"Argo CD has given up: OutOfSync at {head[:12]}, Healthy; sync Failed: a hook failed"
    assert health(shop)["description"] == said
    out, err = capsys.readouterr()
    assert (json.loads(out)["end"], json.loads(out)["reported"]) == ("failed", ["argocd-health"])
    assert f"ERROR shop-staging at 1.0.0: {said}\n" in err
    assert f"rollback {shop.declaration} --environment staging" in err


def test_the_deadline_is_a_failure_with_what_was_seen_last(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.see(shop.head(), health="Degraded", message="progress deadline exceeded")
    assert shop.wait("--report", "--deadline", "2m") == 1
    assert health(shop)["phase"] == "failure"
    assert health(shop)["description"].endswith("Degraded: progress deadline exceeded")
    assert health(shop)["description"].startswith("not deployed after ")
    assert 60 < shop.now < 120
    assert "look at http://127.0.0.1" in capsys.readouterr().err


def test_something_newer_is_no_failure_of_either(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    def newer() -> None:
        shop.release("1.1.0", only=["staging"])
        assert shop.promote("--to", "staging") == 0
        shop.see(shop.head(), health="Degraded")

    shop.moments = [newer]
    assert shop.wait("--report", "--json") == 1
    assert health(shop)["phase"] == "pending"
    assert health(shop, "1.1.0") == {}
    out, err = capsys.readouterr()
    assert json.loads(out[out.index("{") :])["end"] == "superseded"
    assert "superseded, staging has something newer" in err
    assert "wait again: staging has something newer now" in err


def test_the_release_that_is_meant_is_waited_for(shop: Shop) -> None:
    shop.see(shop.head())
    assert shop.wait("--report", "--record", shop.variant("1.0.0", registry="elsewhere.example")) == 0
    assert shop.wait("--report", "--release", "1.0.0") == 0
    assert shop.wait("--report", "--release", "") == 0, "empty: whatever is there"
    assert health(shop)["phase"] == "success"


@pytest.mark.parametrize("skip_staging", [False, True])
def test_another_release_is_neither_waited_for_nor_reported(
    skip_staging: bool, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = "1.0.1" if skip_staging else "1.1.0"
    shop.release(newer, skip_staging=skip_staging)
    assert shop.promote("--to", "staging") == 0
    before = shop.refs()
    shop.see(shop.head())
    shop.argocd.journal.clear()
    for meant in (["--release", "1.0.0"], ["--record", str(shop.records["1.0.0"])]):
        assert shop.wait("--report", *meant) == 1
        assert f"ERROR staging runs {newer}, and not the 1.0.0 that is wanted\n" in capsys.readouterr().err
    assert (shop.refs(), shop.argocd.journal) == (before, [])
    assert shop.wait("--report", "--release", newer) == 0


def test_another_release_of_the_same_version_is_not_waited_for(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    before = shop.refs()
    assert shop.wait("--report", "--record", shop.variant("1.0.0", commit="0" * 40)) == 1
    assert "staging runs another release of that version, and not the 1.0.0 that is" in capsys.readouterr().err
    assert (shop.refs(), shop.argocd.journal) == (before, [])


def test_something_newer_than_what_is_meant_is_no_failure_of_it(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    def newer() -> None:
        shop.release("1.1.0", only=["staging"])
        assert shop.promote("--to", "staging") == 0
        shop.see(shop.head())

    shop.moments = [newer]
    assert shop.wait("--report", "--release", "1.0.0") == 1
    assert "superseded, staging has something newer" in capsys.readouterr().err
    assert (health(shop)["phase"], health(shop, "1.1.0")) == ("pending", {})


def test_what_was_there_at_the_start_gets_the_result(shop: Shop) -> None:
    head = shop.head()

    def both() -> None:
        shop.release("1.1.0", only=["staging"])
        assert shop.promote("--to", "staging") == 0
        shop.see(head)

    shop.moments = [both]
    assert shop.wait("--report") == 0
    assert (health(shop)["phase"], health(shop, "1.1.0")) == ("success", {})


def test_a_repository_that_is_away_for_a_moment_is_waited_for(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_: object) -> None:
        raise RefusedError(503)

    def away() -> None:
        shop.server.before = refuse

    def back() -> None:
        shop.server.before = lambda _: None
        shop.see(shop.head())

    shop.moments = [away, back]
    assert shop.wait("--report") == 0
    assert "503" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "told"), [(401, "does not know the token"), (403, "applications, get"), (404, "apply what is generated")]
)
def test_a_refusal_writes_nothing(status: int, told: str, shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    before = shop.refs()
    shop.argocd.instead = lambda _: Answer(status, {"message": "no"})
    assert shop.wait("--report") == 1
    assert shop.refs() == before
    assert told in capsys.readouterr().err


def test_the_server_may_be_named_by_the_environment(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.see(shop.head())
    command = ["argocd", "wait", str(shop.declaration), "--environment", "staging"]
    assert main(command) == 2
    assert "say it with --server or in ARGOCD_SERVER" in capsys.readouterr().err
    monkeypatch.setenv("ARGOCD_SERVER", shop.argocd.host)
    assert main(command) == 0


def test_the_token_is_never_told(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.see(shop.head(), "OutOfSync", "Degraded", f"Bearer {TOKEN}")
    assert shop.wait("--report", "--json", "--verbose", "--deadline", "1m") == 1
    out, err = capsys.readouterr()
    assert "Bearer ***" in out
    assert not told_secret(out + err + json.dumps(health(shop)))


def test_a_token_is_needed(shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("ARGOCD_AUTH_TOKEN")
    assert shop.wait() == 2
    assert "needs a token in ARGOCD_AUTH_TOKEN; it is empty or not set" in capsys.readouterr().err
    assert shop.argocd.journal == []


@pytest.mark.parametrize("text", ["15", "", "x", "-1m", "1m30"])
def test_a_deadline_is_a_duration(text: str, shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.wait(f"--deadline={text}") == 2
    assert "--deadline: expected a duration such as" in capsys.readouterr().err


def test_a_gate_has_one_reporter(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.see(shop.head())
    assert shop.report("staging", "argocd-health", "failure", "--reporter", "somebody") == 0
    assert shop.wait("--report") == 1
    assert "somebody reports it (failure)" in capsys.readouterr().err
    assert health(shop)["phase"] == "failure"
    assert shop.wait("--report", "--reporter", "somebody", "--url", "https://ci.example/7") == 0
    assert (health(shop)["reporter"], health(shop)["url"]) == ("somebody", "https://ci.example/7")


def test_all_gates_of_that_kind_are_reported(shop: Shop) -> None:
    shop.declare(({"name": "staging", "gates": [{**HEALTH, "key": "objects"}, E2E, HEALTH]}, DEMO))
    shop.see(shop.head())
    assert shop.wait("--report") == 0
    assert [shop.result("staging", "1.0.0", key).get("phase") for key in ("objects", "argocd-health", "e2e")] == [
        "success",
        "success",
        None,
    ]


def test_the_commit_that_was_deployed_gets_the_status(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", GITHUB_TOKEN)
    head = shop.head()
    run = {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.example", "GITHUB_REPOSITORY": "acme/shop"}
    for name, value in {**run, "GITHUB_RUN_ID": "7"}.items():
        monkeypatch.setenv(name, value)
    with GitHubServer() as hub:
        on_github = {"owner": "acme", "name": "deploy", "app_id": 1, "domain": hub.host, "url": shop.url}
        shop.declare(FLOW, repository=on_github)
        shop.moments = [lambda: shop.see(head)]
        assert shop.wait("--commit-status") == 0
        newest, first = hub.statuses.of("acme/deploy", head)
    assert (first["state"], newest["state"]) == ("pending", "success")
    assert newest["context"] == "release-kit/argocd-health"
    assert newest["target_url"] == health(shop)["url"] == "https://github.example/acme/shop/actions/runs/7"
    assert health(shop)["phase"] == "success", "the result is written down, too"


def test_who_has_no_such_gate_has_nothing_to_report(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.declare(({"name": "staging", "gates": [E2E]}, DEMO))
    shop.see(shop.head())
    assert shop.wait("--report") == 2
    assert "staging has no gate of the kind argocd-health" in capsys.readouterr().err
    assert shop.wait() == 0


def test_an_environment_without_a_release_has_nothing_to_wait_for(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.wait("--environment", "demo") == 1
    assert "demo: no release is on the branch environment/demo" in capsys.readouterr().err
    assert shop.wait("--environment", "prod") == 2
    assert shop.argocd.journal == []


def test_the_health_of_a_pinned_application_has_to_count(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.declare(FLOW, delivery="application")
    pin = observed(
        application("pin-shop-staging", shop.argocd.applications[APPLICATION]["spec"]["source"]), shop.head()
    )
    child = {"group": "argoproj.io", "kind": "Application", "namespace": "argocd", "name": "shop-staging"}
    bare, judged = ({**pin["status"], "resources": [{**child, **more}]} for more in ({}, {"health": HEALTHY}))
    shop.argocd.put({**pin, "status": bare})
    assert shop.wait("--deadline", "1m") == 1
    assert "Argo CD gives the Application shop-staging no health: argocd/health.yaml" in capsys.readouterr().err
    shop.argocd.put({**pin, "status": judged})
    assert shop.wait() == 0


HEALTHY = {"status": "Healthy"}


class Tracking(Shop):
    """Staging follows the chart's versions: it has no branch."""

    def release_chart(self, version: str) -> str:
        """Hydrates a release that has a chart; returns the chart's digest."""
        record = self.push(version)
        image = record.images[0]
        chart = image._replace(name="shop", repository="charts/shop", moving_tags=())._asdict()
        del chart["moving_tags"]
        record = record._replace(charts=(ChartRecord(**chart, version=version),))
        self.records[version].write_text(record.to_json())
        self.hydrate(record)
        return image.digest


@pytest.mark.parametrize("form", ["classic", "native"])
def test_an_environment_that_tracks_versions_has_to_run_the_newest_chart(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settle(tmp_path, monkeypatch)
    monkeypatch.setenv("ARGOCD_AUTH_TOKEN", TOKEN)
    flow = ({"name": "staging", "tracks": "^1.0", "gates": [HEALTH]}, DEMO)
    with FaultRegistry() as registry, GitServer(tmp_path / "git") as server, ArgoCDServer(TOKEN) as argocd:
        chart = {"registry": registry.host, "name": "shop", "form": form}
        shop = Tracking(tmp_path, registry.host, server, flow, chart=chart)
        shop.argocd, shop.moments = argocd, []
        monkeypatch.setattr(deadline, "within", lambda each: Deadline(shop.now + each, lambda: shop.now, shop.sleep))
        argocd.put(application(APPLICATION, {"repoURL": registry.host, "chart": "shop", "targetRevision": "^1.0"}))
        assert shop.wait("--report") == 1
        assert "staging: no release on releases is one of ^1.0" in capsys.readouterr().err
        digests = {version: shop.release_chart(version) for version in ("1.0.0", "1.1.0")}
        revision = {version: digests[version] if form == "native" else version for version in digests}
        shop.see(revision["1.0.0"])
        shop.moments = [lambda: shop.see(revision["1.1.0"])]
        assert shop.wait("--report") == 0
        assert (health(shop, "1.1.0")["phase"], health(shop, "1.0.0")) == ("success", {})
        assert shop.wait("--report", "--release", "1.0.0") == 1
        assert "staging runs 1.1.0, and not the 1.0.0 that is wanted" in capsys.readouterr().err
        assert shop.wait("--record", str(shop.records["1.1.0"])) == 0
        shop.see(revision["1.0.0"])
        shop.moments = [lambda: shop.release_chart("1.2.0")]
        assert shop.wait() == 1
        assert "superseded, staging has something newer" in capsys.readouterr().err
