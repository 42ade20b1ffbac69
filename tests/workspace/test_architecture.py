"""docs/architecture.md shows what the code is."""

import re

from tests.support.architecture.page import PAGE, UPDATE, page
from tests.support.architecture.sources import tracked


def test_the_page_is_drawn_from_the_code() -> None:
    assert page(tracked()) == PAGE.read_text(), f"write it anew: {UPDATE}"


def test_engines_and_adapters_have_no_arrow_between_them() -> None:
    layers = PAGE.read_text().partition("## The engines")[0]
    names = dict(re.findall(r"(n\d+)\[\"(\w+)", layers))
    arrows = {(names[own], names[other]) for own, other in re.findall(r"(n\d+) -->\|\d+\| (n\d+)", layers)}
    assert ("cli", "engines") in arrows
    assert not {("engines", "adapters"), ("adapters", "engines"), ("documents", "ports")} & arrows
