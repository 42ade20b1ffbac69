"""The result of one gate, as it is kept on the results branch: one file for each environment, release and gate."""

import json
from typing import NamedTuple

from release_kit.documents.fields import Fields, parse_document
from release_kit.errors import InputError
from release_kit.values import digest as digests
from release_kit.values.promotion_gate import Phase
from release_kit.values.web_address import is_web_address

SCHEMA = "rules_release/gate-result/v1"
MAX_BYTES = 64 * 1024
MAX_DESCRIPTION = 1000
MAX_URL = 2000
MAX_NAME = 200


class GateResult(NamedTuple):
    """What somebody saw of a release in an environment."""

    environment: str
    record: str
    """The identity of the release record."""
    version: str
    """The release's, for readers."""
    key: str
    """The gate's."""
    phase: Phase
    reporter: str
    """Who saw it."""
    time: int
    """When, in seconds since 1970."""
    dry: str = ""
    """The dry commit whose values it was seen with; empty: it holds for the release with any values."""
    description: str = ""
    url: str = ""

    def to_json(self) -> str:
        """Returns the document's text."""
        return json.dumps({"schema": SCHEMA, **self._asdict()}, indent=2) + "\n"


def folder(environment: str, record: str) -> str:
    """Returns where the results of a release in an environment are."""
    return f"{environment}/{record.partition(':')[2]}"


def path(environment: str, record: str, key: str) -> str:
    """Returns the file of one result."""
    return f"{folder(environment, record)}/{key}.json"


def parse(content: bytes, place: str) -> GateResult:
    """Reads a result.

    Raises:
        InputError: it is none, or is not the one that its place names.
    """
    if len(content) > MAX_BYTES:
        raise InputError(f"{place}: has {len(content)} bytes; a result of a gate has {MAX_BYTES} at most")
    result = parse_document(content, place, _from_fields)
    expected = path(result.environment, result.record, result.key)
    if not place.endswith(f":{expected}"):
        raise InputError(f"{place}: is the result of another gate: {expected:.300}")
    return result


def checked(result: GateResult) -> GateResult:
    """Refuses a result that could not be read again.

    Raises:
        InputError: a text is too long or not printable, or the address is none of http or https.
    """
    where = path(result.environment, result.record, result.key)
    return parse(result.to_json().encode(), f"report:{where}")


def _from_fields(fields: Fields) -> GateResult:
    fields.schema(SCHEMA)
    return GateResult(
        environment=_text(fields, "environment", MAX_NAME),
        record=digests.parse(fields.string("record"), "record"),
        version=_text(fields, "version", MAX_NAME),
        key=_text(fields, "key", MAX_NAME),
        phase=_phase(fields),
        reporter=_text(fields, "reporter", MAX_NAME),
        time=max(0, fields.integer("time")),
        dry=_text(fields, "dry", MAX_NAME, ""),
        description=_text(fields, "description", MAX_DESCRIPTION, ""),
        url=_url(fields),
    )


def _phase(fields: Fields) -> Phase:
    text = fields.string("phase")
    if text not in set(Phase):
        raise InputError(f"phase: expected {' or '.join(Phase)}, found {text!r:.100}")
    return Phase(text)


def _url(fields: Fields) -> str:
    text = _text(fields, "url", MAX_URL, "")
    if text and not is_web_address(text):
        raise InputError("url: expected an address that begins with https:// or http://, without a name or password")
    return text


def _text(fields: Fields, key: str, longest: int, default: str | None = None) -> str:
    text = fields.string(key, default)
    if not text.isprintable() or len(text) > longest:
        raise InputError(f"{key}: expected printable text of {longest} characters at most, found {text!r:.100}")
    if not text and default is None:
        raise InputError(f"{key}: expected a text, found none")
    return text
