"""The gate values: values.yaml, values files, schema, templates and README say the same."""

from collections.abc import Mapping

from release_kit.documents.chart_gates import ChartGates
from release_kit.engines.gates.chart_values import documentation, keys, schema, schema_drift, usage
from release_kit.engines.gates.chart_values.chart import (
    README,
    VALUES,
    Chart,
    ValuesSource,
    path_of,
    read_chart,
    read_values,
)
from release_kit.engines.gates.chart_values.knowledge import Knowledge
from release_kit.engines.gates.chart_values.merge import Values, merged
from release_kit.engines.gates.chart_values.schema import Schema
from release_kit.values.finding import Finding, Gate
from release_kit.values.yaml_source import YamlError


def check(files: Mapping[str, bytes], values_files: Mapping[str, bytes], config: ChartGates) -> list[Finding]:
    """Compares everything that tells of a chart's values.

    Args:
        files: the chart's files as they are packed, subcharts in `charts/NAME/`, by their paths.
        values_files: every values file that is rendered besides values.yaml, by its name.
        config: the document; the keys of the image tag and pull policy are known in any values file.
    """
    try:
        chart = read_chart(files)
    except YamlError as error:
        return [_no_yaml(VALUES, error)]
    findings, given = _sources(values_files)
    schemas = _schemas(chart, findings)
    texts = tuple(source.text for source in given)
    knowledge = Knowledge(chart, {folder: each.value for folder, each in schemas.items()}, texts)
    unfit = schema.faults(chart, given, schemas)
    findings += unfit
    if "" in schemas:
        findings += schema_drift.check(knowledge, schemas[""])
    allowed = frozenset({path_of(config.tag_key), path_of(config.pull_policy_key)})
    told = {(finding.file, finding.line, finding.thing) for finding in unfit}
    for source in (chart.values, *given):
        found = keys.check(knowledge, source, allowed)
        findings += (each for each in found if (each.file, each.line, each.thing) not in told)
    findings += usage.unknown(knowledge, _together(given))
    findings += usage.unused(knowledge)
    findings += documentation.check(knowledge, files.get(README, b"").decode("utf-8", errors="replace"))
    return findings


def _sources(values_files: Mapping[str, bytes]) -> tuple[list[Finding], list[ValuesSource]]:
    findings, sources = [], []
    for name, data in values_files.items():
        try:
            source = read_values(name, data)
        except YamlError as error:
            findings.append(_no_yaml(name, error))
            continue
        sources.append(source)
    return findings, sources


def _schemas(chart: Chart, findings: list[Finding]) -> dict[str, Schema]:
    """Returns the schemas of a chart and its subcharts by their folders; adds what is wrong with them."""
    own, faults = schema.load(chart)
    findings += faults
    schemas = {} if own is None else {chart.folder: own}
    for dependency in chart.dependencies:
        if dependency.chart:
            schemas |= _schemas(dependency.chart, findings)
    return schemas


def _together(given: list[ValuesSource]) -> Values:
    values: Values = {}
    for source in given:
        values = merged(source.mapping, values)
    return values


def _no_yaml(name: str, error: YamlError) -> Finding:
    return Finding(Gate.VALUES, f"is no YAML: {error.message}", "correct it", name, error.line, name)
