"""A mutant: the sample's chart with one fault."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.support.mutants.edits import DEMO, VALUES, Edit

BOTH = (VALUES, DEMO)


class Mutant(NamedTuple):
    """One fault, and what must be said of it."""

    fault: str
    """In words, which name the mutant."""
    gate: str
    """The gate that must report it."""
    says: str
    """What the message must hold."""
    edits: tuple[Edit, ...]
    file: str = ""
    """The file that must be named; empty where the fault is in none."""
    line: bool = False
    """Whether the line must be named: the first one of the file that the edits change."""
    also: tuple[str, ...] = ()
    """Other gates that may report it, too, as it is in their charge as well."""
    values: tuple[str, ...] = (DEMO,)
    """The values files that the chart is rendered with."""
    gates: Mapping[str, Any] = {}
    """What GATES.json has otherwise."""
    base: tuple[Edit, ...] = ()
    """What makes of the sample another good chart, which the fault then is put into."""


Kind = tuple[str, tuple[Mutant, ...]]
"""A kind of fault, as a heading, and its mutants."""
