"""Which end point of the distribution-spec a path names."""

import re
from enum import StrEnum
from typing import NamedTuple

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
NAME = re.compile(rf"{_PART}(?:/{_PART})*")
TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")


class Endpoint(StrEnum):
    """The end points of distribution-spec 1.1, and the token service."""

    PING = "ping"
    TOKEN = "token"
    UPLOADS = "uploads"
    SESSION = "session"
    BLOB = "blob"
    MANIFEST = "manifest"
    TAGS = "tags"
    REFERRERS = "referrers"
    UNKNOWN = "unknown"


class Route(NamedTuple):
    """An end point, the repository, and what is named in it: a digest, a tag or a session."""

    endpoint: Endpoint
    repository: str = ""
    reference: str = ""


_ROUTES = (
    (Endpoint.PING, re.compile(r"/v2/?")),
    (Endpoint.TOKEN, re.compile(r"/token/?")),
    (Endpoint.UPLOADS, re.compile(r"/v2/(.+)/blobs/uploads/")),
    (Endpoint.SESSION, re.compile(r"/v2/(.+)/blobs/uploads/([^/]+)")),
    (Endpoint.BLOB, re.compile(r"/v2/(.+)/blobs/([^/]+)")),
    (Endpoint.MANIFEST, re.compile(r"/v2/(.+)/manifests/([^/]+)")),
    (Endpoint.TAGS, re.compile(r"/v2/(.+)/tags/list")),
    (Endpoint.REFERRERS, re.compile(r"/v2/(.+)/referrers/([^/]+)")),
)


def route(path: str) -> Route:
    """Returns what a path (without escapes and query) names."""
    for endpoint, pattern in _ROUTES:
        match = pattern.fullmatch(path)
        if match:
            return Route(endpoint, *match.groups())
    return Route(Endpoint.UNKNOWN)
