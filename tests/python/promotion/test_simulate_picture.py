"""The timeline as a picture: well-formed, the same each time, and no text on another."""

import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import Any

import pytest

from release_kit.engines.simulation.picture import picture
from tests.support.simulations import SOON, Played, declaration, simulate

SVG = "{http://www.w3.org/2000/svg}"
LETTER = 7.0
"""Pixels of a letter, rather more than one has."""
BUSY: list[dict[str, Any]] = [
    {"at": "0s", "release": "1.0.0"},
    {"at": "3m", "release": "1.1.0-rc.1"},
    {"at": "4m", "gate": "e2e", "environment": "demo-staging", "release": "1.0.0"},
    {"at": "10m", "release": "1.1.0"},
    {"at": "1h", "merge": "release"},
    {"at": "1d", "release": "1.2.0"},
    {"at": "25h", "rollback": "demo"},
    {"at": "26h", "hold": "demo"},
    {"at": "26h", "gate": "argocd-health", "environment": "demo", "phase": "failure"},
    {"at": "27h", "change": ["demo"]},
]


@pytest.fixture(scope="module")
def busy() -> Played:
    return simulate(BUSY, reporters=[*SOON, {"gate": "approval"}], name="all <kinds> & signs \u4e16")


def texts(svg: str) -> list[tuple[float, float, str]]:
    """Returns where each text begins, its line, and itself; those that end there are left out."""
    found = [each for each in ET.fromstring(svg).iter(f"{SVG}text") if each.get("class") != "name"]
    return [(float(each.attrib["x"]), float(each.attrib["y"]), each.text or "") for each in found]


def test_it_is_well_formed_and_needs_nothing_else(busy: Played) -> None:
    svg = picture(busy.result)
    root = ET.fromstring(svg)
    assert root.attrib["aria-label"] == "all <kinds> & signs \u4e16"
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert "url(" not in svg
    assert "<script" not in svg


def test_it_is_the_same_each_time(busy: Played) -> None:
    again = simulate(BUSY, reporters=[*SOON, {"gate": "approval"}], name="all <kinds> & signs \u4e16")
    assert picture(again.result) == picture(busy.result)


def test_every_environment_has_a_lane_with_its_versions(busy: Played) -> None:
    root = ET.fromstring(picture(busy.result))
    names = [each.text for each in root.iter(f"{SVG}text") if each.get("class") == "name"]
    assert names == ["releases", "demo-staging", "demo", "release"]
    bars = [each for each in root.iter(f"{SVG}rect") if each.get("class") == "bar"]
    assert len(bars) == len(busy.result.merges)


def test_every_result_of_a_gate_is_told(busy: Played) -> None:
    titles = [each.text or "" for each in ET.fromstring(picture(busy.result)).iter(f"{SVG}title")]
    for entry in busy.result.entries:
        if entry.gate:
            assert any(title.startswith(f"{entry.environment}: {entry.what}") for title in titles)


@pytest.mark.parametrize("count", [1, 30])
def test_no_text_runs_into_another(busy: Played, count: int) -> None:
    many = [{"at": f"{n * 7}m", "release": f"1.{n}.0"} for n in range(count)]
    for played in (busy, simulate(many, reporters=SOON, deadlock="expected")):
        lines: dict[float, list[tuple[float, float, str]]] = {}
        for x, y, text in texts(picture(played.result)):
            lines.setdefault(y, []).append((x, x + LETTER * 0.9 * len(text), text))
        for line in lines.values():
            ordered = sorted(line)
            for (_, end, text), (start, _, after) in pairwise(ordered):
                assert end <= start, f"{text!r} runs into {after!r}"


def test_no_text_runs_out_of_the_picture(busy: Played) -> None:
    svg = picture(busy.result)
    width = float(ET.fromstring(svg).attrib["width"])
    assert all(x + LETTER * 0.9 * len(text) <= width for x, _, text in texts(svg))


def test_a_long_scenario_stays_within_bounds() -> None:
    many = [{"at": f"{n * 30}m", "release": f"1.{n}.0"} for n in range(300)]
    flow = [{"name": f"stage-{number}"} for number in range(3)]
    root = ET.fromstring(picture(simulate(many, declaration(flow), reporters=SOON[:1]).result))
    assert float(root.attrib["width"]) < 4300


def test_findings_are_written_below() -> None:
    played = simulate([{"at": "0s", "release": "1.0.0"}], expect=[{"finally": {"demo": "1.0.0"}}], deadlock="expected")
    assert "Expected finally: demo: 1.0.0; found: demo has no release at the end" in picture(played.result)
