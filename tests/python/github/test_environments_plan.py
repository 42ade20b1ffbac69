"""The plan for GitHub's environments: a comparison by table, and the commands of gh that do the same."""

import itertools
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from release_kit.documents import environments
from release_kit.documents.environments import Environments
from release_kit.engines.github_environments import commands
from release_kit.engines.github_environments.plan import Action, Plan, Secret, make_plan
from release_kit.values.github_environment import Allowed, Call, Hosted, RefRule, Reviewer

TEAM = Reviewer("Team", 1, "team/on-call")
USER = Reviewer("User", 2, "user/alice")
WHO = {each.name: each for each in (TEAM, USER)}
AT = "/repos/acme/shop/environments/demo"
NONE = {"wait_timer": 0, "prevent_self_review": False, "reviewers": [], "deployment_branch_policy": None}
CHOSEN = {"protected_branches": False, "custom_branch_policies": True}
MAIN, TAGS = RefRule("branch", "main", 11), RefRule("tag", "v*", 12)


def declared(**github: Any) -> Environments:
    """Returns a declaration of one environment; the secret that every one has to have is left out."""
    secrets = ["DEPLOY_TOKEN", *github.pop("secrets", [])]
    document = {
        "schema": "rules_release/environments/v1",
        "name": "shop",
        "repository": {"provider": "fake", "owner": "acme", "name": "deploy", "url": "https://git.example/x.git"},
        "chart": {"registry": "registry.example", "name": "shop"},
        "environments": [{"name": "demo", "github": {**github, "secrets": secrets}}],
        "pipeline": {"provider": "github", "owner": "acme", "name": "shop"},
    }
    read = environments.parse(json.dumps(document).encode(), "environments.json", Path())
    (demo,) = read.environments
    own = demo.github._replace(secrets=demo.github.secrets[1:])
    return read._replace(environments=(demo._replace(github=own),))


def plan(now: Hosted | None, **github: Any) -> Plan:
    """Makes the plan of one environment."""
    return make_plan(declared(**github), {} if now is None else {"demo": now}, WHO)


def written(made: Plan) -> list[tuple[str, str, Any]]:
    """Returns the calls, without the path of the environment."""
    return [(each.method, each.path.removeprefix(AT), each.body) for each in made.calls]


def changed(made: Plan) -> list[tuple[str, str]]:
    """Returns what is changed, and how."""
    kept = (Action.NOTHING, Action.LEAVE, Action.MISSING)
    return [(row.what, str(row.action)) for row in made.rows if row.action not in kept]


@pytest.mark.parametrize(
    ("now", "github", "calls", "rows"),
    [
        (Hosted(), {}, [], []),
        (None, {}, [("PUT", "", NONE)], [("environment", "create"), ("branches and tags", "create")]),
        (Hosted(), {"wait_minutes": 5}, [("PUT", "", NONE | {"wait_timer": 5})], [("wait", "create")]),
        (Hosted(wait_minutes=5), {}, [("PUT", "", NONE)], [("wait", "remove")]),
        (Hosted(wait_minutes=5), {"wait_minutes": 6}, [("PUT", "", NONE | {"wait_timer": 6})], [("wait", "change")]),
        (
            Hosted(),
            {"reviewers": ["team/on-call", "user/alice"]},
            [("PUT", "", NONE | {"reviewers": [{"type": "Team", "id": 1}, {"type": "User", "id": 2}]})],
            [("reviewers", "create")],
        ),
        (Hosted(reviewers=(USER, TEAM)), {"reviewers": ["team/on-call", "user/alice"]}, [], []),
        (Hosted(reviewers=(USER._replace(name="user/Alice"),)), {"reviewers": ["user/alice"]}, [], []),
        (
            Hosted(reviewers=(USER._replace(kind="Team"),)),
            {"reviewers": ["user/alice"]},
            [("PUT", "", NONE | {"reviewers": [{"type": "User", "id": 2}]})],
            [],
        ),
        (Hosted(reviewers=(USER,)), {}, [("PUT", "", NONE)], [("reviewers", "remove")]),
        (
            Hosted(reviewers=(USER,)),
            {"reviewers": ["user/alice"], "prevent_self_review": True},
            [("PUT", "", NONE | {"reviewers": [{"type": "User", "id": 2}], "prevent_self_review": True})],
            [("self-review", "create")],
        ),
        (Hosted(), {"prevent_self_review": True}, [], []),
        (
            Hosted(),
            {"branches": ["main"], "tags": ["v*"]},
            [
                ("PUT", "", NONE | {"deployment_branch_policy": CHOSEN}),
                ("POST", "/deployment-branch-policies", {"name": "main", "type": "branch"}),
                ("POST", "/deployment-branch-policies", {"name": "v*", "type": "tag"}),
            ],
            [("branches and tags", "change"), ("branch main", "create"), ("tag v*", "create")],
        ),
        (Hosted(allowed=Allowed.CHOSEN, rules=(MAIN, TAGS)), {"branches": ["main"], "tags": ["v*"]}, [], []),
        (
            Hosted(allowed=Allowed.CHOSEN, rules=(MAIN, TAGS)),
            {"tags": ["main"]},
            [
                ("DELETE", "/deployment-branch-policies/11", None),
                ("DELETE", "/deployment-branch-policies/12", None),
                ("POST", "/deployment-branch-policies", {"name": "main", "type": "tag"}),
            ],
            [("branch main", "remove"), ("tag v*", "remove"), ("tag main", "create")],
        ),
        (
            Hosted(allowed=Allowed.CHOSEN, rules=(MAIN,)),
            {},
            [("PUT", "", NONE)],
            [("branches and tags", "change")],
        ),
        (
            Hosted(allowed=Allowed.PROTECTED),
            {"branches": ["main"]},
            [
                ("PUT", "", NONE | {"deployment_branch_policy": CHOSEN}),
                ("POST", "/deployment-branch-policies", {"name": "main", "type": "branch"}),
            ],
            [("branches and tags", "change"), ("branch main", "create")],
        ),
        (
            Hosted(variables={"B": "old", "C": "same", "D": "other"}),
            {"variables": {"A": "new", "B": "b", "C": "same"}},
            [
                ("POST", "/variables", {"name": "A", "value": "new"}),
                ("PATCH", "/variables/B", {"name": "B", "value": "b"}),
            ],
            [("variable A", "create"), ("variable B", "change")],
        ),
        (Hosted(secrets=frozenset({"TOKEN"})), {"secrets": ["TOKEN"]}, [], []),
    ],
)
def test_what_differs_is_changed_and_nothing_else(
    now: Hosted | None, github: Any, calls: list[Any], rows: list[tuple[str, str]]
) -> None:
    made = plan(now, **github)
    assert written(made) == calls
    if rows or not calls:
        assert changed(made) == rows
    assert not made.missing


def test_what_people_added_is_listed_and_left_alone() -> None:
    now = Hosted(variables={"MORE": "x"}, secrets=frozenset({"OTHER"}))
    made = make_plan(declared(), {"demo": now, "playground": Hosted()}, WHO)
    left = [(row.environment, row.what) for row in made.rows if row.action is Action.LEAVE]
    assert left == [("demo", "variable MORE"), ("demo", "secret OTHER"), ("playground", "environment")]
    assert made.is_as_declared


def test_a_missing_secret_is_a_difference_that_only_a_person_ends() -> None:
    made = plan(Hosted(secrets=frozenset({"TOKEN"})), secrets=["TOKEN", "PASSWORD"])
    assert (made.calls, made.missing) == ((), (Secret("demo", "PASSWORD"),))
    assert not made.is_as_declared


def test_every_environment_is_protected_before_any_is_filled() -> None:
    document = declared(variables={"A": "1"}, tags=["v*"])
    two = (*document.environments, document.environments[0]._replace(name="release"))
    made = make_plan(document._replace(environments=two), {}, WHO)
    paths = [each.path.removeprefix("/repos/acme/shop/environments/") for each in made.calls]
    rules, variables = "deployment-branch-policies", "variables"
    protection = ["demo", f"demo/{rules}", "release", f"release/{rules}"]
    assert paths == [*protection, f"demo/{variables}", f"release/{variables}"]


def test_a_pattern_goes_before_another_one_comes() -> None:
    made = plan(Hosted(allowed=Allowed.CHOSEN, rules=(MAIN,)), branches=["release/*"])
    assert [each.method for each in made.calls] == ["DELETE", "POST"]


def body_of(line: str) -> dict[str, Any]:
    """Reads the fields of a command as the manual of `gh api` has them."""
    body: dict[str, Any] = {}
    words = shlex.split(line)
    for option, word in itertools.pairwise(words):
        if option not in ("-f", "-F"):
            continue
        name, equals, text = word.partition("=")
        value = json.loads(text) if option == "-F" and equals else text
        keys = [part.rstrip("]") for part in name.split("[")]
        if not equals:
            body[keys[0]] = []
        elif len(keys) == 1:
            body[keys[0]] = value
        elif keys[1]:
            body.setdefault(keys[0], {})[keys[1]] = value
        else:
            items = body.setdefault(keys[0], [])
            if not items or keys[2] in items[-1]:
                items.append({})
            items[-1][keys[2]] = value
    return body


@pytest.mark.parametrize(
    "github",
    [
        {},
        {"reviewers": ["team/on-call", "user/alice"], "prevent_self_review": True, "wait_minutes": 60},
        {"branches": ["main", "release/*"], "tags": ["v*"]},
        {"variables": {"A": "true", "B": "a 'b' \"c\" $d", "C": "@file", "D": "7"}},
    ],
)
def test_the_lines_of_gh_send_the_same(github: Any) -> None:
    document = declared(**github)
    assert document.pipeline
    for call in plan(None, **github).calls:
        line = commands.of_call(call, document.pipeline)
        assert line.startswith(f"gh api --method {call.method} {call.path[1:]}")
        assert body_of(line) == call.body


def test_a_line_of_gh_is_one_line() -> None:
    document = declared()
    assert document.pipeline
    line = commands.of_call(Call("POST", "/x", {"value": "a\nb'\x1b[2J\\"}, 201, 0), document.pipeline)
    assert line == r"gh api --method POST x -f $'value=a\nb\'\x1b[2J\\'"


@pytest.mark.parametrize(
    ("domain", "line"),
    [
        ("", "gh secret set TOKEN --env demo --repo acme/shop"),
        ("github.acme.example", "gh secret set TOKEN --env demo --repo github.acme.example/acme/shop"),
    ],
)
def test_secrets_are_set_where_they_belong(domain: str, line: str) -> None:
    document = declared()
    assert document.pipeline
    pipeline = document.pipeline._replace(domain=domain)
    assert commands.of_secret(Secret("demo", "TOKEN"), pipeline) == line
    host = f" --hostname {domain}" if domain else ""
    assert commands.of_call(Call("DELETE", "/x", None, 204, 404), pipeline) == f"gh api{host} --method DELETE x"
