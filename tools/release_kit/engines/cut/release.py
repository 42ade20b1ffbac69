"""What a cut changes: everything is checked here, before anything is written."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from release_kit.engines.cut import changelog, chart_yaml
from release_kit.engines.cut.next_version import WORDS, next_version
from release_kit.errors import InputError
from release_kit.values.version import Version, parse


class Source(NamedTuple):
    """A file that names the version."""

    path: Path
    name: str
    """As errors and the diff show it."""
    text: str


class Mention(NamedTuple):
    """A file that names the version within a text."""

    source: Source
    text: str
    """Such as `version = "{version}"`."""


class Sources(NamedTuple):
    """All of them."""

    version: Source
    charts: tuple[Source, ...] = ()
    """Each a Chart.yaml."""
    changelog: Source | None = None
    mentions: tuple[Mention, ...] = ()


class Choices(NamedTuple):
    """What the user decides besides the version."""

    date: str
    allow_empty_changelog: bool = False
    align: bool = False
    """Whether files that are out of step are raised, too."""


class Change(NamedTuple):
    """What becomes of a file."""

    source: Source
    text: str
    """Its new text."""


class Cut(NamedTuple):
    """A release that can be cut."""

    previous: str
    version: str
    changes: tuple[Change, ...]
    """Of the version file, the charts, the changelog if there is one, and what mentions the version."""


def plan(sources: Sources, wanted: str, choices: Choices) -> Cut:
    """Returns what cutting a release makes of the files.

    Args:
        sources: the files.
        wanted: the version, or `major`, `minor` or `patch`.
        choices: what else the user decides.

    Raises:
        InputError: the version is none or not higher, the files are out of step, or one can't be changed.
    """
    present = _present(sources, choices.align)
    previous = str(present)
    version = next_version(wanted, present)
    text = str(version)
    if version.rank() <= present.rank():
        raise InputError(
            f"{text} is not higher than {previous}, the present version",
            f"write a higher one, or a word of {', '.join(WORDS)}: patch is {next_version('patch', present)!s}",
        )
    changes = tuple(_changes(sources, previous, text, choices))
    _check_distinct(changes)
    return Cut(previous, text, changes)


def _changes(sources: Sources, previous: str, version: str, choices: Choices) -> Iterator[Change]:
    yield Change(sources.version, sources.version.text.replace(sources.version.text.strip(), version))
    for chart in sources.charts:
        yield Change(chart, chart_yaml.raised(chart.text, version, chart.name))
    if sources.changelog:
        entry = changelog.Entry(version, choices.date, previous, choices.allow_empty_changelog)
        yield Change(sources.changelog, changelog.with_entry(sources.changelog.text, entry, sources.changelog.name))
    for mention in sources.mentions:
        yield _mentioned(mention, sources.version.text.strip(), version)


def _check_distinct(changes: tuple[Change, ...]) -> None:
    seen = set()
    for change in changes:
        if change.source.path in seen:
            raise InputError(f"{change.source.name} would be raised twice", "name each file once")
        seen.add(change.source.path)


def _mentioned(mention: Mention, present: str, version: str) -> Change:
    expected = mention.text.replace("{version}", present)
    if expected not in mention.source.text:
        raise InputError(
            f"{mention.source.name}: expected {expected:.200}, which is not there",
            "correct the file, or what --mention says of it",
        )
    raised = mention.text.replace("{version}", version)
    return Change(mention.source, mention.source.text.replace(expected, raised))


def _present(sources: Sources, align: bool) -> Version:
    """Returns the version of the version file; the highest version of all files where they may be out of step."""
    present = _version(sources.version)
    found = {chart.name: chart_yaml.versions(chart.text, chart.name) for chart in sources.charts}
    if align:
        return max([present, *_readable([versions.version for versions in found.values()])], key=Version.rank)
    text = sources.version.text.strip()
    faults = [f"{name} has {fault}" for name, versions in found.items() if (fault := _out_of_step(versions, text))]
    if faults:
        raise InputError(
            f"the files are out of step: {sources.version.name} has {text}, but {'; '.join(faults)}",
            "correct the wrong one, or raise all of them to the new version with --align",
        )
    return present


def _version(source: Source) -> Version:
    text = source.text.strip()
    try:
        return parse(text, source.name)
    except InputError as error:
        raise InputError(
            error.message, f"write the version before this one into {source.name}, such as 0.0.0"
        ) from error


def _readable(texts: list[str]) -> list[Version]:
    """Returns those that are versions."""
    found = []
    for text in texts:
        try:
            found.append(parse(text, ""))
        except InputError:
            continue
    return found


def _out_of_step(versions: chart_yaml.ChartVersions, expected: str) -> str:
    """Says which version of a chart is not the expected one; a `v` before an appVersion is taken as it is."""
    faults = [] if versions.version == expected else [f"version {versions.version:.100}"]
    if versions.app_version not in (None, "", expected, f"v{expected}"):
        faults.append(f"appVersion {versions.app_version:.100}")
    return " and ".join(faults)
