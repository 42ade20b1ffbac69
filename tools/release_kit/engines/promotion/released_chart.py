"""The chart of a release, exactly as it was released."""

from release_kit.documents.environments import Environments
from release_kit.documents.fields import Fields, parse_document
from release_kit.documents.release_record import ChartRecord, ReleaseRecord
from release_kit.engines.chart.artifact import CONTENT_TYPE
from release_kit.engines.fetch import check
from release_kit.errors import InputError
from release_kit.ports import Registry
from release_kit.values import digest as digests
from release_kit.values.reference import Registry as RegistryPlace
from release_kit.values.reference import parse_registry


def registry_of(declared: Environments, named: str | None) -> RegistryPlace:
    """Returns the registry that the charts and records are in: what the user names, or what the declaration does."""
    return parse_registry(named or declared.chart.registry, "--registry" if named else "chart.registry")


def chart_of(record: ReleaseRecord, declared: Environments, named: str | None = None) -> ChartRecord:
    """Returns the released chart that the environments run.

    Args:
        record: of the release.
        declared: names the chart.
        named: a registry that is asked instead of the declared one.

    Raises:
        InputError: the release has no such chart.
    """
    chart = declared.chart
    wanted = registry_of(declared, named).repository(f"{chart.repository}/{chart.name}")
    for each in record.charts:
        if each.repository == wanted:
            return each
    found = ", ".join(each.repository for each in record.charts) or "none"
    raise InputError(
        f"{record.name} {record.version} has no chart {wanted}; its charts: {found}",
        "let registry, repository and name of the declaration's chart be what was pushed to",
    )


def pull(registry: Registry, chart: ChartRecord) -> bytes:
    """Returns the packed chart; each digest on the way is checked.

    Raises:
        InputError: what the record names is no chart.
        RegistryError: it is not there, or is not what its digest says.
    """
    place = f"{registry.host}/{chart.repository}@{chart.digest}"
    registry.announce([chart.repository])
    manifest = registry.manifest(chart.repository, chart.digest)
    check(manifest, chart.digest, place)
    digest = parse_document(manifest, place, _layer)
    archive = registry.blob(chart.repository, digest)
    check(archive, digest, place)
    return archive


def _layer(manifest: Fields) -> str:
    """Returns the digest of the layer that is the packed chart."""
    layers = [digest for media_type, digest in manifest.objects("layers", _descriptor) if media_type == CONTENT_TYPE]
    manifest.ignore_rest()
    if len(layers) != 1:
        raise InputError(f"layers: expected one of the type {CONTENT_TYPE}, found {len(layers)}")
    return layers[0]


def _descriptor(layer: Fields) -> tuple[str, str]:
    found = layer.string("mediaType"), digests.parse(layer.string("digest"), layer.path("digest"))
    layer.ignore_rest()
    return found
