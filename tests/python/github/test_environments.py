"""`release-kit github environments` against a GitHub on loopback: it shows, checks, changes, and tells no secret."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey, SealedBox

from rehearsal.github_environments import Environment
from rehearsal.github_routes import Answer, Request
from rehearsal.github_server import TOKEN, GitHubServer
from release_kit.adapters.github import api
from release_kit.adapters.registry.messages import Times
from release_kit.adapters.registry.patience import Patience
from release_kit.cli.app import main
from tests.support.secret_search import found, secret

QUICK = Patience(times=Times(connect=2.0, idle=2.0, total=5.0), sleep=lambda _: None)
WRITES = ("PUT", "POST", "PATCH", "DELETE")
KEY = PrivateKey(bytes(range(32)))
E2E = {"secrets": ["DEPLOY_TOKEN", "SHOP_E2E_PASSWORD"], "variables": {"SHOP_E2E_USER": "demo"}, "tags": ["v*"]}
RELEASE = {
    "secrets": ["DEPLOY_TOKEN"],
    "reviewers": ["team/on-call", "user/alice"],
    "prevent_self_review": True,
    "wait_minutes": 60,
    "branches": ["main"],
    "tags": ["v*"],
}


class Hub:
    """A declaration and the GitHub that it is about."""

    def __init__(self, folder: Path, server: GitHubServer) -> None:
        self.path, self.server = folder / "environments.json", server
        server.environments.teams["on-call"] = 7
        server.environments.users["alice"] = 8
        server.environments.public_key = base64.b64encode(bytes(KEY.public_key)).decode()
        self.declare(demo=E2E, release=RELEASE)

    def declare(self, pipeline: bool = True, **environments: Any) -> None:
        """Writes the declaration."""
        document: dict[str, Any] = {
            "schema": "rules_release/environments/v1",
            "name": "shop",
            "repository": {"provider": "fake", "owner": "acme", "name": "deploy", "url": "https://git.example/x.git"},
            "chart": {"registry": "registry.example", "name": "shop"},
            "environments": [{"name": name, "github": github} for name, github in environments.items()],
        }
        if pipeline:
            document["pipeline"] = {"provider": "github", "owner": "acme", "name": "shop", "domain": self.server.host}
        self.path.write_text(json.dumps(document))

    def run(self, *more: str) -> int:
        """Runs `release-kit github environments`."""
        return main(["github", "environments", str(self.path), *more])

    def one(self, name: str) -> Environment:
        """Returns an environment."""
        return self.server.environments.of("acme/shop", name)

    def opened(self, name: str, of: str) -> str:
        """Opens a sealed secret, as only GitHub can."""
        return SealedBox(KEY).decrypt(base64.b64decode(self.one(name).secrets[of])).decode()

    def state(self) -> dict[str, Any]:
        """Returns all that there is, without numbers that GitHub gives."""
        return {
            name: {
                **{key: value for key, value in vars(one).items() if key not in ("id", "rules", "secrets")},
                "rules": sorted((each["type"], each["name"]) for each in one.rules),
                "secrets": sorted(one.secrets),
            }
            for (_, name), one in self.server.environments.all.items()
        }

    def writes(self) -> list[str]:
        """Returns the requests that write, and forgets all."""
        made = [
            f"{method} {target.partition('environments/')[2]}"
            for method, target in self.server.journal
            if method in WRITES
        ]
        self.server.journal.clear()
        return made


@pytest.fixture(name="hub")
def hub_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setattr(api, "Patience", lambda: QUICK)
    with GitHubServer() as server:
        yield Hub(tmp_path, server)


def test_by_default_it_shows_the_plan_and_changes_nothing(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert hub.run() == 0
    assert not hub.writes()
    out, err = capsys.readouterr()
    rows = [line.split("  ") for line in out.splitlines()]
    assert [cell.strip() for cell in rows[0] if cell] == ["ENVIRONMENT", "WHAT", "NOW", "DECLARED", "ACTION"]
    assert "gh api --hostname" in out
    assert f"gh secret set DEPLOY_TOKEN --env release --repo {hub.server.host}/acme/shop" in out
    assert "nothing was changed" in err
    assert "secrets that are missing: 3" in err


def test_apply_makes_it_as_declared(hub: Hub) -> None:
    assert hub.run("--apply") == 0
    demo, release = hub.one("demo"), hub.one("release")
    assert (demo.variables, demo.reviewers, demo.wait_timer) == ({"SHOP_E2E_USER": "demo"}, [], 0)
    assert release.reviewers == [{"type": "Team", "id": 7}, {"type": "User", "id": 8}]
    assert (release.prevent_self_review, release.wait_timer) == (True, 60)
    assert release.policy == {"protected_branches": False, "custom_branch_policies": True}
    assert [(each["type"], each["name"]) for each in release.rules] == [("branch", "main"), ("tag", "v*")]


def test_a_second_apply_sends_no_request_that_writes(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert hub.run("--apply") == 0
    assert hub.writes()
    assert hub.run("--apply") == 0
    assert not hub.writes()
    assert "everything was as declared already" in capsys.readouterr().err


def test_what_is_not_declared_stays(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.server.environments.add("acme/shop", "playground", wait_timer=3)
    hub.server.environments.add("acme/shop", "demo", variables={"MORE": "x"}, secrets={"OTHER": "sealed"})
    assert hub.run("--apply") == 0
    assert hub.one("playground").wait_timer == 3
    assert hub.one("demo").variables == {"MORE": "x", "SHOP_E2E_USER": "demo"}
    assert hub.one("demo").secrets == {"OTHER": "sealed"}
    assert capsys.readouterr().out.count("left alone") == 3


def test_names_are_the_same_in_capitals(hub: Hub) -> None:
    hub.server.environments.add("acme/shop", "Demo", wait_timer=3)
    assert hub.run("--apply") == 0
    assert {name for _, name in hub.server.environments.all} == {"demo", "release"}
    assert hub.one("demo").wait_timer == 0


def test_all_pages_of_variables_are_read(hub: Hub) -> None:
    variables = {f"NAME_{number}": str(number) for number in range(95)}
    hub.declare(demo={"variables": variables, "secrets": ["DEPLOY_TOKEN"]})
    assert hub.run("--apply") == 0
    hub.writes()
    assert hub.run("--apply") == 0
    assert not hub.writes()


def test_check_fails_where_anything_differs(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hub.run("--check") == 1
    assert hub.run("--apply") == 0
    hub.writes()
    assert hub.run("--check") == 1, "secrets are missing"
    for name in ("DEPLOY_TOKEN", "SHOP_E2E_PASSWORD"):
        monkeypatch.setenv(name, secret(name))
    assert hub.run("--apply", "--set-secret", "DEPLOY_TOKEN", "--set-secret", "SHOP_E2E_PASSWORD") == 0
    hub.writes()
    assert hub.run("--check") == 0
    hub.one("release").wait_timer = 59
    assert hub.run("--check") == 1
    assert not hub.writes()


def test_a_secret_arrives_sealed_in_each_environment_that_declares_it(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    value = secret("deploy-token\n with Ümlaut")
    monkeypatch.setenv("DEPLOY_TOKEN", value)
    assert hub.run("--apply", "--set-secret", "DEPLOY_TOKEN", "--json") == 0
    assert hub.opened("demo", "DEPLOY_TOKEN") == hub.opened("release", "DEPLOY_TOKEN") == value
    out, err = capsys.readouterr()
    assert not found(out + err), "the value was told"
    told = json.loads(out)
    assert told["missing_secrets"] == [{"environment": "demo", "name": "SHOP_E2E_PASSWORD"}]
    assert [thing["action"] for thing in told["things"] if thing["what"] == "secret DEPLOY_TOKEN"] == ["set", "set"]


def test_a_secret_can_be_another_one_in_each_environment(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("demo", "release"):
        monkeypatch.setenv("DEPLOY_TOKEN", secret(name))
        assert hub.run("--apply", "--set-secret", f"{name}:DEPLOY_TOKEN") == 0
    assert [hub.opened(name, "DEPLOY_TOKEN") for name in ("demo", "release")] == [secret("demo"), secret("release")]


def test_secrets_come_after_all_protection(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", secret("deploy-token"))
    assert hub.run("--apply", "--set-secret", "DEPLOY_TOKEN") == 0
    kinds = [each.partition("/")[2].partition("/")[0] for each in hub.writes()]
    assert kinds == [
        "",
        *["deployment-branch-policies"],
        "",
        *["deployment-branch-policies"] * 2,
        "variables",
        "secrets",
        "secrets",
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--set-secret", "DEPLOY_TOKEN"), "say --apply"),
        (("--apply", "--set-secret", "NOBODY"), "no environment declares the secret 'NOBODY'"),
        (("--apply", "--set-secret", "release:SHOP_E2E_PASSWORD"), "no environment declares the secret"),
        (("--apply", "--set-secret", "nowhere:DEPLOY_TOKEN"), "there is no environment 'nowhere'"),
        (("--apply", "--set-secret", "SHOP_E2E_PASSWORD"), "SHOP_E2E_PASSWORD is empty or not set"),
    ],
)
def test_a_secret_that_can_not_be_set_is_bad_input(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], said: str
) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", secret("deploy-token"))
    monkeypatch.setenv("SHOP_E2E_PASSWORD", "")
    assert hub.run(*more) == 2
    assert said in capsys.readouterr().err
    assert not hub.server.journal


def test_without_a_pipeline_it_is_bad_input(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.declare(pipeline=False, demo={})
    assert hub.run() == 2
    assert "the declaration has no pipeline" in capsys.readouterr().err


def test_a_reviewer_whom_nobody_knows_is_named_before_anything_is_written(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.server.environments.teams.clear()
    assert hub.run("--apply") == 1
    assert "there is no team on-call" in capsys.readouterr().err
    assert not hub.writes()


def expected_state(hub: Hub) -> dict[str, Any]:
    """Applies, and returns what there is then; all of it is taken away again."""
    assert hub.run("--apply", "--set-secret", "DEPLOY_TOKEN") == 0
    state = hub.state()
    hub.server.environments.all.clear()
    return state


@pytest.mark.parametrize("begin", ["nothing", "something else"])
def test_interrupted_at_any_request_and_run_again_it_ends_the_same(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, begin: str
) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", secret("deploy-token"))
    state = expected_state(hub)
    for number in range(100):
        hub.server.environments.all.clear()
        if begin == "something else":
            rules = [{"id": 1, "node_id": "G_1", "name": "*", "type": "branch"}]
            policy = {"protected_branches": False, "custom_branch_policies": True}
            hub.server.environments.add("acme/shop", "demo", wait_timer=5, policy=policy, rules=rules)
            hub.server.environments.add("acme/shop", "release", variables={}, policy=policy, rules=[*rules])
        hub.server.journal.clear()
        hub.server.instead = lambda _, last=number: (
            Answer(422, {"message": "no"}) if len(hub.server.journal) > last else None
        )  # type: ignore[misc]
        if hub.run("--apply", "--set-secret", "DEPLOY_TOKEN") == 0:
            break
        for one in hub.server.environments.all.values():
            assert not one.secrets or hub.state()[one.name]["rules"], "a secret came before what protects it"
        hub.server.instead = lambda _: None
        assert hub.run("--apply", "--set-secret", "DEPLOY_TOKEN") == 0
        assert hub.state() == state
    assert 20 < number < 99


@pytest.mark.parametrize("method", WRITES)
def test_an_answer_that_got_lost_does_no_harm(hub: Hub, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", secret("deploy-token"))
    state = expected_state(hub)
    rules = [{"id": 1, "node_id": "G_1", "name": "*", "type": "branch"}]
    policy = {"protected_branches": False, "custom_branch_policies": True}
    variables = {"SHOP_E2E_USER": "x"} if method == "PATCH" else {}
    hub.server.environments.add("acme/shop", "demo", policy=policy, rules=rules, variables=variables)
    lost: set[str] = set()

    def lose(request: Request, answer: Answer) -> Answer:
        if request.method != method or request.path in lost:
            return answer
        lost.add(request.path)
        return Answer(0)

    hub.server.after = lose
    assert hub.run("--apply", "--set-secret", "DEPLOY_TOKEN") == 0
    assert lost
    assert hub.state() == state


@pytest.mark.parametrize(
    "environment",
    [
        {"name": 7},
        {"name": "demo", "protection_rules": [{"type": "wait_timer", "wait_timer": "soon"}]},
        {"name": "demo", "protection_rules": [{"type": "required_reviewers", "reviewers": [{"type": "Team"}]}]},
    ],
)
def test_an_answer_that_makes_no_sense_is_told(
    hub: Hub, capsys: pytest.CaptureFixture[str], environment: dict[str, Any]
) -> None:
    body = {"total_count": 1, "environments": [environment]}
    hub.server.instead = lambda request: Answer(200, body) if request.path.endswith("/environments") else None
    hub.server.environments.add("acme/shop", "demo")
    assert hub.run() == 1
    assert "makes no sense" in capsys.readouterr().err


def test_what_github_says_can_not_write_to_the_terminal(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    variables = {"SHOP_E2E_USER": "\x1b[2Jred\nblue", "MORE": "x"}
    hub.server.environments.add("acme/shop", "demo", variables=variables, secrets={"A\x1b[2J": "x"})
    assert hub.run() == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert r"\x1b[2Jred\nblue" in out


@pytest.mark.parametrize("key", ["", "bm8ga2V5", "no base64"])
def test_a_public_key_that_is_none_is_told(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", secret("deploy-token"))
    hub.server.environments.public_key = key
    assert hub.run("--apply", "--set-secret", "DEPLOY_TOKEN") == 1
    err = capsys.readouterr().err
    assert "public key" in err
    assert not found(err)
    assert not hub.one("demo").secrets
