"""The charts of a release: packed at its version, with its images written into their values.

A push of images only does not import this module.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from release_kit.documents.release_set import ChartEntry, ReleaseSet
from release_kit.engines.chart.artifact import artifact, tag_of
from release_kit.engines.chart.injection import Injection, inject
from release_kit.engines.chart.package import Package, pack, packed
from release_kit.engines.push.release import Item, Kind, Release, with_one_file_a_blob
from release_kit.errors import InputError
from release_kit.values import reference
from release_kit.values.reference import Registry

Source = tuple[Mapping[str, bytes], bytes | None]
"""The files of a chart, and the bytes of the archive that they come from, None where they come from a folder."""
VALUES = "values.yaml"


def with_charts(
    release: Release, release_set: ReleaseSet, registry: Registry, load: Callable[[Path], Source]
) -> Release:
    """Returns a release that has the charts of its set, too.

    They are packed and checked for every stamp, so that a fault shows before release day; those of an unreleased build
    and of a dirty tree are not part of what is released.

    Args:
        release: the set's images, and those that are relied on.
        release_set: names the charts.
        registry: where to.
        load: reads a chart's source.

    Raises:
        InputError: a chart is not what it should be, or is in the way of something else; names it.
    """
    items = [_item(entry, release, registry, load) for entry in release_set.charts]
    _check_repositories((*release.images, *release.relied_on), items, release_set, registry)
    if release.stamp.dirty or release.stamp.version is None:
        why = f"{release.withheld}; charts are pushed by releases and pre-releases only"
        return release._replace(withheld=why, relied_on=())
    return release._replace(items=with_one_file_a_blob((*release.items, *items)))


def _item(entry: ChartEntry, release: Release, registry: Registry, load: Callable[[Path], Source]) -> Item:
    version = release.stamp.version_text if release.stamp.version else None
    try:
        package = _package(load(entry.source), _injections(entry, release, registry), version, str(entry.source))
        image = artifact(package, release.stamp.commit_time)
        tags = (tag_of(package.version),)
        return Item(Kind.CHART, entry.name, _repository(entry, package, registry), image, tags, ())
    except InputError as error:
        raise InputError(f"chart {entry.name}: {error.message}", error.remedy) from error


def _package(source: Source, injections: Sequence[Injection], version: str | None, place: str) -> Package:
    """Packs a chart; an archive that is as it should be already keeps its bytes."""
    files, archive = source
    if injections:
        files = {**files, VALUES: _injected(files, injections, f"{place}/{VALUES}")}
    elif archive is not None:
        package = packed(archive, files, place)
        if package.version == package.app_version == version:
            return package
    return pack(files, version, version, place)


def _injected(files: Mapping[str, bytes], injections: Sequence[Injection], place: str) -> bytes:
    if VALUES not in files:
        remedy = "add it, or take the images out of the chart's entry in the release set"
        raise InputError(f"{place}: is missing, and images are to be written into it", remedy)
    try:
        text = files[VALUES].decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: expected UTF-8 text: {error.reason} at byte {error.start}") from error
    return inject(text, injections, place).encode()


def _injections(entry: ChartEntry, release: Release, registry: Registry) -> list[Injection]:
    host = reference.known_as(registry.host)
    items = {item.name: item for item in (*release.relied_on, *release.images)}
    injections = []
    for place in entry.images:
        item = items[place.image]
        tag = release.name_of(item) if item.immutable_tags else ""
        injections.append(Injection(place.values, f"{host}/{item.repository}", tag, item.digest))
    return injections


def _repository(entry: ChartEntry, package: Package, registry: Registry) -> str:
    name = f"{entry.repository}/{package.name}"
    try:
        return registry.repository(reference.parse_repository(name, "repository"))
    except InputError as error:
        remedy = "its last part is the chart's name in Chart.yaml: give the chart a name that a registry takes"
        raise InputError(error.message, remedy) from error


def _check_repositories(
    images: Sequence[Item], charts: Sequence[Item], release_set: ReleaseSet, registry: Registry
) -> None:
    """Makes sure that no two things of the set share a repository."""
    owners = {image.repository: f"the image {image.name}" for image in images}
    if release_set.record_repository:
        owners[registry.repository(release_set.record_repository)] = "the release records"
    for chart in charts:
        if chart.repository in owners:
            remedy = "name another repository for the chart; its own name in Chart.yaml is added to it"
            taken = f"the repository {chart.repository} is taken by {owners[chart.repository]}"
            raise InputError(f"chart {chart.name}: {taken}", remedy)
        owners[chart.repository] = f"the chart {chart.name}"
