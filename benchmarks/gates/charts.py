"""The charts that are measured, and what they are held to."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

OWN_VALUES = "values.yaml"
_IMAGE = re.compile(
    r"^\s*(?:- )?image:\s*[\"']?(?P<repository>[^\s\"'@]+?)(?::[\w.-]+)?(?:@sha256:\w+)?[\"']?\s*$", re.M
)


class Chart(NamedTuple):
    """A chart's folder and values files, by the names that tables show."""

    name: str
    folder: Path
    values: tuple[Path, ...]
    keys: tuple[str, str] | None = None
    """The keys of the image tag and the pull policy, where they are not the default ones."""

    def shown(self, values: Path) -> str:
        """Returns what a values file is called: its path in the chart, where it is in it."""
        inside = values.is_relative_to(self.folder)
        return str(values.relative_to(self.folder)) if inside else values.name


def parse(text: str) -> Chart:
    """Reads `NAME=DIR[:VALUES]...`; values are relative to the chart, or to the working directory.

    Raises:
        ValueError: it is not that, or something is not there.
    """
    name, equals, places = text.partition("=")
    folder, *values = places.split(":")
    chart = Path(folder).absolute()
    if not equals or not (chart / "Chart.yaml").is_file():
        raise ValueError(f"--chart {text}: expected NAME=DIR[:VALUES]... with a chart in DIR")
    found = tuple(_existing(value, chart) for value in values or [OWN_VALUES])
    return Chart(name, chart, found)


def _existing(value: str, chart: Path) -> Path:
    for place in (chart / value, Path(value).absolute()):
        if place.is_file():
            return place
    raise ValueError(f"--chart: {value}: there is no such values file, neither in {chart} nor here")


def repositories(rendered: str) -> list[str]:
    """Returns the repositories of the images in a rendering, in their order."""
    return list(dict.fromkeys(match["repository"] for match in _IMAGE.finditer(rendered)))


def gates(chart: Chart, kube_version: str, images: Sequence[str]) -> str:
    """Returns a GATES.json with which every gate but the golden has something to do.

    The images of the set are those of the first image's owner, such as `ghcr.io/acme/`; the others are allowed.
    """
    owner = images[0].rpartition("/")[0] + "/" if images and "/" in images[0] else ""
    document: dict[str, object] = {
        "schema": "rules_release/chart-gates/v1",
        "kube_version": kube_version,
        "images": [{"repository": image} for image in images if owner and image.startswith(owner)],
        "first_party": [owner] if owner else [],
        "allow": ["*"],
    }
    if chart.keys:
        document |= {"tag_key": chart.keys[0], "pull_policy_key": chart.keys[1]}
    return json.dumps(document, indent=1)
