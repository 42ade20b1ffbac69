"""VERSION is the only file that says which version this is."""

import re
import tomllib
from pathlib import Path

import release_kit

VERSION = Path("VERSION").read_text().strip()


def test_the_package_has_the_version_of_the_repository() -> None:
    assert release_kit.version() == VERSION


def test_it_is_one_that_bazel_and_python_know() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(-(alpha|beta|rc)\.\d+)?", VERSION)


def test_pip_reads_the_same_file() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"file": "VERSION"}


def test_the_module_has_none_until_the_registry_writes_it() -> None:
    call = re.search(r"^module\((.*?)^\)", Path("MODULE.bazel").read_text(), re.DOTALL | re.MULTILINE)
    assert call
    assert "version =" not in call[1]
