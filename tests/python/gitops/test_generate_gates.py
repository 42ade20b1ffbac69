"""The strategy and its gates: in the shape of each release, each key once, each with the one who reports it."""

from typing import Any

import pytest

from release_kit.documents.environments import Environments
from release_kit.engines.gitops.gates import carried
from release_kit.engines.gitops.promoter_resource import policy_name, unique_name
from release_kit.errors import InputError
from release_kit.values.promotion_gate import ORDER_KEY, RESERVED_KEYS
from tests.support import gitops_trees as trees

GATES = (
    "ArgoCDCommitStatus",
    "TimedCommitStatus",
    "ScheduledCommitStatus",
    "GitCommitStatus",
    "WebRequestCommitStatus",
)
every_shape = pytest.mark.parametrize("release", trees.RELEASES)
both = pytest.mark.parametrize("name", trees.NAMES)
LISTS = {"active": "activeCommitStatuses", "proposed": "proposedCommitStatuses"}


def strategy(made: Environments) -> Any:
    (found,) = trees.of_kind(made, "PromotionStrategy").values()
    return found


def keys(place: Any, target: str) -> list[str]:
    return [each["key"] for each in place.get(LISTS[target], [])]


def reported(made: Environments) -> dict[str, str]:
    """Returns the kind of what reports each key."""
    found = {}
    for each in trees.every_object(made):
        if each["kind"] in GATES:
            assert each["spec"]["key"] not in found
            found[each["spec"]["key"]] = each["kind"]
    for note in strategy(made)["metadata"].get("annotations", {}):
        prefix, _, key = note.partition("rules-release/reported-by.")
        assert prefix == ""
        assert key not in found
        found[key] = "annotation"
    return found


@both
@every_shape
def test_every_key_stands_once_and_has_one_reporter(name: str, release: str) -> None:
    made = trees.declared(name, release)
    spec = strategy(made)["spec"]
    listed: set[str] = set()
    for place in spec["environments"]:
        both_levels = [key for where in (spec, place) for target in LISTS for key in keys(where, target)]
        assert len({*both_levels}) == len(both_levels), place["branch"]
        listed |= {*both_levels}
    assert not listed & RESERVED_KEYS
    assert {*reported(made)} == listed - {ORDER_KEY}


@both
def test_a_release_up_to_0_37_is_told_nothing_of_the_order(name: str) -> None:
    made = trees.declared(name, "0.37.9")
    assert trees.of_kind(made, "DependentsSuccessfulCommitStatus") == {}
    assert ORDER_KEY not in keys(strategy(made)["spec"], "proposed")
    assert "orderCommitStatusRef" not in strategy(made)["spec"]


@both
def test_0_38_lists_the_key_of_the_order_first(name: str) -> None:
    made = trees.declared(name, "0.38.4")
    (order,) = trees.of_kind(made, "DependentsSuccessfulCommitStatus").values()
    assert order["spec"] == {"promotionStrategyRef": {"name": made.name}, "key": ORDER_KEY}
    assert keys(strategy(made)["spec"], "proposed")[0] == ORDER_KEY
    assert "orderCommitStatusRef" not in strategy(made)["spec"]


@both
@pytest.mark.parametrize("release", ["0.39.0", "0.40.1", "1.0.0"])
def test_from_0_39_on_the_strategy_refers_to_the_order_and_does_not_list_it(name: str, release: str) -> None:
    made = trees.declared(name, release)
    (order,) = trees.of_kind(made, "DependentsSuccessfulCommitStatus").values()
    assert strategy(made)["spec"]["orderCommitStatusRef"] == {
        "group": "promoter.argoproj.io",
        "kind": order["kind"],
        "name": order["metadata"]["name"],
    }
    assert order["spec"]["promotionStrategyRef"] == {"name": strategy(made)["metadata"]["name"]}
    assert ORDER_KEY not in keys(strategy(made)["spec"], "proposed")


def test_the_strategy_has_the_declared_order_and_gates() -> None:
    spec = strategy(trees.declared("full"))["spec"]
    assert keys(spec, "active") == ["argocd-health"]
    assert keys(spec, "proposed") == ["signed-off", "weekdays"]
    places = [(e["branch"], e["autoMerge"], keys(e, "active"), keys(e, "proposed")) for e in spec["environments"]]
    assert places == [
        ("environment/demo-staging", True, ["e2e", "load", "timer"], []),
        ("environment/demo", True, ["timer", "errors"], []),
        ("environment/release", False, [], ["approval", "change-board", "mornings"]),
    ]


def test_a_timer_has_each_environments_own_time() -> None:
    (timer,) = trees.of_kind(trees.declared("full"), "TimedCommitStatus").values()
    assert timer["spec"]["environments"] == [
        {"branch": "environment/demo-staging", "duration": "30m"},
        {"branch": "environment/demo", "duration": "24h"},
    ]


def test_windows_for_every_environment_stand_once_and_others_at_theirs() -> None:
    found = trees.of_kind(trees.declared("full"), "ScheduledCommitStatus")
    common, own = found["shop-weekdays"]["spec"], found["shop-mornings"]["spec"]
    assert common["timezone"] == "Europe/Berlin"
    assert common["allow"] == [{"cron": "0 8 * * 1-5", "duration": "9h", "description": "Somebody is there"}]
    assert common["exclude"] == [{"cron": "0 0 20 12 *", "duration": "336h", "timezone": "UTC"}]
    assert common["environments"] == [{"branch": f"environment/{n}"} for n in ("demo-staging", "demo", "release")]
    assert "allow" not in own
    assert own["environments"] == [
        {"branch": "environment/release", "allow": [{"cron": "0 9 * * 2", "duration": "3h"}]}
    ]


def test_a_git_gate_looks_at_the_commit_that_it_reports_for() -> None:
    (gate,) = trees.of_kind(trees.declared("full"), "GitCommitStatus").values()
    assert gate["spec"]["target"] == "proposed"
    assert gate["spec"]["expression"] == '"Signed-off-by" in Commit.Trailers'


def test_a_health_gate_of_some_environments_selects_theirs_only() -> None:
    def move(document: dict[str, Any]) -> None:
        document["gates"] = []
        document["environments"][1]["gates"].append({"kind": "argocd-health"})

    (gate,) = trees.of_kind(trees.declared("full", edit=move), "ArgoCDCommitStatus").values()
    assert gate["spec"]["applicationSelector"]["matchExpressions"] == [
        {"key": "rules-release/environment", "operator": "In", "values": ["demo"]}
    ]


def test_an_http_gate_asks_what_was_declared_and_sends_the_token() -> None:
    gate = trees.of_kind(trees.declared("full"), "WebRequestCommitStatus")["shop-errors"]["spec"]
    assert gate["reportOn"] == "active"
    assert gate["mode"] == {"polling": {"interval": "5m"}}
    assert gate["httpRequest"] == {
        "urlTemplate": "https://metrics.acme.example/errors?branch={{ .Branch }}",
        "methodTemplate": "GET",
        "authentication": {"bearer": {"secretRef": {"name": "metrics-token"}}},
    }


@both
def test_no_web_request_passes_on_what_it_knew_of_another_commit(name: str) -> None:
    for gate in trees.of_kind(trees.declared(name), "WebRequestCommitStatus").values():
        lines = gate["spec"]["success"]["when"]["expression"].split("\n")
        side = gate["spec"]["reportOn"].capitalize()
        assert lines[0].endswith(f".{side}.Hydrated.Sha;")
        assert lines[2] == 'let known = before != nil && before.ReportedSha == sha ? Phase : "pending";'
        assert lines[3].startswith("Response == nil ")


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        (
            {"provider": "github", "owner": "acme", "name": "deploy", "app_id": 1},
            "https://api.github.com/repos/acme/deploy/commits/SHA/status?per_page=100",
        ),
        (
            {"provider": "github", "owner": "acme", "name": "deploy", "app_id": 1, "domain": "git.acme.example"},
            "https://git.acme.example/api/v3/repos/acme/deploy/commits/SHA/status?per_page=100",
        ),
        (
            {"provider": "gitlab", "namespace": "acme", "name": "deploy", "project_id": 42},
            "https://gitlab.com/api/v4/projects/42/repository/commits/SHA/statuses?name=release-kit%2Fe2e&per_page=100",
        ),
        (
            {"provider": "gitea", "owner": "acme", "name": "deploy", "domain": "git.acme.example:3000"},
            "https://git.acme.example:3000/api/v1/repos/acme/deploy/commits/SHA/status?limit=50",
        ),
        (
            {"provider": "forgejo", "owner": "acme", "name": "deploy", "domain": "git.acme.example"},
            "https://git.acme.example/api/v1/repos/acme/deploy/commits/SHA/status?limit=50",
        ),
    ],
)
def test_commit_statuses_are_read_where_the_host_has_them(repository: dict[str, Any], address: str) -> None:
    made = trees.declared("full", edit=lambda it: it.update(repository=repository))
    gate = trees.of_kind(made, "WebRequestCommitStatus")["shop-e2e"]["spec"]
    start, _, rest = gate["httpRequest"]["urlTemplate"].partition("{{")
    assert start + "SHA" + rest.rpartition("}}")[2] == address
    assert gate["httpRequest"]["authentication"] == {"scm": {}}
    assert '"release-kit/e2e"' in gate["success"]["when"]["expression"]


@pytest.mark.parametrize(
    "repository",
    [
        {"provider": "bitbucketCloud", "owner": "acme", "name": "deploy"},
        {"provider": "azureDevOps", "organization": "acme", "project": "shop", "name": "deploy"},
        {"provider": "fake", "owner": "acme", "name": "deploy"},
    ],
)
def test_a_host_whose_statuses_are_not_known_is_refused_with_the_other_way(repository: dict[str, Any]) -> None:
    made = trees.declared("full", edit=lambda it: it.update(repository=repository))
    with pytest.raises(InputError, match="gates: e2e: scm-status is not known for") as refused:
        trees.files(made)
    assert "commit-status" in refused.value.remedy


def test_who_applies_commit_statuses_may_do_nothing_else() -> None:
    made = trees.declared("full")
    (role,) = trees.of_kind(made, "Role").values()
    assert role["rules"] == [
        {
            "apiGroups": ["promoter.argoproj.io"],
            "resources": ["commitstatuses"],
            "verbs": ["get", "list", "create", "patch"],
        }
    ]
    (binding,) = trees.of_kind(made, "RoleBinding").values()
    (account,) = trees.of_kind(made, "ServiceAccount").values()
    assert binding["subjects"] == [{"kind": "ServiceAccount", **_place(account)}]
    assert trees.of_kind(trees.declared("tracking"), "Role") == {}


def _place(item: dict[str, Any]) -> dict[str, str]:
    return {key: item["metadata"][key] for key in ("name", "namespace")}


def test_a_key_that_no_annotation_can_have_is_refused() -> None:
    def rename(document: dict[str, Any]) -> None:
        document["environments"][2]["gates"][1]["key"] = "k" * 52

    with pytest.raises(InputError, match="has 1 characters too many for a gate that is reported by commit-status"):
        trees.files(trees.declared("full", edit=rename))


def test_what_a_tracking_environment_has_to_pass_holds_back_the_next_one() -> None:
    made = trees.declared("tracking")
    ((environment, gate),) = carried(made)
    assert (environment.name, gate.key) == ("demo", "demo-staging-e2e")
    first = strategy(made)["spec"]["environments"][0]
    assert (first["branch"], keys(first, "proposed")) == ("environment/demo", ["demo-staging-e2e"])
    assert trees.of_kind(made, "WebRequestCommitStatus")["kiosk-demo-staging-e2e"]["spec"]["reportOn"] == "proposed"
    assert "argocd-health of demo-staging holds back nothing" in trees.files(made)["promoter/strategy.yaml"]


def test_a_key_that_two_gates_would_have_is_refused() -> None:
    def add(document: dict[str, Any]) -> None:
        document["environments"][2]["gates"].append({"kind": "manual", "key": "demo-staging-e2e"})

    with pytest.raises(InputError, match="demo-staging-e2e is what demo waits for"):
        trees.files(trees.declared("tracking", edit=add))


def test_a_key_that_gets_too_long_by_its_environments_name_is_refused() -> None:
    def add(document: dict[str, Any]) -> None:
        document["environments"][0]["gates"].append({"kind": "e2e", "key": "k" * 51})

    with pytest.raises(InputError, match="is what demo waits for .*longer than 63"):
        trees.files(trees.declared("tracking", edit=add))


def test_names_are_hashed_as_the_controller_does() -> None:
    # The values are those of Go's hash/fnv (New32a) for what stands before the last "-".
    made = trees.declared("full")
    assert [policy_name(made, each) for each in made.pinned] == [
        "shop-environment-demo-staging-f030cb43",
        "shop-environment-demo-c71c8f47",
        "shop-environment-release-c179799d",
    ]
    assert unique_name("foobar") == "foobar-bf9cf968"
    assert unique_name("Foo--/_Bar") == f"foo-bar-{unique_name('foo-bar').rpartition('-')[2]}"
    assert unique_name("--") == f"x-{unique_name('-').rpartition('-')[2]}"
    assert len(unique_name("a" * 300)) <= 253


def test_a_description_that_looks_like_a_template_is_shown_as_it_is() -> None:
    def describe(document: dict[str, Any]) -> None:
        document["environments"][0]["gates"][0]["description"] = "{{ .Secret }}\u2028# x: y\x1b[31m"

    made = trees.declared("full", edit=describe)
    gate = trees.of_kind(made, "WebRequestCommitStatus")["shop-e2e"]["spec"]
    assert gate["descriptionTemplate"] == '{{ "{{" }} .Secret }}\u2028# x: y\x1b[31m'
    for text in trees.files(made).values():
        assert all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize("method", ["get", "TRACE", "{{ .Branch }}"])
def test_a_method_that_no_request_has_is_refused(method: str) -> None:
    made = trees.declared("full", edit=lambda it: it["environments"][1]["gates"][1].update(method=method))
    with pytest.raises(InputError, match="gates: errors: method: expected GET or POST"):
        trees.files(made)
