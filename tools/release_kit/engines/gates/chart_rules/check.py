"""The gate chart-rules: Chart.yaml, its version, its dependencies, and the style of the chart's YAML."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from release_kit.documents.chart_gates import ChartGates
from release_kit.engines.gates.chart_rules import dependencies, lock, metadata, shapes, vendored
from release_kit.engines.gates.chart_rules.dependencies import CHART_FILE
from release_kit.engines.gates.chart_rules.source import Source, fault, read
from release_kit.engines.gates.chart_rules.style_tokens import SYNTAX
from release_kit.engines.gates.chart_rules.yaml_style import problems
from release_kit.values.finding import Finding
from release_kit.values.yaml_source import YamlError

Files = Mapping[str, bytes]
_STYLED = ("Chart.yaml", "values.yaml", "ci/*-values.yaml")
"""The files of a chart whose style `ct lint` looks at."""
_REMEDIES = {
    SYNTAX: "correct the file until YAML readers take it",
    "braces": "write {a: 1}, without spaces inside of the braces",
    "brackets": "write [a, b], without spaces inside of the brackets",
    "colons": "write key: value",
    "commas": "write [a, b], one space after each comma and none before it",
    "comments": "write `# text`, two spaces after what stands before it",
    "empty-lines": "remove the blank lines",
    "hyphens": "write `- item`, with one space",
    "indentation": "indent it like the rest of the file",
    "key-duplicates": "remove one of the two: which one counts differs between readers",
    "new-line-at-end-of-file": "end the file with a line feed",
    "new-lines": "save the file with line feeds alone",
    "trailing-spaces": "remove the spaces",
}


def check(files: Files, values_files: Files, config: ChartGates) -> list[Finding]:
    """Returns what `ct lint` and `helm lint` find wrong with a chart apart from its templates.

    Args:
        files: the chart's files, as they would be packed.
        values_files: further values files, by name.
        config: the document; names the version that was released last.

    Raises:
        InputError: that version is none.
    """
    found = list(_chart(files, config))
    unreadable = {finding.file for finding in found if finding.thing == SYNTAX}
    for name, content in [*_styled(files), *values_files.items()]:
        found += [each for each in _style(name, content) if each.thing != SYNTAX or name not in unreadable]
    return found


def _chart(files: Files, config: ChartGates) -> Iterator[Finding]:
    chart = yield from _read(files, CHART_FILE)
    if chart is None:
        return
    v1 = chart.values.get("apiVersion") == metadata.V1
    faults = list(shapes.check(chart, shapes.CHART_V1 if v1 else shapes.CHART))
    yield from faults
    if not chart.values:
        return
    yield from metadata.check(chart)
    yield from metadata.check_raised(chart, config.previous)
    if dependencies.declaring(files) == CHART_FILE:
        yield from _dependencies(files, chart, faults, metadata.V1 if v1 else metadata.V2)
        return
    requirements = yield from _read(files, dependencies.REQUIREMENTS_FILE)
    if requirements is not None:
        faults = list(shapes.check(requirements, shapes.REQUIREMENTS))
        yield from faults
        yield from _dependencies(files, requirements, faults, metadata.V1 if v1 else metadata.V2)


def _dependencies(files: Files, declaring: Source, faults: Sequence[Finding], api_version: str) -> Iterator[Finding]:
    """Yields what is wrong with the dependencies; nothing that follows from them while they are not well formed."""
    entries = list(dependencies.check(declaring))
    yield from entries
    if entries or any(finding.thing.startswith("dependencies") for finding in faults):
        return
    lock_file = lock.file(files)
    locked = None
    if lock_file is not None:
        locked = yield from _read(files, lock_file)
        if locked is None:
            return
        yield from lock.check(declaring, locked, api_version)
    yield from vendored.check(declaring, locked, vendored.vendored(files))


def _read(files: Files, name: str) -> Generator[Finding, None, Source | None]:
    """Reads a file of the chart, or yields why it can't be."""
    if name not in files:
        yield fault(f"{name} is not there", "write one; `helm create` shows how", name)
        return None
    try:
        return read(files, name)
    except YamlError as error:
        yield fault(f"{SYNTAX}: is no YAML: {error.message}", _REMEDIES[SYNTAX], name, error.line, SYNTAX)
    except UnicodeDecodeError as error:
        yield _no_text(name, error)
    return None


def _styled(files: Files) -> Iterator[tuple[str, bytes]]:
    for name, content in sorted(files.items()):
        if any(fnmatchcase(name, pattern) and name.count("/") == pattern.count("/") for pattern in _STYLED):
            yield name, content


def _style(name: str, content: bytes) -> Iterator[Finding]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield _no_text(name, error)
        return
    for line, rule, message in problems(text):
        yield fault(f"{rule}: {message}", _REMEDIES[rule], name, line, rule)


def _no_text(name: str, error: UnicodeDecodeError) -> Finding:
    line = error.object.count(b"\n", 0, error.start) + 1
    message = f"{SYNTAX}: expected UTF-8, found the byte 0x{error.object[error.start]:02x}"
    return fault(message, "save the file as UTF-8", name, line, SYNTAX)
