"""What a chart gate finds."""

from enum import StrEnum
from typing import NamedTuple


class Gate(StrEnum):
    """The gates of a chart, in the order in which they are reported."""

    LINT = "lint"
    RENDER = "render"
    GOLDEN = "golden"
    DETERMINISM = "determinism"
    SCHEMA = "schema"
    IMAGE_POLICY = "image-policy"
    IMAGE_SET = "image-set"
    CHART_RULES = "chart-rules"
    VALUES = "values"
    PACKAGE = "package"


class Finding(NamedTuple):
    """One fault: what is wrong, where, and what to do about it."""

    gate: Gate
    message: str
    """What was found and what was expected."""
    remedy: str = ""
    file: str = ""
    """The file of the chart that the fault is in, such as `templates/core.yaml`; empty where it is in none."""
    line: int = 0
    """The line of that file, from 1; 0 where it is not known."""
    values: str = ""
    """The values file whose rendering shows it; empty for what holds for the chart as such."""
    thing: str = ""
    """What is at fault, such as `Deployment shop-core: spec.replicas`."""
    image: str = ""
    """The reference of the image that it is about; empty where it is about none."""

    @property
    def place(self) -> str:
        """Such as `templates/core.yaml:12`; empty where the fault is in no file."""
        return f"{self.file}:{self.line}" if self.line else self.file
