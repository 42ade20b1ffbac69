"""What a push tells the steps that follow it in a GitHub Actions job: the outputs of its step."""

from pathlib import Path

from release_kit.documents.release_record import ReleaseRecord
from release_kit.errors import InputError


def lines(record: ReleaseRecord, place: Path) -> str:
    """Returns what is added to the file that `GITHUB_OUTPUT` names: a line `NAME=VALUE` for each output.

    Raises:
        InputError: a value would not be one line, and so could be taken for another output.
    """
    outputs = {
        "version": record.version,
        "skip-staging": "true" if record.skip_staging else "false",
        "record": str(place.absolute()),
    }
    for name, value in outputs.items():
        if not value.isprintable():
            raise InputError(f"the output {name}: expected printable text in one line, found {value!r:.200}")
    return "".join(f"{name}={value}\n" for name, value in outputs.items())
