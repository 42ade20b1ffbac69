"""release-kit as a wheel: Bazel and pip make the same one, again and again, and it runs where there is nothing else."""

import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.support.fault_registry import FaultRegistry
from tests.support.layouts import image
from tests.workspace.clones import SOURCE, Clone

# What each build writes of itself.
OWN = {"METADATA", "RECORD", "WHEEL", "top_level.txt"}
EPOCH = "1767225600"


class Wheel(NamedTuple):
    """One wheel."""

    path: Path

    @property
    def contents(self) -> dict[str, bytes]:
        """Each file's content by its name, but for those that say who built it."""
        with zipfile.ZipFile(self.path) as opened:
            return {name: opened.read(name) for name in opened.namelist() if Path(name).name not in OWN}

    @property
    def metadata(self) -> Message:
        """The fields, and the description as the payload."""
        with zipfile.ZipFile(self.path) as opened:
            (name,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
            return Parser().parsestr(opened.read(name).decode())


class Environment(NamedTuple):
    """A virtual environment."""

    folder: Path

    def run(self, program: str, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Runs a program of it with nothing of the caller's Python."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        command = [str(self.folder / "bin" / program), *arguments]
        done = subprocess.run(command, env=clean | variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done

    def pip(self, *arguments: str, **variables: str) -> None:
        """Runs its pip."""
        self.run("python", "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments, **variables)


def checkout(folder: Path, umask: int = 0o022) -> Path:
    """Clones HEAD."""
    command = ["git", "clone", "--quiet", "--no-tags", str(SOURCE), str(folder)]
    subprocess.run(command, umask=umask, check=True)
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """One with what release-kit needs, as locked, and what builds it."""
    made = Environment(tmp_path_factory.mktemp("environment") / "venv")
    subprocess.run([sys.executable, "-m", "venv", str(made.folder)], check=True)
    made.pip("install", "--require-hashes", "--requirement", str(SOURCE / "tools/requirements_lock.txt"))
    made.pip("install", "setuptools >= 77")
    return made


@pytest.fixture(scope="module")
def by_bazel(pristine: Clone) -> Wheel:
    pristine.bazel("build", "//tools/wheel")
    version = (SOURCE / "VERSION").read_text().strip()
    return Wheel(pristine.folder / f"bazel-bin/tools/wheel/release_kit-{version}-py3-none-any.whl")


def by_pip(environment: Environment, source: Path, umask: int = 0o022) -> Wheel:
    """Builds a wheel of a source tree as `pip wheel .` does."""
    folder = source.parent / "wheels"
    before = os.umask(umask)
    try:
        options = ("--no-deps", "--no-build-isolation", "--wheel-dir", str(folder))
        environment.pip("wheel", *options, str(source), SOURCE_DATE_EPOCH=EPOCH)
    finally:
        os.umask(before)
    (found,) = folder.glob("*.whl")
    return Wheel(found)


@pytest.fixture(scope="module")
def of_pip(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    return by_pip(environment, checkout(tmp_path_factory.mktemp("pip") / "source"))


@pytest.fixture(scope="module")
def installed(environment: Environment, by_bazel: Wheel) -> Environment:
    """The environment with the wheel that Bazel has built."""
    environment.pip("install", "--no-deps", str(by_bazel.path))
    return environment


def meaning(metadata: Message) -> dict[str, object]:
    """Returns what a wheel's metadata say, however they are written."""
    needs = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    return {
        "description": (metadata["Description-Content-Type"], str(metadata.get_payload()).strip()),
        "extras": metadata.get_all("Provides-Extra"),
        # License-Expression is what Metadata-Version 2.4 calls it.
        "license": metadata["License-Expression"] or metadata["License"],
        "name": metadata["Name"],
        "needs": {(need.name, need.specifier, str(need.marker or "")) for need in needs},
        "python": SpecifierSet(metadata["Requires-Python"]),
        "summary": metadata["Summary"],
        "version": metadata["Version"],
    }


def test_bazel_and_pip_put_the_same_files_into_it(by_bazel: Wheel, of_pip: Wheel) -> None:
    assert by_bazel.path.name == of_pip.path.name
    ours, theirs = by_bazel.contents, of_pip.contents
    entry_points = f"{by_bazel.path.name.removesuffix('-py3-none-any.whl')}.dist-info/entry_points.txt"
    assert ours.pop(entry_points).split() == theirs.pop(entry_points).split()
    assert sorted(ours) == sorted(theirs)
    assert ours == theirs


def test_bazel_and_pip_say_the_same_of_it(by_bazel: Wheel, of_pip: Wheel) -> None:
    assert meaning(by_bazel.metadata) == meaning(of_pip.metadata)


def test_it_has_the_package_and_its_licence_and_nothing_else(by_bazel: Wheel) -> None:
    folders = {name.partition("/")[0] for name in by_bazel.contents}
    version = (SOURCE / "VERSION").read_text().strip()
    assert folders == {"release_kit", f"release_kit-{version}.dist-info"}
    others = {Path(name).name for name in by_bazel.contents if not name.endswith(".py")}
    assert others == {"VERSION", "py.typed", "workspace_status.sh", "LICENSE", "entry_points.txt"}
    assert not [name for name in by_bazel.contents if "test" in Path(name).parts or Path(name).name.startswith("test_")]


@pytest.fixture
def elsewhere(clone: Clone, tmp_path: Path) -> Iterator[Clone]:
    """Another clone in another folder, whose files nobody else may read."""
    made = Clone(checkout(tmp_path / "private", umask=0o077), clone.state)
    yield made
    made.bazel("clean", "--expunge")


def test_bazel_makes_the_same_bytes_anywhere(by_bazel: Wheel, elsewhere: Clone) -> None:
    elsewhere.bazel("build", "//tools/wheel")
    again = elsewhere.folder / "bazel-bin/tools/wheel" / by_bazel.path.name
    assert again.read_bytes() == by_bazel.path.read_bytes()


def test_pip_makes_the_same_bytes_of_the_same_modes(environment: Environment, of_pip: Wheel, tmp_path: Path) -> None:
    again = by_pip(environment, checkout(tmp_path / "source"))
    assert again.path.read_bytes() == of_pip.path.read_bytes()


def test_under_another_umask_pip_packs_the_same_contents(
    environment: Environment, of_pip: Wheel, tmp_path: Path
) -> None:
    again = by_pip(environment, checkout(tmp_path / "source", 0o077), 0o077)
    assert again.contents == of_pip.contents


def test_the_source_distribution_makes_the_same_wheel(environment: Environment, of_pip: Wheel, tmp_path: Path) -> None:
    source = checkout(tmp_path / "source")
    build = f"import os; os.chdir({str(source)!r}); from setuptools import build_meta; build_meta.build_sdist('dist')"
    environment.run("python", "-c", build)
    (packed,) = (source / "dist").glob("*.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(packed.read_bytes())) as opened:
        opened.extractall(tmp_path / "unpacked", filter="data")
    (folder,) = (tmp_path / "unpacked").iterdir()
    assert (folder / "VERSION").read_bytes() == (SOURCE / "VERSION").read_bytes()
    assert by_pip(environment, folder).contents == of_pip.contents


def test_it_says_its_version(installed: Environment) -> None:
    version = (SOURCE / "VERSION").read_text().strip()
    assert installed.run("release-kit", "--version").stdout == f"release-kit {version}\n"


def test_it_releases_a_set(installed: Environment, tmp_path: Path) -> None:
    image(tmp_path / "layout", b"a layer")
    document = {
        "schema": "rules_release/release-set/v1",
        "name": "hello",
        "images": [{"name": "hello", "repository": "hello", "layout": "layout"}],
        "tags": {"immutable": ["v{{STABLE_VERSION}}"], "moving": ["latest"]},
    }
    (tmp_path / "SET.json").write_text(json.dumps(document))
    (tmp_path / "status.txt").write_text("STABLE_VERSION 1.2.3\nSTABLE_DIRTY false\n")
    with FaultRegistry() as registry:
        arguments = ("--registry", f"{registry.host}/acme", "--status-file", str(tmp_path / "status.txt"))
        installed.run("release-kit", "push", str(tmp_path / "SET.json"), *arguments, HOME=str(tmp_path))
        assert set(registry.state.tags("acme/hello")) == {"v1.2.3", "latest"}
