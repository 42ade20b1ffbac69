"""Mutants of the sample's chart: one fault each, and the gate that must say so."""

from tests.support.mutants import chart, images, objects, release_set, rendered, values
from tests.support.mutants.mutant import Kind, Mutant

KINDS: tuple[Kind, ...] = (
    images.POLICIES,
    release_set.SET,
    rendered.RENDERS,
    rendered.DETERMINISM,
    rendered.GOLDENS,
    objects.OBJECTS,
    chart.RULES,
    chart.PACKAGES,
    values.VALUES_SCHEMA,
    values.DOCUMENTS,
)

__all__ = ["KINDS", "Kind", "Mutant"]
