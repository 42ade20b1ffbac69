"""The page of procedures, from top to bottom: every command runs on the whole pipeline and does what the page says."""

import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from rehearsal import published, stages
from rehearsal.kit import Ran
from rehearsal.stages import STAGES, Order
from rehearsal.timeline import Timeline
from rehearsal.world import World
from release_kit.documents import environments
from release_kit.values.promotion_gate import Target
from tests.support.command_blocks import Block, Command, is_shown, of_page

ROOT = Path(__file__).absolute().parents[2]
PAGE = "docs/procedures.md"
DECLARATION = "gitops/environments.json"
OLD, BAD, HOTFIX, NEXT = "1.4.0", "1.4.1", "1.4.2", "1.5.0"
DEADLINE = "120s"
HERE = "tests/e2e/test_procedures.py"
TARGET = "bazel run //release:"
PROPOSED, ACTIVE = Target.PROPOSED, Target.ACTIVE
OF_ARGOCD = {"argocd-wait": ["argocd", "wait"]}
COMMANDS = {"argocd-wait", "e2e", "hydrate", "promote", "publish", "push", "report", "rollback", "status"}
ELSEWHERE = "https://github.com/acme/shop-deploy.git"

AFTER = {
    "Rollback": {"demo-staging": BAD, "demo": OLD, "release": OLD},
    "Hotfix": {"demo-staging": BAD, "demo": HOTFIX, "release": HOTFIX},
    "Promotion criteria": {"demo-staging": NEXT, "demo": NEXT, "release": HOTFIX},
    "Manual override": {"demo-staging": NEXT, "demo": NEXT, "release": NEXT},
}
"""What answers in each environment when a part of the page has been followed."""


def steps(found: Iterable[Block]) -> Iterator[tuple[str, Command]]:
    """Returns the commands of blocks in order, each with the heading that it is below."""
    return ((block.heading, command) for block in found if block.run_by == HERE for command in block.commands)


class Practice:
    """Somebody who follows the page."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.secrets = {**world.argocd_secret, **world.e2e_secret, "ARGOCD_SERVER": world.argocd.host}

    def run(self, command: str) -> Ran:
        """Runs a command as the page has it."""
        program, *arguments = shlex.split(command)
        if command.startswith(TARGET):
            name, *arguments = [each for each in shlex.split(command.removeprefix(TARGET)) if each != "--"]
            return self._target(name, arguments)
        if program == "scripts/cut-release.sh":
            return self._kit("cut", *arguments)
        assert program == "git", f"nobody knows how to run {command}"
        here = {ELSEWHERE: self.world.git.url("shop-deploy")}
        return self._program("git", [here.get(each, each) for each in arguments])

    def _target(self, name: str, arguments: list[str]) -> Ran:
        assert name in COMMANDS, f"nobody knows how to run //release:{name}"
        declaration = str(self.world.declaration)
        if name == "push":
            return self._push(arguments)
        if name == "e2e":
            suite = str(self.world.sample / stages.SUITE)
            return self._kit("e2e", suite, "--environments", declaration, "--deadline", DEADLINE, *arguments)
        deadline = ["--deadline", DEADLINE] if name == "argocd-wait" else []
        return self._kit(*OF_ARGOCD.get(name, [name]), declaration, *deadline, *arguments)

    def _push(self, arguments: list[str]) -> Ran:
        """Pushes what is checked out, as Bazel stamps it."""
        stamp = self.world.folder / "stable-status.txt"
        stamp.write_text(self._program("bash", ["workspace_status.sh"]).output)
        where = ["--registry", f"{self.world.registry.host}/acme", "--status-file", str(stamp)]
        return self._kit("push", str(self.world.sample / stages.RELEASE_SET), *where, *arguments)

    def _kit(self, *arguments: str) -> Ran:
        return self.world.kit.run(*arguments, folder=self.world.source.clone, secrets=self.secrets)

    def _program(self, name: str, arguments: list[str]) -> Ran:
        return self.world.kit.program([name], name, arguments, folder=self.world.source.clone)

    def answers(self) -> dict[str, str]:
        """Returns the version that answers in each environment."""
        self.world.deployer.settle()
        return published.look(self.world).answers


def is_refused(command: Command) -> bool:
    """Tells whether the page shows an error."""
    return any(line.startswith("ERROR ") for line in command.shown)


@pytest.fixture(name="practice")
def practice_fixture(tmp_path: Path) -> Iterator[Practice]:
    """Two releases have gone all the way; the second is bad."""
    with World(ROOT, tmp_path, Timeline()) as world:
        for version in (OLD, BAD):
            world.source.change(f"What is new in {version}.")
            for step in STAGES.values():
                step(world, Order(version, deadline=DEADLINE))
        yield Practice(world)


def prepare(practice: Practice, part: str) -> None:
    """Lets happen what the page takes as given."""
    world = practice.world
    if part == "Hotfix":
        world.source.change("Orders are kept.")
    if part == "Promotion criteria":
        world.source.change("Something new.")
        for name in ("cut", "build", "push"):
            STAGES[name](world, Order(NEXT))


def test_every_command_of_the_page_does_what_the_page_says(practice: Practice) -> None:
    part, parts = "", list[str]()
    for heading, command in steps(of_page(ROOT, PAGE)):
        if heading != part:
            assert part not in AFTER or practice.answers() == AFTER[part], part
            part = heading
            parts.append(part)
            prepare(practice, part)
        ran = practice.run(command.text)
        said = f"{part}: $ {command.text}\n{ran.narration}{ran.output}"
        print(said)
        assert ran.code == (1 if is_refused(command) else 0), said
        assert [line for line in command.shown if not is_shown(line, said)] == [], said
    assert practice.answers() == AFTER[part]
    assert parts[1:] == [*AFTER]


def test_the_page_names_the_gates_that_are_declared() -> None:
    declared = environments.load(ROOT / DECLARATION)
    expected, before = [], set[str]()
    for each in declared.environments:
        proposed, active = ({gate.key for gate in declared.gates_of(each, target)} for target in (PROPOSED, ACTIVE))
        expected.append(({each.name}, before, proposed))
        before = active
    table = (ROOT / PAGE).read_text().partition("| into |")[2].splitlines()[2 : 2 + len(expected)]
    rows = [tuple({*re.findall("`(.*?)`", cell)} for cell in row.split("|")[1:4]) for row in table]
    assert rows == expected


def test_a_command_that_nobody_knows_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="nobody knows how to run rm"):
        Practice.run(Practice.__new__(Practice), "rm -rf /")


def test_a_line_that_a_command_does_not_say_is_a_failure() -> None:
    said = "* release is at 1.4.0 now (was 1.3.0)\nENVIRONMENT   VERSION  SINCE\nrelease       1.4.0    now\n"
    assert is_shown("release  1.4.0  ...", said)
    assert is_shown("* release is at ... now (was 1.3.0)", said)
    assert not is_shown("release  1.4.1  ...", said)
    assert not is_shown("release is at 1.4.0 now (was 1.3.0)", said)
