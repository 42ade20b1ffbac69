"""The files beside the declaration that they are generated from: what is missing, and what is not as declared.

By this, what no file can tell by itself is found: another namespace, a branch fewer, a request for another commit. A
field that another rule has found something in is not told again.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from release_kit.engines.validation.tree import (
    Resource,
    Tree,
    TreeFinding,
    clean,
    finding,
    mapping,
    may_share_namespace,
    parse,
    text,
)
from release_kit.values.yaml_source import Path, shown

_REMEDY = "generate the files anew (`release-kit gitops generate`), or change the declaration"
_WHOLE = ("spec",)
"""Fields in which nothing but what is declared may stand; others, such as labels, may have more."""
_MAKERS = ("SealedSecret", "ExternalSecret")
_BROAD = frozenset({"", "spec"})
"""Paths that tell too little to stand for all below them."""
_SHOWN = 80
"""Characters of a value."""


def check(tree: Tree, declared: Mapping[str, str], found: Sequence[TreeFinding]) -> Iterator[TreeFinding]:
    """Yields what differs from the declaration.

    Args:
        tree: all objects.
        declared: the files that are generated from the declaration, by their names.
        found: what other rules have found.
    """
    readable = all(each.rule != "yaml-syntax" for each in found)
    for wanted in parse(declared).tree.resources if declared else ():
        present = _present(tree, wanted)
        if present is not None:
            yield from _differing(present, wanted, found)
        elif readable and not _is_made(tree, wanted):
            message = f"there is no {clean(wanted.title)}, which is declared"
            yield TreeFinding("declared-missing", message, _REMEDY, wanted.file, 0, clean(wanted.title))


def _present(tree: Tree, wanted: Resource) -> Resource | None:
    named = tree.named(wanted.group, wanted.kind, wanted.name)
    return next((each for each in named if may_share_namespace(each, wanted)), None)


def _is_made(tree: Tree, wanted: Resource) -> bool:
    """Tells whether a Secret is made by something else that is there."""
    if wanted.kind != "Secret":
        return False
    makers = [each for each in tree.resources if each.kind in _MAKERS]
    names = {text(mapping(each.spec.get("target")).get("name")) or each.name for each in makers}
    return wanted.name in names


def _differing(present: Resource, wanted: Resource, found: Sequence[TreeFinding]) -> Iterator[TreeFinding]:
    is_secret = wanted.kind == "Secret"
    for path, message in _differences(present.value, wanted.value, ()):
        made = finding("declared-differs", present, path, "it differs" if is_secret else message, _REMEDY)
        if not any(_covers(each, made) for each in found):
            yield made


def _covers(other: TreeFinding, made: TreeFinding) -> bool:
    """Tells whether another finding is about the same field, or one around or inside it."""
    if (other.file, other.document) != (made.file, made.document) or other.path in _BROAD:
        return False
    shorter, longer = sorted((other.path, made.path), key=len)
    return longer.startswith(shorter) and longer[len(shorter) : len(shorter) + 1] in ("", ".", "[")


def _differences(present: Any, wanted: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(present, Mapping) and isinstance(wanted, Mapping):
        for name, child in wanted.items():
            if name in present:
                yield from _differences(present[name], child, (*path, name))
            else:
                yield path, f"{shown((name,))} is missing, which is declared as {_short(child)}"
        for name in present if path[:1] == _WHOLE else ():
            if name not in wanted:
                yield (*path, name), "it is not declared"
    elif isinstance(present, list) and isinstance(wanted, list) and len(present) == len(wanted):
        for position, child in enumerate(wanted):
            yield from _differences(present[position], child, (*path, position))
    elif type(present) is not type(wanted) or present != wanted:
        yield path, _difference(present, wanted)


def _difference(present: Any, wanted: Any) -> str:
    if isinstance(present, list) and isinstance(wanted, list):
        return f"it has {len(present)} entries, and {len(wanted)} are declared"
    if isinstance(present, str) and isinstance(wanted, str) and max(len(present), len(wanted)) > _SHOWN:
        begin = next((n for n, pair in enumerate(zip(present, wanted, strict=False)) if pair[0] != pair[1]), 0)
        begin = max(begin - _SHOWN // 2, 0)
        present, wanted = present[begin : begin + _SHOWN], wanted[begin : begin + _SHOWN]
    return f"declared is {_short(wanted)}, found {_short(present)}"


def _short(value: Any) -> str:
    return f"{value!r:.{_SHOWN + 2}}"
