"""Secrets for Argo CD: both forms, without credentials, and those that are checked in."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from release_kit.cli import argocd_repository
from release_kit.cli.console import Console
from release_kit.engines.argocd_repository import Form, credentials_secret, repository_secret, target
from release_kit.errors import InputError
from release_kit.values.yaml_source import read_one

ROOT = Path(__file__).parents[3]
SAMPLE = ["--registry", "ghcr.io/acme", "--chart-repository", "charts", "--chart", "shop"]
both_forms = pytest.mark.parametrize("form", list(Form))


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    argocd_repository.add_arguments(parser)
    return argocd_repository.run(parser.parse_args(arguments), Console())


def value(text: str) -> dict[str, Any]:
    found = read_one(text).value
    assert isinstance(found, dict)
    return found


def release_set(folder: Path, *charts: str) -> str:
    for chart in charts:
        (folder / chart).mkdir()
        (folder / chart / "Chart.yaml").write_text(f"apiVersion: v2\nname: the-{chart}\nversion: 1.0.0\n")
    entries = [{"name": chart, "repository": "apps/charts", "source": chart} for chart in charts]
    document = {
        "schema": "rules_release/release-set/v1",
        "name": "set",
        "registry": "r.example:5000/x",
        "charts": entries,
    }
    path = folder / "SET.json"
    path.write_text(json.dumps({**document, "tags": {}}))
    return str(path)


@both_forms
def test_what_is_checked_in_is_what_is_written(form: Form, tmp_path: Path) -> None:
    name = f"gitops/argocd/repository-{form}.yaml"
    arguments = [*SAMPLE, "--form", form.value, "--output"]
    assert run(*arguments, str(tmp_path / "new.yaml")) == 0
    fix = f"PYTHONPATH=tools python3 -m release_kit argocd repository {' '.join([*arguments, name])}"
    checked_in = (ROOT / name).read_text() if (ROOT / name).exists() else ""
    assert checked_in == (tmp_path / "new.yaml").read_text(), f"{name} is out of date; write it anew:\n  {fix}"


def test_the_classic_form_has_helms_repository_without_a_scheme() -> None:
    text = repository_secret("shop-charts", target("ghcr.io/acme", "charts", "shop").url(Form.CLASSIC), Form.CLASSIC)
    assert value(text) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "shop-charts",
            "namespace": "argocd",
            "labels": {"argocd.argoproj.io/secret-type": "repository"},
        },
        "type": "Opaque",
        "stringData": {"name": "shop-charts", "url": "ghcr.io/acme/charts", "type": "helm", "enableOCI": "true"},
    }


def test_the_native_form_has_the_charts_own_repository_with_the_scheme() -> None:
    text = repository_secret("shop-oci", target("ghcr.io/acme", "charts", "shop").url(Form.NATIVE), Form.NATIVE)
    assert value(text)["stringData"] == {"name": "shop-oci", "url": "oci://ghcr.io/acme/charts/shop", "type": "oci"}


@both_forms
def test_credentials_for_a_whole_registry_have_a_label_of_their_own(form: Form) -> None:
    url = "oci://ghcr.io/acme" if form is Form.NATIVE else "ghcr.io/acme"
    secret = value(credentials_secret("acme", url, form))
    assert secret["metadata"]["labels"] == {"argocd.argoproj.io/secret-type": "repo-creds"}
    assert secret["stringData"]["url"] == url


@both_forms
@pytest.mark.parametrize("make", [repository_secret, credentials_secret])
def test_no_credentials_are_in_it_and_it_says_which_keys_to_add_and_how(make: Any, form: Form) -> None:
    text = make("mine", target("ghcr.io/acme", "charts", "shop").url(form), form, "gitops")
    assert not {"username", "password"} & set(value(text)["stringData"])
    comments = "".join(line for line in text.splitlines() if line.lstrip().startswith("#"))
    assert "  # username: " in comments
    assert "  # password: a personal access token (classic) of theirs, scope read:packages" in comments
    assert "kubectl --namespace gitops patch secret mine --patch-file /dev/stdin" in comments


@both_forms
def test_a_project_limits_who_may_use_it(form: Form) -> None:
    url = target("r.example", "charts", "a").url(form)
    assert value(repository_secret("a", url, form, project="shop"))["stringData"]["project"] == "shop"


@pytest.mark.parametrize("name", ["true", "no", "1e3", "12", "0x1f", "null", "a"])
def test_names_stay_strings(name: str) -> None:
    secret = value(repository_secret(name, "localhost:5000/charts", Form.CLASSIC, name, name))
    assert (secret["metadata"]["name"], secret["metadata"]["namespace"]) == (name, name)
    assert secret["stringData"]["project"] == name
    assert all(isinstance(each, str) for each in secret["stringData"].values())


@pytest.mark.parametrize("registry", ["localhost:5000", "127.0.0.1:5000/x", "[::1]:5000", "r.example/a/b"])
@both_forms
def test_any_registry_can_be_named(registry: str, form: Form) -> None:
    url = target(registry, "charts", "shop").url(form)
    secret = value(repository_secret("shop", url, form))["stringData"]
    assert secret["url"] == (f"oci://{registry}/charts/shop" if form is Form.NATIVE else f"{registry}/charts")


@pytest.mark.parametrize(
    ("url", "form", "expected"),
    [
        ("oci://ghcr.io/acme/charts", Form.CLASSIC, "without a scheme"),
        ("ghcr.io/acme/charts/shop", Form.NATIVE, "such as oci://"),
        ("https://ghcr.io/acme/charts", Form.CLASSIC, "HOST[:PORT][/PREFIX]"),
        ("oci://https://ghcr.io", Form.NATIVE, "HOST[:PORT][/PREFIX]"),
        ("ghcr.io/acme\nx: y", Form.CLASSIC, "expected a repository"),
    ],
)
def test_an_address_of_another_form_is_refused(url: str, form: Form, expected: str) -> None:
    with pytest.raises(InputError) as refused:
        repository_secret("shop", url, form)
    assert expected in refused.value.message


@pytest.mark.parametrize("name", ["", "Shop", "a_b", "-a", "a" * 64, "a\nb: c"])
def test_a_name_that_kubernetes_would_refuse_is_refused(name: str) -> None:
    for names in ({"name": name}, {"namespace": name}, {"project": name}):
        with pytest.raises(InputError, match=f"^{next(iter(names))}: expected lowercase letters"):
            repository_secret(**{"name": "shop", "url": "r.example/charts", "form": Form.CLASSIC, **names})  # type: ignore[arg-type]


def test_a_release_set_says_where_its_chart_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(release_set(tmp_path, "shop"), "--form", "native") == 0
    secret = value(capsys.readouterr().out)
    assert secret["metadata"]["name"] == "the-shop-oci"
    assert secret["stringData"]["url"] == "oci://r.example:5000/x/apps/charts/the-shop"


def test_of_several_charts_one_must_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = release_set(tmp_path, "shop", "mall")
    with pytest.raises(InputError, match="expected one chart, found shop, mall"):
        run(document)
    assert run(document, "--chart", "mall", "--registry", "ghcr.io/other") == 0
    assert value(capsys.readouterr().out)["stringData"]["url"] == "ghcr.io/other/apps/charts"


def test_credentials_are_for_the_whole_registry(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*SAMPLE, "--form", "native", "--credentials", "--name", "acme", "--project", "shop") == 0
    assert value(capsys.readouterr().out)["stringData"] == {
        "name": "acme",
        "url": "oci://ghcr.io/acme",
        "type": "oci",
        "project": "shop",
    }


@pytest.mark.parametrize(
    ("missing", "fault"), [("--registry", "no registry is named"), ("--chart", "no chart is named")]
)
def test_without_a_release_set_registry_and_chart_must_be_named(missing: str, fault: str) -> None:
    position = SAMPLE.index(missing)
    with pytest.raises(InputError, match=fault):
        run(*SAMPLE[:position], *SAMPLE[position + 2 :])
