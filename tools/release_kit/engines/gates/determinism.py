"""The gate determinism: a chart renders the same way every time."""

import re
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import NamedTuple

from release_kit.documents.rendering import Rendering
from release_kit.engines.gates.objects import Part, parts, read_part
from release_kit.engines.gates.places import Place, place
from release_kit.values.finding import Finding, Gate
from release_kit.values.template_source import left_to_chance

Files = Mapping[str, bytes]
_HASH = re.compile(r"\b[0-9a-f]{32,}\b")
_REMEDY = (
    "Argo CD would change the object again and again: take random functions and the time out of the template, "
    "or make an exception with a reason"
)


class _Difference(NamedTuple):
    """The first line of a document that differs."""

    part: Part
    number: int
    line: str
    follows: bool
    """Whether only hashes differ, as those of what has changed elsewhere do."""


def check(rendering: Rendering, files: Files) -> list[Finding]:
    """Reports what is different in the second render, which is at another time."""
    if rendering.plain.text == rendering.again.text:
        return []
    first = {(part.template, part.position): part for part in parts(rendering.plain.text)}
    second = {(part.template, part.position): part for part in parts(rendering.again.text)}
    pairs = [(part, second.get(key)) for key, part in first.items()]
    pairs += [(part, None) for key, part in second.items() if key not in first]
    found = [_difference(*pair) for pair in pairs if pair[1] is None or pair[0].text != pair[1].text]
    found = [each for each in found if not _is_test(each.part)]
    causes = [each for each in found if not each.follows] or found
    return _findings(causes, rendering, files)


def _is_test(part: Part) -> bool:
    return any(each.is_test for each in read_part(part))


def _difference(part: Part, other: Part | None) -> _Difference:
    lines, others = part.text.split("\n"), other.text.split("\n") if other else []
    different = [
        (number, mine or "", yours or "")
        for number, (mine, yours) in enumerate(zip_longest(lines, others), 1)
        if mine != yours
    ]
    follows = all(_HASH.sub("", mine) == _HASH.sub("", yours) for _, mine, yours in different)
    number, line, _ = different[0]
    return _Difference(part, number, line, follows)


def _findings(differences: Iterable[_Difference], rendering: Rendering, files: Files) -> list[Finding]:
    """Makes findings: one for each line of a template, however many objects it makes."""
    chance = left_to_chance(files)
    found: dict[Place, Finding] = {}
    for each in differences:
        where = place(each.part.template, each.part.text, each.number, files)
        callers = [Place(*caller) for caller in chance if caller[0] == where.file] or [
            Place(*caller) for caller in chance
        ]
        if not where.line and callers:
            where = callers[0]
        named = next((other.name for other in read_part(each.part)), "")
        message = f"is not the same in a second render, at another time: {each.line.strip()!r:.120}"
        finding = Finding(Gate.DETERMINISM, message, _REMEDY, *where, rendering.values, named)
        if where.line and where in found:
            continue
        found[where if where.line else Place(named, 0)] = finding
    return list(found.values())
