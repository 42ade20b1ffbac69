"""The events that the plugin has written, read by who did not write them."""

from pathlib import Path

from release_kit.documents.fields import Fields, parse_document
from release_kit.errors import InputError
from release_kit.values.redaction import Redaction
from release_kit.values.scenario_run import Event

MAX_BYTES = 64 * 1024 * 1024
MAX_MESSAGE = 500
MAX_DETAILS = 20_000
MAX_NAME = 1000
_KINDS = ("collected", "deselected", "started", "setup", "call", "subtest", "teardown", "collect-error", "finished")
_OUTCOMES = ("passed", "failed", "skipped", "")


def read(file: Path, redaction: Redaction) -> tuple[tuple[Event, ...], str]:
    """Reads events, without the secrets that are in them.

    Returns:
        The events up to the first that is none, and why it is none; empty where all are. The last may have been cut
        off with the process that wrote it.
    """
    with file.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        return (), f"its results have more than {MAX_BYTES} bytes"
    found = []
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        try:
            found.append(parse_document(line, f"line {number}", lambda fields: _event(fields, redaction)))
        except InputError:
            # Not its words: they show what was found.
            return tuple(found), f"its results can't be read: line {number} is no event"
    return tuple(found), ""


def lines(text: str, redaction: Redaction, longest: int = MAX_DETAILS) -> str:
    """Returns a text without secrets, its middle left out where it is too long."""
    clean = redaction.text(text)
    half = longest // 2
    return clean if len(clean) <= longest else f"{clean[:half]}\n...\n{clean[-half:]}"


def line(text: str, redaction: Redaction) -> str:
    """Returns a text in one line, without secrets."""
    clean = " ".join(redaction.text(text).split())
    return clean if len(clean) <= MAX_MESSAGE else f"{clean[: MAX_MESSAGE - 1]}…"


def _event(fields: Fields, redaction: Redaction) -> Event:
    kind, outcome, name = fields.string("kind"), fields.string("outcome", ""), fields.string("scenario", "")
    if kind not in _KINDS or outcome not in _OUTCOMES or len(name) > MAX_NAME:
        raise InputError("expected an event")
    return Event(
        kind=kind,
        scenario=redaction.name(name),
        outcome=outcome,
        seconds=_seconds(fields),
        expected_failure=fields.boolean("expected_failure", False),
        message=line(fields.string("message", ""), redaction),
        details=lines(fields.string("details", ""), redaction),
    )


def _seconds(fields: Fields) -> float:
    """Takes microseconds: a document of ours has no fractions."""
    found = fields.integer("microseconds", 0)
    if found < 0:
        raise InputError("microseconds: expected a time")
    return found / 1e6
