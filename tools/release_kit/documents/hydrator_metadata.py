"""`hydrator.metadata`: says which dry commit a hydrated one was made from. GitOps Promoter reads it.

Its fields are those of GitOps Promoter (docs/advanced-usage/custom-hydrator.md, v0.36.0), their order and form that
of Argo CD's hydrator (util/hydrator/hydrator.go, commitserver/commit/hydratorhelper.go, v3.5).
"""

import json
import re
from datetime import UTC, datetime
from typing import NamedTuple

from release_kit.documents.fields import Fields, parse_document
from release_kit.errors import InputError

FILE_NAME = "hydrator.metadata"
MAX_BYTES = 1024 * 1024
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)


class HydratorMetadata(NamedTuple):
    """What is known of the dry commit; all but its sha may be empty."""

    dry_sha: str
    repo_url: str = ""
    """Where the dry commit is."""
    author: str = ""
    """Such as `Jo Doe <jo@example.com>`."""
    time: int = 0
    """Of the dry commit, in seconds since 1970."""
    subject: str = ""
    body: str = ""

    def to_json(self) -> str:
        """Returns the document's text; fields that are empty are left out."""
        fields = {
            "repoURL": self.repo_url,
            "drySha": self.dry_sha,
            "author": self.author,
            "date": datetime.fromtimestamp(self.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if self.time else "",
            "subject": self.subject,
            "body": self.body,
        }
        present = {key: text for key, text in fields.items() if text}
        return json.dumps(present, indent=2, ensure_ascii=False) + "\n"


def parse(content: bytes, place: str) -> HydratorMetadata:
    """Reads the document, whoever wrote it.

    Raises:
        InputError: it is too large, no JSON object, or does not name a commit.
    """
    if len(content) > MAX_BYTES:
        raise InputError(f"{place}: has {len(content)} bytes, more than {MAX_BYTES}")
    return parse_document(content, place, _metadata)


def note(dry_sha: str) -> bytes:
    """Returns the note for a hydrated commit that stands for another dry commit, too."""
    return json.dumps({"drySha": dry_sha}).encode()


def noted(content: bytes | None) -> str:
    """Returns the dry commit that a note names; empty for what is no such note, as GitOps Promoter does."""
    try:
        return parse(content, "note").dry_sha if content else ""
    except InputError:
        return ""


def _metadata(fields: Fields) -> HydratorMetadata:
    found = HydratorMetadata(
        dry_sha=fields.string("drySha"),
        repo_url=fields.string("repoURL", ""),
        author=fields.string("author", ""),
        time=_time(fields),
        subject=fields.string("subject", ""),
        body=fields.string("body", ""),
    )
    fields.ignore_rest()
    if not _SHA.fullmatch(found.dry_sha):
        raise InputError(f"drySha: expected the sha of a commit, found {found.dry_sha!r:.100}")
    return found


def _time(fields: Fields) -> int:
    text = fields.string("date", "")
    if not text:
        return 0
    try:
        when = datetime.fromisoformat(text)
        return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError) as error:
        raise InputError(f"date: expected such as 2026-01-31T12:00:00Z, found {text!r:.100}") from error
