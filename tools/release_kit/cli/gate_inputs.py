"""What the gates need besides the renderings: the chart's files, schemas, goldens, and how to pack."""

import re
from collections.abc import Iterator
from pathlib import Path

from release_kit.adapters.kubernetes_schemas import BundledSchemas
from release_kit.cli import definitions
from release_kit.cli.chart_subject import Subject
from release_kit.documents import chart_files
from release_kit.documents.rendering import Rendering
from release_kit.engines.chart.package import check as check_package
from release_kit.engines.chart.staging import leaving_links
from release_kit.engines.gates import run as gates
from release_kit.engines.gates.schema import SchemaGate
from release_kit.values.finding import Finding

_IN_CRDS = re.compile(r"(?:charts/[^/]+/)*crds/.*\.ya?ml$")


def subject(chart: Subject, sources: str | None) -> gates.Subject:
    """Returns what the gates look at.

    Args:
        chart: the chart.
        sources: the document of the files that the folder was laid out from; its links are those of a build then.
    """

    def packed(files: object) -> object:
        if chart.refused:
            raise chart.refused
        return check_package(chart.files, max_file_bytes=chart.config.max_file_bytes) if files else None

    return gates.Subject(
        files=chart.files,
        values_files={values.name: values.path.read_bytes() for values in chart.config.values if values.path},
        links=_links(Path(sources)) if sources else chart.links,
        pack=packed,
        goldens=lambda name: golden(chart, name),
        schemas=_Schemas(chart),
    )


def golden(chart: Subject, name: str) -> bytes | None:
    """Reads a golden; None for one that is not there."""
    path = (chart.config.golden or Path()) / name
    return path.read_bytes() if path.is_file() else None


class _Schemas:
    """The gate schema, made when it is needed, once for all renderings."""

    def __init__(self, chart: Subject) -> None:
        self._chart = chart
        self._gate: SchemaGate | None = None

    def load(self) -> SchemaGate:
        """Reads the schemas, unless they are read."""
        self._gate = self._gate or SchemaGate(
            BundledSchemas(self._chart.config.kube_version), definitions.schemas(_crds(self._chart))
        )
        return self._gate

    def check(self, rendering: Rendering) -> tuple[list[Finding], tuple[str, ...]]:
        """Validates a rendering."""
        result = self.load().check(rendering, self._chart.files)
        notes = (f"no schema for {', '.join(result.skipped)}: name CRDs in `crds`",) if result.skipped else ()
        return result.findings, notes


def _crds(chart: Subject) -> Iterator[tuple[str, str]]:
    """Yields the files with definitions: the chart's own, its subcharts', and those that the document names."""
    for path, content in chart.files.items():
        if _IN_CRDS.match(path):
            yield path, content.decode(errors="replace")
    yield from definitions.texts(chart.config.crds)


def _links(sources: Path) -> tuple[tuple[str, str], ...]:
    return tuple((link.path, link.target) for link in leaving_links(chart_files.load(sources).files))
