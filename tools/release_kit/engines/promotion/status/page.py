"""The status as one HTML page that needs nothing else: no server, no font, no image, and no script to be read."""

import base64
import hashlib
from collections import Counter

from release_kit.documents.scm import ScmRepository
from release_kit.engines.promotion.status import page_flow, page_tables, words
from release_kit.engines.promotion.status.icons import ICON, drawings, sign
from release_kit.engines.promotion.status.links import repository_page
from release_kit.engines.promotion.status.markup import Markup, element, foreign, link
from release_kit.engines.promotion.status.overview import Overview
from release_kit.engines.promotion.status.page_script import SCRIPT
from release_kit.engines.promotion.status.page_style import STYLE
from release_kit.engines.promotion.status.times import age, date


def page(seen: Overview) -> str:
    """Returns the whole document; the same overview is the same text."""
    html = element("html", _head(seen), _body(seen), lang="en")
    return f"<!doctype html>\n{html}\n"


def _head(seen: Overview) -> Markup:
    metas = (
        {"charset": "utf-8"},
        {"http_equiv": "Content-Security-Policy", "content": _policy()},
        {"name": "viewport", "content": "width=device-width, initial-scale=1"},
        {"name": "referrer", "content": "no-referrer"},
        {"name": "color-scheme", "content": "light dark"},
        {"name": "generator", "content": "release-kit status"},
    )
    return element(
        "head",
        *(element("meta", **attributes) for attributes in metas),
        element("title", f"{seen.declared.name}: environments"),
        element("link", rel="icon", href=ICON),
        element("style", Markup(STYLE)),
    )


def _policy() -> str:
    """Returns what the page may do: have this style and this script, nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(STYLE)}'; script-src '{_hash(SCRIPT)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _body(seen: Overview) -> Markup:
    return element(
        "body",
        drawings(),
        _header(seen),
        element(
            "main",
            page_flow.flow(seen),
            element("div", page_tables.gates(seen), page_tables.history(seen), class_="tables"),
        ),
        _footer(),
        element("script", Markup(SCRIPT)),
    )


def _header(seen: Overview) -> Markup:
    repository = seen.declared.repository
    return element(
        "header",
        element(
            "div",
            element("h1", seen.declared.name),
            element("p", link(repository_page(repository), foreign(_called(repository))), class_="soft"),
        ),
        _tally(seen),
        element("p", "as of ", date(seen.now, " UTC"), ", ", age(seen.now, seen.now), class_="soft asof"),
        class_="top",
    )


def _called(repository: ScmRepository) -> str:
    """Returns a short name of the repository, such as `acme/shop-deploy`."""
    owner = repository.owner or repository.namespace or repository.project
    return f"{owner}/{repository.name}" if owner and repository.name else repository.url


def _tally(seen: Overview) -> Markup:
    """Says how many environments stand how, what needs somebody first."""
    counts = Counter(situation.standing for situation in seen.situations)
    items = (
        element("li", sign(words.SIGNS[standing]), f"{counts[standing]} {standing}", class_=words.SIGNS[standing])
        for standing in words.SIGNS
        if counts[standing]
    )
    return element("ul", *items, class_="tally", aria_label="All environments")


def _footer() -> Markup:
    text = "Times are UTC. Written by release-kit status from the branches of the deploy repository."
    return element("footer", element("p", text), class_="soft")
