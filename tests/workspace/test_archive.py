"""The archive that the Bazel Central Registry downloads: what it holds, and that it is all that a consumer needs."""

import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.workspace.clones import SOURCE, Clone

WANTED = {
    *(".bazelignore", "BUILD.bazel", "CHANGELOG.md", "LICENSE", "MODULE.bazel", "README.md", "REPO.bazel", "VERSION"),
    *("bazel", "tests", "tools", "workspace_status.sh"),
}
SETTINGS = {"tar.umask": "user", "core.autocrlf": "true", "tar.tar.gz.command": "false"}


class Consumer(NamedTuple):
    """tests/consumer as the registry's presubmit has it: within the archive, which is its `../..`."""

    clone: Clone
    folder: Path

    def bazel(self, *arguments: str) -> str:
        """Runs Bazel in it and returns what it printed."""
        return self.clone.bazel(*arguments, folder=str(self.folder)).out


def make(folder: Path, umask: int = 0o022, zone: str = "UTC", **settings: str) -> Path:
    """Makes the archive of HEAD from a clone of its own."""
    source = folder / "source"
    subprocess.run(["git", "clone", "--quiet", "--no-tags", str(SOURCE), str(source)], check=True)
    for name, value in settings.items():
        subprocess.run(["git", "config", name, value], cwd=source, check=True)
    done = subprocess.run(
        ["scripts/archive.sh", ".."],
        cwd=source,
        env=os.environ | {"TZ": zone},
        umask=umask,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Path(done.stdout.strip())


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="module")
def names(archive: Path) -> list[str]:
    """What the archive holds, without the folder that all of it is in."""
    version = (archive.parent / "source/VERSION").read_text().strip()
    with tarfile.open(archive) as opened:
        found = [name.partition("/") for name in opened.getnames() if "/" in name]
    assert {top for top, _, _ in found} == {f"rules_release-{version}"}
    return [rest for _, _, rest in found]


@pytest.fixture(scope="module")
def consumer(clone: Clone, archive: Path) -> Iterator[Consumer]:
    with tarfile.open(archive) as opened:
        opened.extractall(archive.parent, filter="data")
    (folder,) = archive.parent.glob("rules_release-*/tests/consumer")
    made = Consumer(clone, folder)
    yield made
    made.bazel("clean", "--expunge")


@pytest.fixture(scope="module")
def presubmit(archive: Path) -> dict[str, list[str]]:
    """The targets that the registry builds, and those that it tests."""
    text = (archive.parent / "source/.bcr/presubmit.yml").read_text()
    (task,) = yaml.safe_load(text)["bcr_test_module"]["tasks"].values()
    return {"build": task["build_targets"], "test": task["test_targets"]}


def test_it_holds_what_a_consumer_needs_and_nothing_else(names: list[str]) -> None:
    assert {name.partition("/")[0] for name in names} == WANTED
    assert {name.split("/")[1] for name in names if name.startswith("tests/")} == {"consumer"}
    assert {name.split("/")[1] for name in names if name.startswith("tools/")} == {
        *("BUILD.bazel", "release_kit", "requirements.in", "requirements_lock.txt"),
    }


def test_it_holds_every_file_of_the_package(names: list[str]) -> None:
    tracked = subprocess.check_output(["git", "ls-tree", "-r", "--name-only", "HEAD", "bazel", "tools"], cwd=SOURCE)
    expected = [name for name in tracked.decode().split() if not name.startswith("tools/wheel/")]
    assert set(expected) <= set(names)


def test_the_same_commit_makes_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    other = make(tmp_path, 0o077, "Asia/Tokyo", **SETTINGS)
    assert other.name == archive.name
    assert other.read_bytes() == archive.read_bytes()


def test_every_package_of_it_loads_for_a_consumer(consumer: Consumer, names: list[str]) -> None:
    # From Bazel 8 on, a glob that finds nothing is an error unless it says otherwise.
    packages = consumer.bazel("query", "--incompatible_disallow_empty_glob", "--output=package", "@rules_release//...")
    builds = {name for name in names if name.rpartition("/")[2] == "BUILD.bazel" and not name.startswith("tests/")}
    assert {f"{name.removeprefix('@rules_release//')}/BUILD.bazel".lstrip("/") for name in packages.split()} == builds


def test_a_consumer_needs_no_more_than_it(consumer: Consumer, presubmit: dict[str, list[str]]) -> None:
    consumer.bazel("build", *presubmit["build"])
    consumer.bazel("test", *presubmit["test"])


def test_the_registry_builds_nothing_that_needs_helm(consumer: Consumer, presubmit: dict[str, list[str]]) -> None:
    def needing_helm(targets: list[str]) -> str:
        kinds = "chart_rendering_.*|helm_program"
        return consumer.bazel("cquery", f"kind('{kinds}', deps({' + '.join(targets)}))").strip()

    assert needing_helm(["//hello:chart.image-set"])
    assert not needing_helm(presubmit["build"] + presubmit["test"])
