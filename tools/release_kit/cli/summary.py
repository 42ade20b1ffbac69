"""A release as a Markdown table, for the page of a CI run."""

from release_kit.documents.release_record import ImageRecord, ReleaseRecord


def markdown(record: ReleaseRecord) -> str:
    """Returns the summary of a release, ending with an empty line."""
    rows = [_row(record.registry, image) for image in record.images]
    title = f"### {record.name} {record.version} in {record.registry}"
    return "\n".join([title, "", "| image | digest | MB | tags |", "| --- | --- | ---: | --- |", *rows, "", ""])


def _row(registry: str, image: ImageRecord) -> str:
    tags = " ".join(f"`{tag}`" for tag in (*image.immutable_tags, *image.moving_tags)) or "none"
    return f"| `{registry}/{image.repository}` | `{image.digest}` | {image.size / 1e6:.1f} | {tags} |"
