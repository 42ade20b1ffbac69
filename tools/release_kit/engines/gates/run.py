"""Runs the gates of a chart on its files and renderings."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import NamedTuple, Protocol

from release_kit.documents.chart_gates import ChartGates, Exemption
from release_kit.documents.rendering import Rendering
from release_kit.engines.gates import determinism, golden, images, package, rendered
from release_kit.engines.gates.chart_rules import check as chart_rules
from release_kit.engines.gates.chart_values import check as chart_values
from release_kit.engines.gates.objects import objects
from release_kit.engines.gates.rendering import has_policy
from release_kit.errors import InputError
from release_kit.values.finding import Finding, Gate
from release_kit.values.yaml_source import YamlError

OF_VALUES_FILE = (Gate.LINT, Gate.RENDER, Gate.GOLDEN, Gate.DETERMINISM, Gate.SCHEMA, Gate.IMAGE_POLICY)
_RENDERED = (*(gate for gate in OF_VALUES_FILE if gate is not Gate.LINT), Gate.IMAGE_SET)
OF_FILES = (Gate.CHART_RULES, Gate.VALUES, Gate.PACKAGE)


class Status(StrEnum):
    """What became of a gate."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Exempted(NamedTuple):
    """A finding that the document lets pass, and why."""

    finding: Finding
    reason: str


class GateResult(NamedTuple):
    """What a gate found, for one values file or for the chart as such."""

    gate: Gate
    values: str
    """The values file; empty for the chart as such."""
    findings: tuple[Finding, ...]
    exempted: tuple[Exempted, ...] = ()
    skipped: str = ""
    """Why the gate did not look; empty where it did."""
    notes: tuple[str, ...] = ()
    """What it could not look at."""

    @property
    def status(self) -> Status:
        """Whether the gate holds."""
        return Status.FAILED if self.findings else Status.SKIPPED if self.skipped else Status.PASSED


class Schemas(Protocol):
    """The gate schema with the schemas that it needs."""

    def load(self) -> object:
        """Reads the schemas, so that they are there when the first rendering is."""

    def check(self, rendering: Rendering) -> tuple[list[Finding], tuple[str, ...]]:
        """Validates a rendering; returns findings, and notes of what has no schema."""


class Subject(NamedTuple):
    """A chart, and what the gates need to look at it."""

    files: Mapping[str, bytes]
    """The chart's files, as they would be packed."""
    values_files: Mapping[str, bytes]
    """The values files besides the chart's own, by name."""
    links: tuple[tuple[str, str], ...]
    """Symbolic links that leave the chart, and where they lead."""
    pack: Callable[[Mapping[str, bytes]], object]
    goldens: Callable[[str], bytes | None]
    """Reads a golden by its file name; None for one that is not there."""
    schemas: Schemas


def selected(chosen: Collection[Gate], config: ChartGates, is_library: bool = False) -> dict[Gate, str]:
    """Returns the gates that are to run; the reason where one can't.

    Args:
        chosen: the gates that the user named; none for all that the document has what they need for.
        config: the document.
        is_library: whether the chart is of the type `library`, which Helm does not render.

    Raises:
        InputError: the user named a gate that lacks what it needs.
    """
    reasons = {
        Gate.GOLDEN: "" if config.golden else "the document names no folder `golden`",
        Gate.IMAGE_POLICY: "" if has_policy(config) else "the document names neither `images` nor `first_party`",
        Gate.IMAGE_SET: "" if config.images is not None else "the document does not name the `images` of the set",
    }
    for gate in chosen:
        if reasons.get(gate):
            raise InputError(f"--gates {gate}: {reasons[gate]}", "name it in the document of --config")
    if is_library:
        reasons |= dict.fromkeys(_RENDERED, "a library chart renders nothing by itself")
    return {gate: reasons.get(gate, "") for gate in Gate if not chosen or gate in chosen}


def of_values_file(
    rendering: Rendering, gates: Mapping[Gate, str], config: ChartGates, subject: Subject
) -> Iterator[GateResult]:
    """Yields the results of the gates that look at one rendering."""
    for gate in OF_VALUES_FILE:
        if gates.get(gate):
            yield GateResult(gate, rendering.values, (), skipped=gates[gate])
        elif gate in gates and gate not in (Gate.LINT, Gate.RENDER) and not is_readable(rendering):
            yield _could_not_look(gate, rendering.values, gates)
        elif gate in gates:
            found, notes = _of_rendering(gate, rendering, config, subject)
            yield _result(gate, rendering.values, found, config, notes)


def is_readable(rendering: Rendering) -> bool:
    """Tells whether the chart renders, and to objects."""
    if rendering.plain.error:
        return False
    try:
        return bool(list(objects(rendering.plain.text)))
    except YamlError:
        return False


def _could_not_look(gate: Gate, values: str, gates: Mapping[Gate, str]) -> GateResult:
    """Leaves a chart that does not render to the gate for that; where that does not run, this one fails."""
    reason = "the chart does not render with this values file"
    if Gate.RENDER in gates:
        return GateResult(gate, values, (), skipped=f"{reason}: see the gate render")
    return GateResult(gate, values, (Finding(gate, reason, "the gate render says why", values=values),))


def _of_rendering(
    gate: Gate, rendering: Rendering, config: ChartGates, subject: Subject
) -> tuple[list[Finding], tuple[str, ...]]:
    files = subject.files
    if gate is Gate.LINT:
        return rendered.check_lint(rendering), ()
    if gate is Gate.RENDER:
        return rendered.check_render(rendering, files), ()
    if gate is Gate.GOLDEN:
        there = subject.goldens(golden.file_name(rendering.values))
        return golden.check(rendering, there, config, files), ()
    if gate is Gate.DETERMINISM:
        return determinism.check(rendering, files), ()
    if gate is Gate.SCHEMA:
        return subject.schemas.check(rendering)
    return images.check_policy(rendering, config, files), ()


def of_all_renderings(
    renderings: Sequence[Rendering], gates: Mapping[Gate, str], config: ChartGates, subject: Subject
) -> Iterator[GateResult]:
    """Yields the result of the gate that looks at all renderings together."""
    gate = Gate.IMAGE_SET
    if gate not in gates:
        return
    if gates[gate]:
        yield GateResult(gate, "", (), skipped=gates[gate])
    elif not all(map(is_readable, renderings)):
        yield _could_not_look(gate, "", gates)
    else:
        yield _result(gate, "", images.check_set(renderings, config, subject.files), config)


def of_files(gates: Mapping[Gate, str], config: ChartGates, subject: Subject) -> Iterator[GateResult]:
    """Yields the results of the gates that need no rendering."""
    for gate in OF_FILES:
        if gate in gates:
            yield _result(gate, "", _of_files(gate, config, subject), config)


def _of_files(gate: Gate, config: ChartGates, subject: Subject) -> list[Finding]:
    if gate is Gate.CHART_RULES:
        return chart_rules.check(subject.files, subject.values_files, config)
    if gate is Gate.VALUES:
        return chart_values.check(subject.files, subject.values_files, config)
    return package.check(subject.files, subject.links, subject.pack)


def _result(
    gate: Gate, values: str, found: Iterable[Finding], config: ChartGates, notes: tuple[str, ...] = ()
) -> GateResult:
    findings, exempted = [], []
    for finding in found:
        exemption = next((each for each in config.exceptions if _applies(each, finding)), None)
        if exemption:
            exempted.append(Exempted(finding, exemption.reason))
        else:
            findings.append(finding)
    return GateResult(gate, values, tuple(findings), tuple(exempted), notes=notes)


def _applies(exemption: Exemption, finding: Finding) -> bool:
    if exemption.gate is not finding.gate or not fnmatchcase(finding.file, exemption.file):
        return False
    return exemption.image is None or exemption.image == finding.image
