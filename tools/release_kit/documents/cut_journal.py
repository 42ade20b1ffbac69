"""What a cut has begun: kept beside git's own files while it runs, so that a cut that was killed can be ended."""

import json
from typing import NamedTuple

from release_kit.documents.fields import Fields, parse_document
from release_kit.values.commit import branch_ref

SCHEMA = "rules_release/cut-journal/v1"


class Written(NamedTuple):
    """A file that the cut writes."""

    path: str
    """From the top of the work tree."""
    before: str
    after: str


class Begun(NamedTuple):
    """A cut between its first change and its last."""

    wanted: str
    """The version or word that the user named."""
    version: str
    branch: str
    """Without `refs/heads/`."""
    remote: str
    before: str
    """The commit that the branch was at."""
    process: int
    """The id of the process that cuts."""
    files: tuple[Written, ...]
    """The first is the one that says the version."""

    @property
    def branch_ref(self) -> str:
        """The whole name of the branch."""
        return branch_ref(self.branch)

    @property
    def tag(self) -> str:
        """The name of the tag."""
        return f"v{self.version}"

    @property
    def tag_ref(self) -> str:
        """The whole name of the tag."""
        return f"refs/tags/{self.tag}"

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of all files."""
        return tuple(file.path for file in self.files)


def to_json(begun: Begun) -> bytes:
    """Returns the document."""
    files = [file._asdict() for file in begun.files]
    return json.dumps({"schema": SCHEMA, **begun._asdict(), "files": files}).encode()


def from_json(content: bytes, place: str) -> Begun:
    """Reads the document.

    Raises:
        InputError: it is none; names the place.
    """
    return parse_document(content, place, _begun)


def _begun(fields: Fields) -> Begun:
    fields.schema(SCHEMA)
    return Begun(
        fields.string("wanted"),
        fields.string("version"),
        fields.string("branch"),
        fields.string("remote"),
        fields.string("before"),
        fields.integer("process"),
        fields.objects("files", _written, required=True),
    )


def _written(fields: Fields) -> Written:
    return Written(fields.string("path"), fields.string("before"), fields.string("after"))
