"""docs/README.md leads to every page, once."""

import re
from collections import Counter

import pytest

from tests.support.pages import ROOT, page

LINKS = Counter(re.findall(r"\]\(([\w./-]+)\)", page("README.md")))


def test_every_page_is_in_the_index_once() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {name for name in LINKS if "/" not in name and name.endswith(".md")} == pages
    assert {*LINKS.values()} == {1}


def test_pages_are_grouped_for_their_readers() -> None:
    groups = re.findall(r"^## (.*)", page("README.md"), re.M)
    assert groups == ["First steps", "Releasing", "Charts", "Environments", "Pipeline", "Reference", "Project"]


def anchors(text: str) -> set[str]:
    """Returns what GitHub calls the headings of a page, each as a link names it."""
    titles = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in re.findall(r"^#+ (.*)", text, re.M)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_a_link_into_a_page_leads_to_a_heading(name: str) -> None:
    for target, anchor in re.findall(r"\]\(([\w./-]*\.md)?#([^)]+)\)", page(name)):
        file = ROOT / "README.md" if target == "../README.md" else ROOT / "docs" / (target or name)
        if not (target or name).startswith(("../", "api/")) or target == "../README.md":
            assert anchor in anchors(file.read_text()), f"{target}#{anchor}"
