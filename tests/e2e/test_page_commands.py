"""Commands of the documentation that need no Bazel, run as they are written, and what the pages say that one sees."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from rehearsal.git_server import git
from rehearsal.real_registry import DISTRIBUTION_3, real_registry
from tests.support import layouts, releases
from tests.support.command_blocks import Command, is_shown, of_page
from tests.support.helm import helm

ROOT = Path(__file__).absolute().parents[2]
HERE = "tests/e2e/test_page_commands.py"
PUBLIC = "ghcr.io"
IMAGES = ("core", "datasvc", "web")
SHOWS_A_FAULT = ("docs/gates.md", "docs/validation.md")
PAGES = ("README.md", "docs/charts.md", "docs/gitops.md", "docs/promotion.md", *SHOWS_A_FAULT)


class Desk(NamedTuple):
    """A folder with all that the pages speak of, and a registry in the place of the public one."""

    folder: Path
    host: str

    def run(self, text: str) -> tuple[int, str]:
        """Runs a command as the page has it, in a shell; returns its exit code and what it said."""
        assert shlex.split(text)[0] in ("release-kit", "helm", "crane"), f"nobody knows how to run {text}"
        environment = {
            "HOME": str(self.folder / "home"),
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        command = ["bash", "-o", "pipefail", "-c", text.replace(PUBLIC, self.host)]
        said: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        done = subprocess.run(command, cwd=self.folder, env=environment, check=False, **said)
        return done.returncode, done.stdout.replace(self.host, PUBLIC)


def script(path: Path, *words: str) -> None:
    path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    path.chmod(0o755)


def furnish(folder: Path) -> None:
    """Writes what the commands name."""
    programs = folder / "bin"
    programs.mkdir()
    script(programs / "release-kit", sys.executable, "-m", "release_kit")
    script(programs / "helm", str(helm("4")))
    shutil.copytree(ROOT / "helm/shop", folder / "helm/shop")
    shutil.copy(ROOT / "helm/shop/values.yaml", folder / "values.yaml")
    shutil.copytree(ROOT / "gitops/generated", folder / "gitops")
    for name in ("environments.json", "ENVIRONMENTS.json"):
        shutil.copy(ROOT / "gitops/environments.json", folder / name)
    shutil.copytree(ROOT / "gitops/environments.values", folder / "environments.values")
    deploy_repository(folder)
    (folder / "superseded.yaml").write_text(scenario())
    (folder / "GATES.json").write_text(json.dumps({"schema": "rules_release/chart-gates/v1"}))
    write_set(folder)
    releases.write_status(folder).rename(folder / "status.txt")


def deploy_repository(folder: Path) -> None:
    """Makes the repository of the declaration, without any release, and lets git find it under its address."""
    git(folder, "init", "--quiet", "--bare", "acme/shop-deploy.git")
    home = folder / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f'[url "file://{folder}/acme/"]\n\tinsteadOf = https://github.com/acme/\n')


def write_set(folder: Path) -> None:
    """Writes a set of the sample's images, with its chart."""
    made = {f"shop/{name}": layouts.image(folder / name, b"shared", name.encode()) for name in IMAGES}
    uses = [{"image": name, "values": f"images.{name}"} for name in IMAGES]
    chart = {"name": "shop", "repository": "charts", "source": "helm/shop", "images": uses}
    more: dict[str, Any] = {"charts": [chart], "registry": f"{PUBLIC}/acme", "record_repository": "shop/release"}
    releases.write_set(folder, made, **more).rename(folder / "SET.json")


def scenario() -> str:
    """Returns the scenario that docs/promotion.md shows."""
    (text,) = re.findall(r"```yaml\n(schema: rules_release/scenario/v1\n.*?)```", page("docs/promotion.md"), re.S)
    return str(text)


def page(name: str) -> str:
    return (ROOT / name).read_text()


def break_chart(folder: Path) -> None:
    """Lets a template name a tag of its own."""
    path = folder / "helm/shop/templates/core/deployment.yaml"
    text, count = re.subn(r"image: .*", f"image: {PUBLIC}/acme/shop/core:v1.2.3", path.read_text(), count=1)
    assert count == 1
    path.write_text(text)


def break_tree(folder: Path) -> None:
    """Takes the reporter of a gate away."""
    path = folder / "gitops/promoter/gates.yaml"
    documents = path.read_text().split("---\n")
    left = [each for each in documents if "name: shop-e2e\n" not in each]
    assert len(left) == len(documents) - 1
    path.write_text("---\n".join(left))


FAULTS: dict[str, Callable[[Path], None]] = {"docs/gates.md": break_chart, "docs/validation.md": break_tree}


@pytest.fixture(name="desk")
def desk_fixture(tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "desk"
    folder.mkdir()
    furnish(folder)
    with real_registry(DISTRIBUTION_3, tmp_path) as host:
        yield Desk(folder, host)


def commands(name: str) -> list[Command]:
    return [command for block in of_page(ROOT, name) if block.run_by == HERE for command in block.commands]


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_the_page_does_what_the_page_says(desk: Desk, name: str) -> None:
    if name in FAULTS:
        FAULTS[name](desk.folder)
    assert commands(name)
    for command in commands(name):
        code, said = desk.run(command.text)
        print(f"$ {command.text}\n{said}")
        assert code == (1 if name in SHOWS_A_FAULT else 0)
        shown = [line for line in command.shown if line != "..."]
        assert [line for line in shown if not is_shown(line, said)] == []


def test_a_command_that_nobody_knows_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="nobody knows how to run rm"):
        Desk(tmp_path, "").run("rm -rf /")
