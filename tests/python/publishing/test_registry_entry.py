"""What the Bazel Central Registry is told of a version holds to what it asks for, and to what publish-to-bcr reads."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(".bcr")
METADATA = json.loads((FOLDER / "metadata.template.json").read_text())
SOURCE = json.loads((FOLDER / "source.template.json").read_text())
PRESUBMIT = yaml.safe_load((FOLDER / "presubmit.yml").read_text())
WORKFLOW = yaml.safe_load(Path(".github/workflows/module.yml").read_text())
MODULE = Path("MODULE.bazel").read_text()

# The machines of the registry's CI: PLATFORMS of bazelci.py in bazelbuild/continuous-integration, 2026-08-21.
PLATFORMS = {
    *("debian10", "debian11", "debian12", "debian12_arm64", "debian13", "debian13_arm64"),
    *("ubuntu2004", "ubuntu2004_arm64", "ubuntu2204", "ubuntu2204_arm64", "ubuntu2404", "ubuntu2404_arm64"),
    *("rockylinux8", "rockylinux8_arm64", "macos", "macos_arm64", "windows", "windows_arm64"),
}
# metadata.schema.json of bazelbuild/bazel-central-registry, 2026-08-22.
REQUIRED = {"homepage", "maintainers", "repository", "versions"}
OPTIONAL = {"$schema", "yanked_versions", "deprecated"}


def substituted(text: str) -> str:
    """Puts in what publish-to-bcr puts in for the tag v1.2.3."""
    repository = METADATA["repository"][0].removeprefix("github:")
    owner, name = repository.split("/")
    for key, value in {"OWNER": owner, "REPO": name, "TAG": "v1.2.3", "VERSION": "1.2.3"}.items():
        text = text.replace(f"{{{key}}}", value)
    assert "{" not in text
    return text


def steps(job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = WORKFLOW["jobs"][job]["steps"]
    return found


def test_the_metadata_has_the_fields_of_the_schema() -> None:
    assert set(METADATA) <= REQUIRED | OPTIONAL
    assert set(METADATA) >= REQUIRED
    assert METADATA["versions"] == []
    assert METADATA["yanked_versions"] == {}
    assert all(maintainer["name"] for maintainer in METADATA["maintainers"])
    assert METADATA["maintainers"]
    assert re.fullmatch(r"github:[^/]+/[^/]+", METADATA["repository"][0])


def test_the_source_is_a_file_of_the_release_page() -> None:
    # The registry takes no other archive of GitHub's: those are made anew for each download, and may change.
    assert set(SOURCE) == {"integrity", "strip_prefix", "url"}
    page = METADATA["homepage"] + "/releases/download/"
    assert substituted(SOURCE["url"]) == page + "v1.2.3/rules_release-v1.2.3.tar.gz"
    assert substituted(SOURCE["strip_prefix"]) == "rules_release-1.2.3"


def test_publish_to_bcr_finds_the_name_of_the_module_and_can_write_its_version() -> None:
    # The expressions of src/domain/module-file.ts, publish-to-bcr v1.4.2.
    name = re.search(r'module\([^)]*?name\s*=\s*"([a-z]([a-z0-9._-]*[a-z0-9])?)"', MODULE, re.DOTALL)
    assert name
    assert name[1] == "rules_release"
    assert not re.search(r'module\([^)]*?version\s*=\s*"(.+?)"', MODULE, re.DOTALL)
    stamped = re.sub(r"(^.*?module\(.*?),?(\s*)\)", r'\1,\n    version = "1.2.3",\n)', MODULE, count=1, flags=re.DOTALL)
    assert re.search(
        r'^module\(\n    name = "rules_release",\n(    .*\n)*    version = "1.2.3",\n\)$', stamped, re.MULTILINE
    )


def test_the_presubmit_builds_the_consumer_on_machines_that_there_are() -> None:
    assert set(PRESUBMIT) == {"bcr_test_module"}
    module = PRESUBMIT["bcr_test_module"]
    assert module["module_path"] == "tests/consumer"
    assert set(module["matrix"]["platform"]) <= PLATFORMS
    assert module["matrix"]["bazel"] == ["7.x", "8.x", "9.x"]


def test_each_task_of_the_presubmit_says_with_which_bazel_it_runs_where_and_what() -> None:
    tasks = PRESUBMIT["bcr_test_module"]["tasks"]
    assert tasks
    for task in tasks.values():
        assert (task["platform"], task["bazel"]) == ("${{ platform }}", "${{ bazel }}")
        assert task["build_targets"]
        assert task["test_targets"]
        assert not any("..." in target for target in (*task["build_targets"], *task["test_targets"]))


def test_a_tag_alone_publishes_nothing() -> None:
    # YAML 1.1 reads the key `on` as true.
    assert set(WORKFLOW[True]) == {"workflow_dispatch"}
    assert "refs/tags/v*" in steps("build")[0]["run"]


def test_what_is_published_has_passed_the_tests() -> None:
    commands = [step["run"] for step in steps("build") if "run" in step]
    (test,) = (index for index, command in enumerate(commands) if "bazel test //..." in command)
    (made,) = (index for index, command in enumerate(commands) if "scripts/archive.sh" in command)
    assert test < made
    assert WORKFLOW["jobs"]["page"]["needs"] == ["build"]
    assert WORKFLOW["jobs"]["registry"]["needs"] == ["page"]
