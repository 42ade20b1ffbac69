"""Which release of GitOps Promoter a tree installs."""

import difflib
import re
from collections.abc import Iterator
from typing import NamedTuple

from release_kit.engines.gitops.promoter_release import OLDEST, shape
from release_kit.engines.validation.tree import Tree, TreeFinding, clean
from release_kit.values.release_number import ReleaseNumber

_REFERENCE = re.compile(
    r"argoproj-labs/gitops-promoter/releases/download/v(\d{1,5})\.(\d{1,5})\.(\d{1,5})/install[\w-]*\.ya?ml"
    r"|argoproj-labs/gitops-promoter(?:\.git)?(?://?[^\s?\"']*)?\?(?:[^\s\"']*&)?ref=v(\d{1,5})\.(\d{1,5})\.(\d{1,5})\b"
    r"|argoprojlabs/gitops-promoter:v(\d{1,5})\.(\d{1,5})\.(\d{1,5})\b"
)
_MOVING = re.compile(
    r"argoproj-labs/gitops-promoter/(?:releases/latest/download|raw/main|main)/\S*install[\w-]*\.ya?ml"
)
_DOWNLOAD = re.compile(r"argoproj-labs/gitops-promoter/releases/download/([^/\s\"'{$]+)/(install[\w-]*\.ya?ml)\b")
_TAG = re.compile(r"v\d+\.\d+\.\d+(?:[-+].+)?")
_FILES = ("install.yaml", "install-without-ui.yaml", "install-with-dashboard-cert-manager.yaml")
"""That releases have had, with one that is much like the last (docs/getting-started.md of v0.36.0)."""


class Install(NamedTuple):
    """One place where a release is named."""

    release: ReleaseNumber
    file: str
    line: int


def installs(tree: Tree) -> list[Install]:
    """Returns the releases that the files name, comments left out."""
    found = []
    for name, line, content in _lines(tree, "gitops-promoter"):
        for match in _REFERENCE.finditer(content):
            numbers = [int(group) for group in match.groups() if group is not None]
            found.append(Install(ReleaseNumber(*numbers), name, line))
    return found


def check(tree: Tree, release: ReleaseNumber) -> Iterator[TreeFinding]:
    """Yields installations of a release that has another shape than the one that is validated for, and moving ones."""
    for each in installs(tree):
        if each.release < OLDEST:
            message = f"Promoter {each.release} is installed, which is older than all whose resources are known here"
            yield TreeFinding("install-release", message, f"install {OLDEST} or newer", each.file, each.line)
        elif shape(each.release) is not shape(release):
            message = (
                f"Promoter {each.release} is installed, and the resources are held to {release}: their shapes differ"
            )
            remedy = "install the release that they are written for, or write them for this one"
            yield TreeFinding("install-release", message, remedy, each.file, each.line)
    yield from _addresses(tree)
    for name, line, content in _lines(tree, "gitops-promoter"):
        if _MOVING.search(content):
            message = f"installs whatever release is newest: {clean(content.strip()):.200}"
            yield TreeFinding("install-unpinned", message, "name one release (releases/download/vX.Y.Z/)", name, line)


def _addresses(tree: Tree) -> Iterator[TreeFinding]:
    """Yields addresses of files that no release has."""
    for name, line, content in _lines(tree, "gitops-promoter"):
        for tag, file in _DOWNLOAD.findall(content):
            close = difflib.get_close_matches(file[:100], _FILES, 1, 0.9)
            if not _TAG.fullmatch(tag):
                message, remedy = f"no release has the tag {tag:.100}", "write such as v0.36.0"
                yield TreeFinding("install-address", clean(message), remedy, name, line)
            elif close and file not in _FILES:
                message, remedy = f"no release has the file {file:.100}", f"did you mean {close[0]}?"
                yield TreeFinding("install-address", message, remedy, name, line)


def _lines(tree: Tree, word: str) -> Iterator[tuple[str, int, str]]:
    for name, content in tree.texts.items():
        if word not in content:
            continue
        for number, line in enumerate(content.splitlines(), 1):
            if word in line and not line.lstrip().startswith("#"):
                yield name, number, line
