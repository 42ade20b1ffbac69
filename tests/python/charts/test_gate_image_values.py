"""Images of the set that the document names by their places in the chart's values."""

from pathlib import Path

import pytest

from tests.support.charts import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.replace("values.yaml", "shop/core\n", 'shop/core\n  # Its tag.\n  tag: ""\n')
    shop.replace("templates/_helpers.tpl", "imageTag | default", "imageTag | default .Values.image.tag | default")
    shop.gates["images"] = [{"values": "image"}]
    shop.gates["first_party"] = []
    return shop


def test_the_repository_is_the_one_that_stands_there(shop: Shop) -> None:
    report = shop.gate("--gates", "image-policy,image-set")
    assert (report.code, report.findings) == (0, []), report.err
    shop.replace("templates/database.yaml", '{{ include "shop.image" . | quote }}', "ghcr.io/acme/shop/core:v1")
    assert {finding["gate"] for finding in shop.gate("--gates", "image-policy,image-set").findings} == {"image-policy"}


def test_a_place_that_is_not_there_is_bad_input_that_shows_those_that_are(shop: Shop) -> None:
    shop.gates["images"] = [{"values": "images.core"}]
    report = shop.gate("--gates", "image-set")
    assert (report.code, "image" in report.err) == (2, True), report.out
