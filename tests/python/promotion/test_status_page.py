"""The page of `release-kit status`, looked at in a real Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from release_kit.engines.promotion.status.overview import Overview
from release_kit.engines.promotion.status.page import page
from release_kit.engines.promotion.status.wording import ago
from tests.support import situations
from tests.support.browser import Browser, Look, Page, program

Show = Callable[[Overview, Look], Page]
ALL = {
    "failing": situations.failing(),
    "rolled back": situations.rolled_back(),
    "hotfix": situations.hotfix(),
    "ten": situations.ten(),
    "hostile": situations.hostile(),
}
WIDTHS = (320, 360, 767, 768, 1024, 1280, 1440, 1536, 1600, 2560)
PHONE, WALL = Look(360, 740), Look(1600, 900)

_CONTRASTS = """
(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const part = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = parse(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const told = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!told || element.closest("script, .unseen")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(style.color)), light(behind(element))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) found.push(`${element.textContent}: ${ratio}`);
  }
  return found;
})()
"""
_BOXES = """
(selector => [...document.querySelectorAll(selector)].map((element) => {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  return { left, top, right, bottom };
}))
"""
Box = dict[str, float]


@pytest.fixture(name="browser", scope="module")
def browser_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program()
    with Browser(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture(name="show")
def show_fixture(browser: Browser, tmp_path: Path) -> Show:
    def show(seen: Overview, look: Look) -> Page:
        file = tmp_path / "status.html"
        file.write_text(page(seen), encoding="utf-8")
        return browser.show(file.as_uri(), look._replace(now=look.now or situations.NOW))

    return show


def boxes(shown: Page, selector: str) -> list[Box]:
    found: list[Box] = shown.evaluate(f"({_BOXES})({selector!r})")
    return found


def meet(one: Box, other: Box) -> bool:
    across = one["left"] < other["right"] and other["left"] < one["right"]
    return across and one["top"] < other["bottom"] and other["top"] < one["bottom"]


@pytest.mark.parametrize("name", ALL)
def test_the_page_asks_for_nothing_and_complains_of_nothing(show: Show, name: str) -> None:
    shown = show(ALL[name], WALL)
    asked = [address for address in shown.requests if not address.startswith("data:")]
    assert asked == [shown.evaluate("location.href")]
    assert shown.complaints == []


@pytest.mark.parametrize("name", ALL)
def test_no_width_makes_the_page_scroll_sideways(show: Show, name: str) -> None:
    shown = show(ALL[name], WALL)
    for width in WIDTHS:
        shown.resize(width, 900)
        assert shown.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("look", [PHONE, WALL], ids=["phone", "wall"])
@pytest.mark.parametrize("name", ALL)
def test_each_environment_shows_its_version_in_a_place_of_its_own(show: Show, name: str, look: Look) -> None:
    shown = show(ALL[name], look)
    cards, versions = boxes(shown, ".card"), boxes(shown, ".card > .version")
    assert len(cards) == len(versions) == len(ALL[name].situations)
    for card, version in zip(cards, versions, strict=True):
        assert version["right"] - version["left"] > 20
        assert version["bottom"] - version["top"] > 20
        assert card["left"] <= version["left"] < version["right"] <= card["right"] <= look.width
    places = [*cards, *boxes(shown, ".way > *"), *boxes(shown, "table"), *boxes(shown, "header, footer")]
    assert not [(a, b) for i, a in enumerate(places) for b in places[:i] if meet(a, b)]


def test_the_first_look_at_a_wall_has_all_three_environments(show: Show) -> None:
    cards = boxes(show(ALL["failing"], WALL), ".card")
    assert all(card["bottom"] < WALL.height for card in cards)
    assert len({card["top"] for card in cards}) == 1
    assert [card["left"] for card in cards] == sorted(card["left"] for card in cards)


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ALL)
def test_all_text_stands_out_from_what_is_behind_it(show: Show, name: str, dark: bool, media: str) -> None:
    shown = show(ALL[name], WALL._replace(dark=dark, media=media))
    assert shown.evaluate(_CONTRASTS) == []


def test_dark_and_light_differ_and_paper_is_white(show: Show) -> None:
    def paper(look: Look) -> str:
        colour: str = show(ALL["failing"], look).evaluate("getComputedStyle(document.body).backgroundColor")
        return colour

    assert paper(WALL) == "rgb(246, 246, 244)"
    assert paper(WALL._replace(dark=True)) == "rgb(18, 20, 23)"
    assert paper(WALL._replace(dark=True, media="print")) == "rgb(255, 255, 255)"


def test_what_others_wrote_makes_no_element_and_runs_nothing(show: Show) -> None:
    shown = show(ALL["hostile"], WALL)
    assert shown.evaluate("document.title") == "shop: environments"
    assert shown.evaluate("document.querySelectorAll('script').length") == 1
    assert shown.evaluate("document.querySelectorAll('img, iframe, object, embed, form, base').length") == 0
    handlers = "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on'))"
    assert shown.evaluate(handlers) == []
    assert "\u202e" not in shown.evaluate("document.body.textContent")
    assert "\x1b" not in shown.evaluate("document.body.textContent")
    assert "<script>document.title" in shown.evaluate("document.querySelector('.version').textContent")


@pytest.mark.parametrize("name", ALL)
def test_links_lead_to_the_web_only(show: Show, name: str) -> None:
    parts = "[...document.querySelectorAll('a')].map(a => [a.protocol, a.hostname, a.rel])"
    links = show(ALL[name], WALL).evaluate(parts)
    assert {protocol for protocol, _, _ in links} <= {"https:", "http:"}
    assert {host for _, host, _ in links} <= {"github.com", "ci.acme.example"}
    assert {rel for _, _, rel in links} == {"noopener noreferrer"}


def test_the_policy_of_the_page_forbids_other_scripts(show: Show) -> None:
    shown = show(ALL["failing"], WALL)
    script = "Object.assign(document.createElement('script'), {text: 'document.title = 1'})"
    picture = "Object.assign(new Image(), {src: 'https://elsewhere.example/x.png'})"
    shown.evaluate(f"document.body.append({script}, {picture})")
    assert shown.evaluate("document.title") == "shop: environments"
    assert len([text for text in shown.complaints if "Content Security Policy" in text]) == 2


def test_the_page_reads_the_same_without_its_script(show: Show) -> None:
    def told(look: Look) -> str:
        text: str = show(ALL["failing"], look).evaluate("document.body.innerText")
        return text

    assert told(WALL) == told(WALL._replace(script=False))


def test_the_script_says_ages_as_the_page_does(show: Show) -> None:
    arrived = situations.NOW - 2 * situations.HOUR
    for gap in (0, 89, 90, 5399, 5400, 172799, 172800, 5270399, 5270400, 63115199, 63115200, 10**9, -89, -90, -5400):
        shown = show(ALL["failing"], WALL._replace(now=arrived + gap))
        assert shown.evaluate("document.querySelector('.since .ago').textContent") == ago(arrived, arrived + gap)


def test_everything_has_a_name_for_those_who_can_not_see_it(show: Show) -> None:
    shown = show(ALL["failing"], WALL)
    nodes = shown.call("Accessibility.getFullAXTree")["nodes"]
    named = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if "role" in node]
    roles = [role for role, _ in named]
    assert [roles.count(role) for role in ("banner", "main", "contentinfo", "table")] == [1, 1, 1, 2]
    assert [name for role, name in named if role == "region"] == ["Environments", "Gates", "History"]
    assert [name for role, name in named if role == "article"] == ["demo-staging", "demo", "release"]
    assert [name for role, name in named if role == "list" and "way" in name] == [
        f"Gates on the way to {name}" for name in ("demo", "release")
    ]
    assert all(name for role, name in named if role in ("table", "columnheader", "rowheader", "link", "heading"))


def test_colour_is_never_all_that_tells(show: Show) -> None:
    shown = show(ALL["failing"], WALL)
    badges = shown.evaluate("[...document.querySelectorAll('.badge')].map(e => e.innerText)")
    assert badges == ["failing", "blocked", "waiting"]
    told = shown.evaluate("[...document.querySelectorAll('.way li')].map(e => e.textContent)")
    assert told[:2] == ["argocd-health on demo-staging: passed", "e2e on demo-staging: failed"]


def test_tables_stay_tables_on_a_phone(show: Show) -> None:
    nodes = show(ALL["failing"], PHONE).call("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in nodes if "role" in node]
    assert roles.count("table") == 2
    assert roles.count("cell") == 6 * 5 - 4 + 3 * 5, "four remarks are empty, and not there"
    assert roles.count("row") == 1 + 6 + 1 + 3


def test_the_keyboard_reaches_each_link_and_shows_where_it_is(show: Show) -> None:
    shown = show(ALL["failing"], WALL)
    links = shown.evaluate("[...document.querySelectorAll('a')].map(a => a.href)")
    reached = []
    for _ in links:
        shown.press("Tab")
        reached.append(shown.evaluate("document.activeElement.href"))
        assert shown.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert reached == links


def test_the_same_overview_is_the_same_page() -> None:
    assert page(situations.failing()) == page(situations.failing())
    assert len(page(situations.ten())) < 100_000
