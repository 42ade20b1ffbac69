"""tests/consumer, a module of its own that uses all of the public API."""

import json
import re
from pathlib import Path

from tests.workspace.clones import SOURCE, Clone, tags

CONSUMER = "tests/consumer"
API = SOURCE / "bazel"


def public(path: Path) -> set[str]:
    """Returns the public symbols of a Starlark file of the API: what it defines and does not keep for itself."""
    text = re.sub(r'""".*?"""', "", path.read_text(), flags=re.DOTALL)
    return {name for name in re.findall(r"^(?:def )?([A-Za-z]\w*)(?: =|\()", text, re.MULTILINE) if name != "load"}


def used() -> dict[str, set[str]]:
    """Returns the files of the API and what the consumer takes from each."""
    found: dict[str, set[str]] = {}
    for path in [*(SOURCE / CONSUMER).glob("**/*.bazel"), *(SOURCE / CONSUMER).glob("*.bzl")]:
        loads = r'(?:load|use_extension)\(\s*"@rules_release//bazel:(\w+\.bzl)",([^)]*)\)'
        for file, names in re.findall(loads, path.read_text()):
            found.setdefault(file, set()).update(re.findall(r'"(\w+)"', names))
    return found


def test_it_uses_every_symbol_of_the_public_api() -> None:
    assert used() == {path.name: public(path) for path in API.glob("*.bzl")}


def test_its_targets_build_and_its_tests_pass(clone: Clone) -> None:
    clone.bazel("build", "//...", folder=CONSUMER)
    clone.bazel("test", "//...", folder=CONSUMER)


def test_a_rule_of_its_own_reads_the_providers(clone: Clone) -> None:
    clone.bazel("build", "//:described", folder=CONSUMER)
    described = json.loads((clone.folder / CONSUMER / "bazel-bin" / "described.json").read_text())
    assert described == {
        "chart": "hello",
        "charts": ["hello"],
        "helm": "4",
        "moving": ["latest", "{{STABLE_VERSION_MAJOR}}", "{{STABLE_VERSION_MAJOR}}.{{STABLE_VERSION_MINOR}}"],
        "release": "hello",
    }


def test_a_release_gets_the_tags_of_its_own_policy(clone: Clone, host: str) -> None:
    (clone.folder / CONSUMER / "VERSION").write_text("3.2.1\n")
    clone.git("commit", "--quiet", "--all", "--message", "release")
    clone.git("tag", "v3.2.1")
    clone.bazel("run", "//:push", "--", "--registry", f"{host}/ours", folder=CONSUMER)
    found = tags(host, "ours/hello/greeting")
    digest = found["latest"][7:19]
    assert set(found) == {f"sha-{clone.git('rev-parse', 'HEAD')}", "v3.2.1", f"sha-{digest}", "latest", "3", "3.2"}
    assert set(tags(host, "ours/charts/hello")) == {"3.2.1"}


def test_only_what_runs_release_kit_downloads_its_packages(clone: Clone) -> None:
    hub = "rules_release_pypi//rich"
    assert hub in clone.bazel("cquery", "deps(//:push)", folder=CONSUMER).out
    assert hub not in clone.bazel("cquery", "deps(//:image)", folder=CONSUMER).out
