"""examples/: each does in a clean clone what its README says, and brings along nothing that it does not need."""

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.command_blocks import blocks
from tests.workspace.clones import SOURCE, Clone, tags

MYSELF = "tests/workspace/test_examples.py"
LOCK = (SOURCE / "tools" / "requirements_lock.txt").read_text()
TEAMS = runpy.run_path(str(SOURCE / "examples" / "monorepo" / "teams.bzl"))["TEAMS"]
SHARED = ("workspace_status.sh", ".bazelversion")
WITH_TESTS = {"chart", "monorepo", "promotion"}


class Example(NamedTuple):
    """An example in the clone, and what its README's commands printed."""

    clone: Clone
    name: str
    said: str

    @property
    def folder(self) -> str:
        return f"examples/{self.name}"

    def bazel(self, *arguments: str) -> str:
        return self.clone.bazel(*arguments, folder=self.folder).out

    def record(self, name: str, version: str = "1.0.0") -> Path:
        """Returns the record of what was pushed of a set."""
        commit = self.clone.git("rev-parse", "HEAD")
        return self.clone.state / "rules_release" / "records" / name / f"{version}-{commit[:12]}.json"

    def fetched(self) -> set[str]:
        """Returns the names of all repositories that Bazel has fetched, without those of who made them."""
        base = Path(self.bazel("info", "output_base").strip())
        return {re.split("[~+]", each.name)[-1] for each in (base / "external").iterdir() if each.is_dir()}


def follow(clone: Clone, name: str, host: str) -> str:
    """Runs the commands of an example's README and returns what they printed."""
    page = f"examples/{name}/README.md"
    (block,) = (each for each in blocks(page, (clone.folder / page).read_text()) if each.run_by == MYSELF)
    said = ""
    for command in block.commands:
        outcome = clone.shell(command.text.replace("localhost:5000", host), folder=f"examples/{name}")
        said += outcome.out + outcome.err
    return said


@pytest.fixture(scope="module")
def example(request: pytest.FixtureRequest, clone: Clone, host: str) -> Iterator[Example]:
    """One example after the other, each with a Bazel server and an output base that nobody has used."""
    yield Example(clone, request.param, follow(clone, request.param, host))
    clone.bazel("clean", "--expunge", folder=f"examples/{request.param}")


def of(*names: str) -> pytest.MarkDecorator:
    """Tells which examples a test is about."""
    return pytest.mark.parametrize("example", names or names_of_all(), indirect=True, scope="module")


def names_of_all() -> list[str]:
    return sorted(each.parent.name for each in (SOURCE / "examples").glob("*/MODULE.bazel"))


def verify(*arguments: str | Path) -> None:
    """Runs `release-kit verify`."""
    environment = os.environ | {"PYTHONPATH": str(SOURCE / "tools")}
    command = [sys.executable, "-m", "release_kit", "verify", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def four_tags(host: str, repository: str, commit: str) -> set[str]:
    """Returns the tags that a release of 1.0.0 gives to the image of a repository."""
    return {f"sha-{commit}", "v1.0.0", "latest", f"sha-{tags(host, repository)['v1.0.0'][7:19]}"}


def lock_graph() -> dict[str, set[str]]:
    """Returns what each locked distribution needs, by the comments of the lock that say for whom each is there."""
    needs: dict[str, set[str]] = {}
    for name, body in re.findall(r"^([a-z0-9-]+)==[^\n]*\n((?:[ ]+[^\n]*\n)*)", LOCK, re.MULTILINE):
        needs.setdefault(name, set())
        for parent in re.findall(r"# (?:via|  ) ?([a-z0-9-]+)$", body, re.MULTILINE):
            needs.setdefault(parent, set()).add(name)
    return needs


def closure(name: str) -> set[str]:
    needs = lock_graph()
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        reached.add(here := waiting.pop())
        waiting += needs[here] - reached
    return reached


def distributions(repositories: set[str]) -> set[str]:
    """Returns the distributions of the lock that are among what was fetched."""

    def is_of(name: str, repository: str) -> bool:
        return bool(
            re.fullmatch(rf"rules_release_pypi_(?:\d+_)?{name.replace('-', '_')}(?:_py\d.*|_cp\d.*)?", repository)
        )

    return {name for name in lock_graph() if any(is_of(name, each) for each in repositories)}


@pytest.mark.parametrize("name", names_of_all())
@pytest.mark.parametrize("shared", SHARED)
def test_it_has_what_the_readme_tells_to_copy(name: str, shared: str) -> None:
    assert (SOURCE / "examples" / name / shared).read_bytes() == (SOURCE / shared).read_bytes()


def test_the_table_has_every_example_and_the_command_of_its_readme() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\(\1\) \|.*\| `([^`]+)` \|$", (SOURCE / "examples/README.md").read_text(), re.M)
    assert sorted(name for name, _ in rows) == names_of_all()
    for name, command in rows:
        page = (SOURCE / "examples" / name / "README.md").read_text()
        assert command.replace("REPOSITORY", "localhost:5000/notes") in page


@of()
def test_its_readme_does_what_it_says(example: Example) -> None:
    assert ("tests pass." in example.said) == (example.name in WITH_TESTS)
    assert example.clone.git("status", "--porcelain") == ""


@of("images")
def test_images_are_released_together(example: Example, host: str) -> None:
    commit = example.clone.git("rev-parse", "HEAD")
    verify(example.record("hello"))
    unreleased = json.loads(example.record("hello", "dev").read_text())["images"][0]
    assert "v1.0.0" not in unreleased["immutable_tags"]
    assert not unreleased.get("moving_tags")
    for name in ("clock", "greeter"):
        assert set(tags(host, f"hello/{name}")) == four_tags(host, f"hello/{name}", commit)


@of("images")
def test_a_push_of_images_fetches_no_helm_and_no_package_of_charts_or_environments(example: Example) -> None:
    fetched = example.fetched()
    assert distributions(fetched) == closure("rich")
    assert not [each for each in fetched if re.match(r"helm_\d", each)]


@of("images")
def test_the_commands_of_the_readme_push_it(example: Example, host: str) -> None:
    (block,) = (each for each in blocks("README.md", (SOURCE / "README.md").read_text()) if each.run_by == MYSELF)
    assert len(block.commands) > 1
    for command in block.commands:
        line = re.sub(r"^bazel ", "../../bazelw ", command.text).replace("localhost:5000", host)
        example.clone.shell(line, folder=example.folder)
    assert f"sha-{example.clone.git('rev-parse', 'HEAD')}" in tags(host, "test/hello/clock")


@of("chart")
def test_what_is_fetched_would_be_seen(example: Example) -> None:
    fetched = example.fetched()
    assert distributions(fetched) > closure("kubernetes-validate") | closure("rich")
    assert "helm_4_local" in fetched


@of("chart")
def test_a_chart_is_released_with_its_image(example: Example, host: str) -> None:
    verify(example.record("greeter"))
    assert set(tags(host, "greeter")) == four_tags(host, "greeter", example.clone.git("rev-parse", "HEAD"))
    assert set(tags(host, "charts/greeter")) == {"1.0.0"}


@of("promotion")
def test_a_release_gets_to_production(example: Example) -> None:
    for environment in ("staging", "production"):
        assert f"* {environment} is at 1.0.0 now" in example.said
    assert re.search(r"^production +1\.0\.0 .* up to date", example.said, re.M)


@of("monorepo")
def test_fifty_images_and_five_charts_are_released_by_one_push(example: Example, host: str) -> None:
    verify(example.record("market"))
    released = json.loads(example.record("market").read_text())
    images = {f"market/{team}/{service}" for team, services in TEAMS.items() for service in services}
    assert {image["repository"] for image in released["images"]} == images
    assert {chart["repository"] for chart in released["charts"]} == {f"charts/{team}" for team in TEAMS}
    assert (len(images), len(TEAMS)) == (50, 5)
    assert len({image["digest"] for image in released["images"]}) == len(images)
    assert {"v1.0.0", "latest"} < set(tags(host, "market/shipping/tracking"))


@of("container_tags")
def test_oci_push_makes_the_tags_that_we_make(example: Example, host: str) -> None:
    module = example.clone.folder / example.folder
    theirs = tags(host, "notes")
    assert set(theirs) == four_tags(host, "notes", example.clone.git("rev-parse", "HEAD"))
    policy = json.loads((module / "bazel-bin" / "tags.json").read_text())
    document = example.clone.state / "notes.json"
    image = {"name": "notes", "repository": "notes", "layout": str(module / "bazel-bin" / "image")}
    whole = {"schema": "rules_release/release-set/v1", "name": "notes", "images": [image], "charts": []}
    document.write_text(json.dumps(whole | {"tags": {key: policy[key] for key in policy if key != "schema"}}))
    status = module / "bazel-out" / "stable-status.txt"
    kit = ("run", "@rules_release//tools:release-kit", "--", "push", str(document), "--registry", f"{host}/ours")
    stamp = example.clone.state / "status.txt"
    stamp.write_bytes(status.read_bytes())
    example.bazel(*kit, "--status-file", str(stamp), "--record", str(example.clone.state / "ours.json"))
    assert tags(host, "ours/notes") == theirs


def dependencies(module: dict[str, Any]) -> dict[str, set[str]]:
    """Returns the modules of a graph and what each depends on."""
    found: dict[str, set[str]] = {}
    waiting = [module]
    while waiting:
        here = waiting.pop()
        if not here.get("unexpanded"):
            below = [*here["dependencies"], *here.get("indirectDependencies", [])]
            found[here["name"]] = {each["name"] for each in below}
            waiting += below
    return found


@of()
def test_no_dependency_of_development_reaches_it(example: Example) -> None:
    declared = re.findall(r'^bazel_dep\(name = "(\w+)"(.*)\)$', (SOURCE / "MODULE.bazel").read_text(), re.MULTILINE)
    ours = {name for name, more in declared if "dev_dependency = True" not in more}
    graph = dependencies(json.loads(example.bazel("mod", "graph", "--output", "json")))
    assert graph["rules_release"] == ours
    assert not [each for each in example.fetched() if each.startswith("rules_release_dev_")]
