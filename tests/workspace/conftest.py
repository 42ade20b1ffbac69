"""The clone that all tests here share, and the private registry that its pushes go to."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.workspace.clones import SOURCE, Clone, private_registry


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """A clean clone of HEAD; its Bazel server and its registry are stopped at the end."""
    folder = tmp_path_factory.mktemp("clone")
    state = tmp_path_factory.mktemp("state")
    subprocess.run(["git", "clone", "--quiet", "--no-tags", str(SOURCE), str(folder)], check=True)
    made = Clone(folder, state)
    yield made
    made.bazel("run", "//release:registry", "--", "--stop")
    for module in (".", "tests/consumer"):
        made.bazel("clean", "--expunge", folder=module)


@pytest.fixture(scope="module")
def pristine(clone: Clone) -> Clone:
    """The clone at HEAD again, whatever versions other modules have released in it."""
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=SOURCE, text=True).strip()
    clone.git("reset", "--quiet", "--hard", head)
    clone.git("clean", "--quiet", "--force", "-d")
    for tag in clone.git("tag").split():
        clone.git("tag", "--delete", tag)
    return clone


@pytest.fixture(scope="session")
def host(clone: Clone) -> str:
    """The private registry that a push without arguments has started."""
    clone.push()
    return private_registry(clone.state)
