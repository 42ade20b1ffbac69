"""Every block of commands in the documentation is run by a test, or says why not; what is not run is at least legal."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from release_kit.cli.app import _parser
from tests.support.command_blocks import Block, Command, blocks, of_page

ROOT = Path(__file__).parents[2]
LISTED = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
PAGES = subprocess.run(LISTED, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
BLOCKS = [block for page in PAGES for block in of_page(ROOT, page)]
GENERATED = ("RUNBOOK.md", "docs/api/")
WRITTEN = [block for block in BLOCKS if not any(each in block.page for each in GENERATED)]
CI = ".ci/run"
OF_TARGETS = {
    "push": ("push", "SET.json"),
    "e2e": ("e2e", "SUITE.json"),
    "argocd-wait": ("argocd wait", "ENVIRONMENTS.json"),
    "github-environments": ("github environments", "ENVIRONMENTS.json"),
    "hydrate": ("hydrate", "ENVIRONMENTS.json"),
    "promote": ("promote", "ENVIRONMENTS.json"),
    "publish": ("publish", "ENVIRONMENTS.json"),
    "report": ("report", "ENVIRONMENTS.json"),
    "rollback": ("rollback", "ENVIRONMENTS.json"),
    "status": ("status", "ENVIRONMENTS.json"),
}
"""Which command of release-kit a target of that name runs, and the document that it gives it."""


def place(block: Block) -> str:
    return f"{block.page}:{block.line}"


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yields where a call of release-kit stands and its arguments, also of calls through Bazel."""
    for block in BLOCKS:
        for command in block.commands:
            called = call(command)
            if called:
                yield f"{place(block)} {' '.join(called)}", called


def call(command: Command) -> list[str]:
    """Returns the arguments of release-kit; none where it is not called."""
    words = shlex.split(command.text.partition(" | ")[0].partition(" > ")[0], comments=True)
    if words[:1] == ["release-kit"]:
        return words[1:]
    if words[:1] == ["scripts/cut-release.sh"]:
        return ["cut", *words[1:]]
    if len(words) < 3 or Path(words[0]).name not in ("bazel", "bazelw") or words[1] != "run":
        return []
    target = next((word for word in words[2:] if not word.startswith("-")), "")
    name = re.split(r"[:/.]", target)[-1]
    if name not in OF_TARGETS:
        return []
    command_words, document = OF_TARGETS[name]
    return [*command_words.split(), document, *(words[words.index("--") + 1 :] if "--" in words else [])]


@pytest.mark.parametrize("block", WRITTEN, ids=place)
def test_a_block_is_run_or_says_why_not(block: Block) -> None:
    assert block.run_by or len(block.reason) >= 20, "above it: <!-- run: TEST --> or <!-- not run: WHY -->"


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.run_by], ids=place)
def test_what_runs_a_block_reads_its_page(block: Block) -> None:
    runner = (ROOT / block.run_by).read_text()
    if block.run_by == CI:
        assert all(command.text in runner for command in block.commands)
    else:
        assert block.page in runner or Path(block.page).parent.name in runner


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.reason], ids=place)
def test_a_reason_names_tests_that_there_are(block: Block) -> None:
    for path in re.findall(r"tests/[\w/.-]+\.py", block.reason):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("arguments", [pytest.param(words, id=where) for where, words in commands()])
def test_release_kit_takes_the_arguments(arguments: list[str]) -> None:
    _parser(arguments).parse_args(arguments)


def test_an_argument_that_there_is_not_is_a_failure() -> None:
    (block,) = blocks("page.md", "```console\n$ bazel run -c opt //:push -- --nonsense\n```\n")
    assert not block.run_by
    assert not block.reason
    (command,) = block.commands
    with pytest.raises(SystemExit):
        _parser(call(command)).parse_args(call(command))
