"""What release_kit needs from PyPI is in the runfiles of whatever depends on it, in one version."""

import os
import re
import tomllib
from importlib import import_module, metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

LOCKS = ("tools/requirements_lock.txt", "tests/requirements_lock.txt", "tests/lint_requirements_lock.txt")
PROJECT = tomllib.loads(Path("pyproject.toml").read_text())["project"]
MODULES = {"pynacl": "nacl", "pyyaml": "yaml"}
NEEDED = [Requirement(line) for line in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["e2e"])]


def locked(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", Path(lock).read_text(), re.MULTILINE))


@pytest.mark.parametrize("need", NEEDED, ids=str)
def test_a_package_of_release_kit_is_in_the_runfiles(need: Requirement) -> None:
    found = import_module(MODULES.get(need.name, need.name.replace("-", "_"))).__file__
    assert found
    assert Path(found).is_relative_to(os.environ["TEST_SRCDIR"])


@pytest.mark.parametrize("need", NEEDED, ids=str)
def test_it_is_the_locked_version_which_pip_may_choose_too(need: Requirement) -> None:
    version = metadata.version(need.name)
    assert version == locked(LOCKS[0])[need.name.replace(".", "-")]
    assert version in need.specifier


def test_pip_installs_what_the_lock_was_made_of() -> None:
    made_of = Path("tools/requirements.in").read_text().split()
    assert made_of == sorted(need.name for need in NEEDED)


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_a_package_that_several_locks_name_has_one_version(lock: str) -> None:
    ours, theirs = locked(LOCKS[0]), locked(lock)
    shared = ours.keys() & theirs.keys()
    assert shared
    assert {name: theirs[name] for name in shared} == {name: ours[name] for name in shared}
