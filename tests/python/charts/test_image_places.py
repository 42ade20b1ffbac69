"""The repositories that a chart's values name where a release writes its images."""

import pytest

from release_kit.engines.chart.image_places import repositories
from release_kit.errors import InputError

VALUES = """\
images:
  core: {repository: ghcr.io/acme/core, tag: v1}
  web: {registry: ghcr.io/, repository: acme/web, digest: ""}
workers:
  - image: localhost:5000/acme/worker:v1@sha256:0123
  - image: localhost:5000/acme/helper
  - image:
"""

PLACES = {
    "images.core": "ghcr.io/acme/core",
    "images.web": "ghcr.io/acme/web",
    "workers[0].image": "localhost:5000/acme/worker",
    "workers[1].image": "localhost:5000/acme/helper",
    "workers[2].image": "",
}


def test_each_place_gives_its_repository() -> None:
    assert repositories(VALUES, PLACES) == PLACES


def test_a_place_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError) as refused:
        repositories(VALUES, ["image.core"])
    assert "images.core" in refused.value.remedy
