"""The pipeline in a declaration: what it says, and what of it is refused."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from release_kit.documents import environments
from release_kit.documents.environments import Environments
from release_kit.errors import InputError

DECLARED: dict[str, Any] = {
    "schema": "rules_release/environments/v1",
    "name": "shop",
    "repository": {"provider": "github", "owner": "acme", "name": "shop-deploy", "app_id": 1234},
    "chart": {"registry": "ghcr.io/acme", "name": "shop"},
    "environments": [
        {
            "name": "demo",
            "url": "https://shop.demo.acme.example/",
            "github": {"secrets": ["DEPLOY_TOKEN"], "variables": {"SHOP_USER": "e2e"}, "reviewers": ["team/on-call"]},
        }
    ],
    "pipeline": {"owner": "acme", "name": "shop"},
}
Edit = Callable[[dict[str, Any]], Any]


def read(edit: Edit = lambda _: None) -> Environments:
    document = copy.deepcopy(DECLARED)
    edit(document)
    return environments.parse(json.dumps(document).encode(), "environments.json", Path("/here"))


def pipeline(**fields: Any) -> Edit:
    return lambda document: document["pipeline"].update(fields)


def at_github(**fields: Any) -> Edit:
    return lambda document: document["environments"][0]["github"].update(fields)


def demo(**fields: Any) -> Edit:
    return lambda document: document["environments"][0].update(fields)


def test_what_is_left_out_has_the_values_that_the_field_expects() -> None:
    declared = read()
    assert declared.pipeline is not None
    assert (declared.pipeline.push, declared.pipeline.test) == ("bazel run //release:push --", "bazel test //...")
    assert (declared.pipeline.release_branch, declared.pipeline.charts) == ("main", "")
    environment = declared.environments[0]
    assert (environment.url, environment.staging) == ("https://shop.demo.acme.example", False)
    assert environment.github.variables == (("SHOP_USER", "e2e"),)
    assert (environment.github.wait_minutes, environment.github.tags) == (0, ())


def test_a_declaration_without_a_pipeline_needs_no_secrets() -> None:
    def edit(document: dict[str, Any]) -> None:
        del document["pipeline"], document["environments"][0]["github"]

    declared = read(edit)
    assert declared.pipeline is None
    assert declared.environments[0].github.secrets == ()


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        (pipeline(provider="gitlab"), "pipeline.provider"),
        (pipeline(owner="a b"), "pipeline.owner"),
        (pipeline(name="../x"), "pipeline.name"),
        (pipeline(domain="https://github.acme.example"), "pipeline.domain"),
        (pipeline(release_branch="a..b"), "pipeline.release_branch"),
        (pipeline(runner="${{ inputs.x }}"), "pipeline.runner"),
        (pipeline(push="push; rm -rf /"), "pipeline.push"),
        (pipeline(test="bazel test $(id)"), "pipeline.test"),
        (pipeline(charts="a\nb"), "pipeline.charts"),
        (pipeline(chart_paths=["helm/**", "a b"]), "pipeline.chart_paths[1]"),
        (pipeline(helm={"helm": "latest"}), "pipeline.helm.helm"),
        (pipeline(helm={"kubectl": "v1.0.0"}), "pipeline.helm"),
        (pipeline(deploy_token="GITHUB_TOKEN"), "pipeline.deploy_token"),
        (pipeline(more=1), "pipeline.more"),
        (demo(url="ftp://x"), "environments[0].url"),
        (demo(url="https://user:password@x"), "environments[0].url"),
        (demo(staging="yes"), "environments[0].staging"),
        (at_github(secrets=["DEPLOY_TOKEN", "deploy"]), "environments[0].github.secrets"),
        (at_github(secrets=["DEPLOY_TOKEN", "SHOP_USER"]), "environments[0].github.secrets"),
        (at_github(variables={"X": ""}), "environments[0].github.variables.X"),
        (at_github(variables={"a-b": "c"}), "environments[0].github.variables"),
        (at_github(reviewers=["on-call"]), "environments[0].github.reviewers[0]"),
        (at_github(reviewers=[f"user/a{n}" for n in range(7)]), "environments[0].github.reviewers"),
        (at_github(wait_minutes=-1), "environments[0].github.wait_minutes"),
        (at_github(wait_minutes=43201), "environments[0].github.wait_minutes"),
        (at_github(tags=["v 1"]), "environments[0].github.tags[0]"),
        (at_github(branches=["a\nb"]), "environments[0].github.branches[0]"),
        (at_github(secrets=[]), "demo has no secret DEPLOY_TOKEN"),
    ],
)
def test_what_no_workflow_could_use_is_refused_at_its_place(edit: Edit, place: str) -> None:
    with pytest.raises(InputError) as caught:
        read(edit)
    assert caught.value.message.startswith(f"environments.json: {place}")
    assert caught.value.message.isprintable()
