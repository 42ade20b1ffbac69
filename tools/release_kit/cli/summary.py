"""A release as a Markdown table, for the page of a CI run."""

from release_kit.documents.release_record import ReleaseRecord


def markdown(record: ReleaseRecord) -> str:
    """Returns the summary of a release, ending with an empty line."""
    images = [
        _row(f"{record.registry}/{each.repository}", each.digest, each.size, (*each.immutable_tags, *each.moving_tags))
        for each in record.images
    ]
    charts = [
        _row(f"oci://{record.registry}/{each.repository}", each.digest, each.size, each.immutable_tags)
        for each in record.charts
    ]
    title = f"### {record.name} {record.version} in {record.registry}"
    return "\n".join([title, "", *_table("image", images), *_table("chart", charts), ""])


def _table(kind: str, rows: list[str]) -> list[str]:
    return [f"| {kind} | digest | MB | tags |", "| --- | --- | ---: | --- |", *rows, ""] if rows else []


def _row(place: str, digest: str, size: int, tags: tuple[str, ...]) -> str:
    names = " ".join(f"`{tag}`" for tag in tags) or "none"
    return f"| `{place}` | `{digest}` | {size / 1e6:.1f} | {names} |"
