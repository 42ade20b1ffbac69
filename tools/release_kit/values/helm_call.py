"""A call of helm on a chart, and what came of it."""

from pathlib import Path
from typing import NamedTuple


class HelmCall(NamedTuple):
    """What `helm lint` and `helm template` are called with."""

    chart: Path
    release: str
    namespace: str
    kube_version: str
    values: Path | None = None
    """A values file beside the chart's own; None for none."""
    api_versions: tuple[str, ...] = ()
    strings: tuple[tuple[str, str], ...] = ()
    """Values that are set to a text, by their keys, such as `global.imageTag`."""
    shows_faults: bool = False
    """Whether what is rendered is shown though it is no YAML."""
    time_zone: int = 0
    """Hours east of Greenwich, as the clock of helm shows."""
    overlays: tuple[Path, ...] = ()
    """More values files; each wins over those before it, and over `values`."""
    shows_crds: bool = False
    """Whether the chart's folder crds/ is shown, too."""


class Outcome(NamedTuple):
    """What one call of helm came to."""

    text: str
    """What it wrote to stdout."""
    error: str = ""
    """What it said as it failed; empty where it did not."""
