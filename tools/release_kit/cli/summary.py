"""A release as a Markdown table, for the page of a CI run."""

from collections.abc import Collection

from release_kit.documents.release_record import ReleaseRecord


def markdown(record: ReleaseRecord, held: Collection[str] = ()) -> str:
    """Returns the summary of a release, ending with an empty line.

    Args:
        record: of the release.
        held: the tags that do not point at it yet.
    """
    images = [
        _row(f"{record.registry}/{each.repository}", each.digest, each.size, (*each.immutable_tags, *each.moving_tags))
        for each in (image._replace(moving_tags=_without(image.moving_tags, held)) for image in record.images)
    ]
    charts = [
        _row(f"oci://{record.registry}/{each.repository}", each.digest, each.size, each.immutable_tags)
        for each in record.charts
    ]
    title = f"### {record.name} {record.version} in {record.registry}"
    rest = [f"{', '.join(f'`{tag}`' for tag in held)}: held back for publish", ""] if held else []
    return "\n".join([title, "", *_table("image", images), *_table("chart", charts), *rest, ""])


def _without(tags: tuple[str, ...], held: Collection[str]) -> tuple[str, ...]:
    return tuple(tag for tag in tags if tag not in held)


def _table(kind: str, rows: list[str]) -> list[str]:
    return [f"| {kind} | digest | MB | tags |", "| --- | --- | ---: | --- |", *rows, ""] if rows else []


def _row(place: str, digest: str, size: int, tags: tuple[str, ...]) -> str:
    names = " ".join(f"`{tag}`" for tag in tags) or "none"
    return f"| `{place}` | `{digest}` | {size / 1e6:.1f} | {names} |"
