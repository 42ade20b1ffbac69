"""What a stage that failed may have changed, and what is half visible: each is told."""

from typing import Any

import pytest

from rehearsal.published import Published, differences

IMAGES = {"acme/shop/core": {"v1.0.0": "sha256:a", "latest": "sha256:a"}, "acme/shop/web": {"v1.0.0": "sha256:b"}}
BEFORE = Published(
    active={"demo": "1" * 40},
    answers={"demo": "1.0.0"},
    source={"refs/heads/main": "2" * 40},
    tags=IMAGES,
    releases={"v1.0.0": ["release-record.json"]},
)


def told(stage: str, **changes: Any) -> list[str]:
    return list(differences(stage, BEFORE, BEFORE._replace(**changes), "1.1.0"))


def test_nothing_is_told_where_nothing_has_changed() -> None:
    assert told("cut") == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"active": {"demo": "3" * 40}}, "environment/demo was at 111111111111, and is at 333333333333"),
        ({"answers": {"demo": ""}}, "demo answered 1.0.0, and answers nothing"),
        ({"source": {}}, "something was pushed to the source repository"),
        ({"releases": {}}, "GitHub had the releases ['v1.0.0'], and has []"),
        ({"tags": {**IMAGES, "acme/shop/core": {"latest": "sha256:c"}}}, "latest of acme/shop/core has moved"),
        ({"tags": {**IMAGES, "acme/shop/web": {"latest": "sha256:b"}}}, "latest of acme/shop/web has moved"),
    ],
)
def test_every_change_is_told(changes: dict[str, Any], expected: str) -> None:
    assert told("cut", **changes) == [expected]


def test_a_later_stage_may_push_to_the_source_repository() -> None:
    assert told("faulty", source={}) == []


def test_a_chart_without_its_images_is_half_visible() -> None:
    chart = {"acme/charts/shop": {"1.1.0": "sha256:d"}}
    (line,) = told("push", tags={**IMAGES, **chart})
    assert line.startswith("the chart acme/charts/shop:1.1.0 is there, and the images ['acme/shop/core', ")
    whole = {name: {**tags, "v1.1.0": "sha256:e"} for name, tags in IMAGES.items()}
    assert told("push", tags={**whole, **chart}) == []
