"""A declaration of environments: what it says, and what of it is refused before anything is made of it."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from release_kit.documents import environments, promotion_gates
from release_kit.documents.environments import Environments
from release_kit.errors import InputError
from release_kit.values.promotion_gate import Kind, Reporter, Target
from tests.support.secret_search import secret

DECLARED: dict[str, Any] = {
    "schema": "rules_release/environments/v1",
    "name": "shop",
    "repository": {"provider": "github", "owner": "acme", "name": "shop-deploy", "app_id": 1234},
    "chart": {"registry": "ghcr.io/acme", "name": "shop"},
    "gates": [{"kind": "argocd-health"}],
    "environments": [
        {"name": "demo-staging", "gates": [{"kind": "e2e"}]},
        {"name": "demo", "values": ["values/demo.yaml"], "gates": [{"kind": "timer", "duration": "1h30m"}]},
        {"name": "release", "automatic": False, "gates": [{"kind": "manual", "key": "approval"}]},
    ],
}
Edit = Callable[[dict[str, Any]], Any]


def read(edit: Edit = lambda _: None) -> Environments:
    document = copy.deepcopy(DECLARED)
    edit(document)
    return environments.parse(json.dumps(document).encode(), "environments.json", Path("/here"))


def test_what_is_left_out_has_the_values_that_the_field_expects() -> None:
    staging, demo, release = (declared := read()).environments
    assert declared.repository.url == "https://github.com/acme/shop-deploy.git"
    assert (staging.branch, staging.proposed_branch) == ("environment/demo-staging", "environment/demo-staging-next")
    assert (demo.namespace, demo.values) == ("demo", (Path("/here/values/demo.yaml"),))
    assert (staging.automatic, release.automatic) == (True, False)
    assert (declared.dry_branch, declared.results_branch) == ("releases", "gate-results")
    assert str(declared.promoter.release) == "0.36.0"


def test_the_gates_of_an_environment_are_those_for_all_and_its_own() -> None:
    declared = read()
    staging, _, release = declared.environments
    assert [gate.key for gate in declared.gates_of(staging)] == ["argocd-health", "e2e"]
    assert [gate.key for gate in declared.gates_of(release, Target.PROPOSED)] == ["approval"]
    assert declared.gates_of(release, Target.ACTIVE) == declared.gates


@pytest.mark.parametrize("kind", [Kind.E2E, Kind.MANUAL])
def test_what_people_and_tests_say_is_read_at_the_host_of_the_repository(kind: Kind) -> None:
    gate = read(lambda document: document.update(gates=[{"kind": kind, "key": "said"}])).gates[0]
    assert gate.reporter is Reporter.SCM_STATUS


def test_an_environment_that_tracks_versions_has_no_branch() -> None:
    declared = read(lambda document: document["environments"][0].update(tracks="*"))
    assert [environment.name for environment in declared.pinned] == ["demo", "release"]


@pytest.mark.parametrize("tracks", ["*", "*-0", "^1.2", ">= 1.2, < 2 || ~3", "1.x", "v1", "!=1.0.0+x"])
def test_constraints_are_taken(tracks: str) -> None:
    assert read(lambda document: document["environments"][0].update(tracks=tracks)).environments[0].tracks == tracks


def test_durations_are_seconds() -> None:
    assert [promotion_gates.seconds(text) for text in ("30s", "90m", "1h30m", "1h0m1s")] == [30, 5400, 5400, 3601]


PROVIDERS: dict[str, tuple[dict[str, Any], str]] = {
    "gitlab": ({"namespace": "acme", "name": "shop", "project_id": 7}, "https://gitlab.com/acme/shop.git"),
    "forgejo": (
        {"owner": "acme", "name": "shop", "domain": "git.acme.example"},
        "https://git.acme.example/acme/shop.git",
    ),
    "gitea": (
        {"owner": "acme", "name": "shop", "domain": "git.acme.example"},
        "https://git.acme.example/acme/shop.git",
    ),
    "bitbucketCloud": ({"owner": "acme", "name": "shop"}, "https://bitbucket.org/acme/shop.git"),
    "azureDevOps": (
        {"organization": "acme", "project": "shop", "name": "deploy"},
        "https://dev.azure.com/acme/shop/_git/deploy",
    ),
    "fake": ({"owner": "acme", "name": "shop"}, "http://localhost:5001/acme/shop"),
}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_host_has_its_own_way_to_name_a_repository(provider: str) -> None:
    fields, url = PROVIDERS[provider]
    repository = read(lambda document: document.update(repository={"provider": provider, **fields})).repository
    assert (repository.provider, repository.url) == (provider, url)


def _gate(**fields: Any) -> Edit:
    return lambda document: document["environments"][0].update(gates=[fields])


def _environment(position: int, **fields: Any) -> Edit:
    return lambda document: document["environments"][position].update(fields)


def _repository(**fields: Any) -> Edit:
    return lambda document: document["repository"].update(fields)


REFUSED: dict[str, tuple[Edit, str]] = {
    "no environments": (lambda document: document.update(environments=[]), "environments: expected at least one"),
    "two of one name": (_environment(1, name="release"), "2 are called release"),
    "an illegal name": (_environment(1, name="Demo"), r"environments\[1\].name: expected lowercase letters"),
    "an unknown field": (_environment(1, tracking="*"), r"environments\[1\].tracking: this field is not known"),
    "a branch with two dots": (_environment(1, branch="a..b"), r"the branch 'a..b' has a space, a control character"),
    "a branch that is too long": (_environment(1, branch="b" * 101), "has 101 characters; 1 to 100 are legal"),
    "a branch like an option": (_environment(1, branch="-f"), "begins with '-'"),
    "a -next that is too long": (_environment(1, branch="b" * 96), "proposed branch b+-next has 101 characters"),
    "a locked branch": (_environment(1, branch="a.lock"), "a part that is empty, begins with '.' or ends with"),
    "two of one branch": (_environment(1, branch="environment/release"), "the branch environment/release has two uses"),
    "the -next of another": (
        _environment(1, branch="environment/release-next"),
        "environment/release-next has two uses",
    ),
    "a branch in a branch": (_environment(1, branch="environment/release/demo"), "git can't have both branches"),
    "the dry branch is one": (lambda d: d.update(dry_branch="environment/demo"), "environment/demo has two uses"),
    "a gate at two levels": (_gate(kind="argocd-health"), "argocd-health is declared for every environment, too"),
    "a gate twice": (_environment(0, gates=[{"kind": "e2e"}] * 2), "the gate e2e is declared twice"),
    "a reserved key": (_gate(kind="e2e", key="promoter-previous-environment"), "the key .* is reserved"),
    "our own reserved key": (_gate(kind="e2e", key="rolled-back"), "the key rolled-back is reserved"),
    "an illegal key": (_gate(kind="e2e", key="e2e tests"), r"gates\[0\].key: expected such as e2e"),
    "an unknown kind": (_gate(kind="smoke"), r"gates\[0\].kind: expected argocd-health or e2e"),
    "a proposed e2e": (_gate(kind="e2e", target="proposed"), "target: expected active, found 'proposed'"),
    "an active approval": (_gate(kind="manual", target="active"), "target: expected proposed, found 'active'"),
    "another's reporter": (_gate(kind="timer", duration="1h", reporter="scm-status"), "expected timed-commit-status"),
    "a timer without time": (_gate(kind="timer"), "duration: a gate of the kind timer needs it"),
    "a duration in words": (_gate(kind="timer", duration="1 hour"), "expected a duration such as 30s"),
    "a duration of nothing": (_gate(kind="timer", duration=""), "expected a duration such as 30s"),
    "windows of a timer": (_gate(kind="timer", duration="1h", allow=[]), "allow: this field is not known here"),
    "a cron of six": (
        _gate(kind="schedule", allow=[{"cron": "0 0 9 * * 1", "duration": "8h"}]),
        "expected five fields such as 0 9",
    ),
    "one key, two kinds": (
        lambda d: (
            _environment(0, gates=[{"kind": "e2e", "key": "x"}])(d),
            _environment(
                1, gates=[{"kind": "http", "key": "x", "url": "https://x", "expression": "true", "target": "active"}]
            )(d),
        ),
        "the gate x differs from one environment to the other",
    ),
    "a hold on what tracks": (
        _environment(0, tracks="*", gates=[{"kind": "manual"}]),
        "manual would hold back demo-staging, which tracks versions",
    ),
    "an unknown host": (_repository(provider="sourcehut"), "provider: expected github or gitlab"),
    "no owner": (_repository(owner=None), "repository.owner: expected a value"),
    "no app": (_repository(app_id=None), "repository.app_id: expected a value"),
    "app 0": (_repository(app_id=0), "app_id: expected a number above 0"),
    "the public domain": (_repository(domain="github.com"), "github.com is what github means without a domain"),
    "no domain": (
        lambda d: d.update(repository={"provider": "gitea", "owner": "a", "name": "b"}),
        "repository.domain: gitea needs one",
    ),
    "a field of another host": (_repository(project_id=1), "project_id: this field is not known here"),
    "an option for an address": (_repository(url="--upload-pack=x"), "url: expected an address that begins with"),
    "a program for an address": (_repository(url="ext::sh -c x"), "url: expected an address that begins with"),
    "an old promoter": (lambda d: d.update(promoter={"release": "0.36"}), "promoter.release: expected a release"),
    "an unknown delivery": (lambda d: d.update(delivery="both"), "delivery: expected manifests or application"),
    "a constraint of two lines": (_environment(0, tracks="*\n| x"), r"tracks: expected a constraint such as \*"),
    "a constraint of nothing": (_environment(0, tracks=" "), r"tracks: expected a constraint such as \*"),
    "an address that is none": (_repository(url="http://[x"), "repository.url: expected the address of a repository"),
    "an address with a token": (_repository(url="https://host/x?private_token=x"), "with nothing after it"),
    "a chart in a folder": (lambda d: d["chart"].update(name="charts/shop"), "chart.name: expected a chart's name"),
    "an illegal registry": (lambda d: d["chart"].update(registry="https://ghcr.io"), "chart.registry"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_declaration_that_can_not_work_is_refused(fault: str) -> None:
    edit, message = REFUSED[fault]
    with pytest.raises(InputError, match=rf"^environments\.json: (?s:.*){message}"):
        read(edit)


def test_the_error_of_an_unknown_environment_lists_those_that_there_are() -> None:
    with pytest.raises(InputError, match="--to: there is no environment 'prod'") as caught:
        read().environment("prod", "--to")
    assert caught.value.remedy == "the declaration has demo-staging, demo, release"


def test_a_user_in_the_address_is_refused_but_for_ssh() -> None:
    assert read(_repository(url="ssh://git@host/x")).repository.url == "ssh://git@host/x"
    for token in ("https://token@host/x", "ssh://git:word@host/x"):
        with pytest.raises(InputError, match="there are credentials in the address"):
            read(_repository(url=token))


def test_a_password_in_the_address_is_refused_and_not_told() -> None:
    password = secret("repository")
    with pytest.raises(InputError, match="there are credentials in the address") as caught:
        read(_repository(url=f"https://me:{password}@git.acme.example/shop.git"))
    assert password not in f"{caught.value} {caught.value.remedy}"
