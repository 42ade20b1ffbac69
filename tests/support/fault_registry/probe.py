"""A client without any cleverness, to test the registry itself."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.fault_registry.content import digest_of
from tests.support.fault_registry.manifest import OCI_INDEX, OCI_MANIFEST

CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def header(self, name: str) -> str:
        """Returns a header's value; empty where it is missing."""
        return str(self.headers.get(name, ""))

    @property
    def codes(self) -> list[str]:
        """Returns the codes of an error document."""
        return [each["code"] for each in json.loads(self.body)["errors"]]


class Probe:
    """Asks one host, over one connection that is kept as long as the host keeps it."""

    def __init__(self, host: str, headers: Mapping[str, str] | None = None) -> None:
        """Connects to nothing yet; `headers` go with each request."""
        self.connection = http.client.HTTPConnection(host, timeout=30)
        self._headers = dict(headers or {})

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connection."""
        self.connection.close()

    def ask(self, method: str, url: str, body: Any = None, **headers: str) -> Reply:
        """Sends one request and reads the answer; underscores in the names of headers stand for dashes."""
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, target, body, self._headers | named)
        response = self.connection.getresponse()
        return Reply(response.status, response.headers, response.read())

    def push_blob(self, repository: str, content: bytes) -> str:
        """Uploads a blob by POST and PUT, and returns its digest."""
        place = self.ask("POST", f"/v2/{repository}/blobs/uploads/").header("Location")
        digest = digest_of(content)
        assert self.ask("PUT", with_digest(place, digest), content).status == 201
        return digest

    def push_image(self, repository: str, reference: str, layer: bytes = b"layer") -> str:
        """Uploads an image of one layer, and returns its digest."""
        content = manifest(self.push_blob(repository, b"{}"), self.push_blob(repository, layer), len(layer))
        reply = self.ask("PUT", f"/v2/{repository}/manifests/{reference}", content, Content_Type=OCI_MANIFEST)
        assert reply.status == 201, reply.body
        return digest_of(content)


def with_digest(place: str, digest: str) -> str:
    """Adds the digest to an upload Location."""
    return f"{place}{'&' if '?' in place else '?'}digest={digest}"


def descriptor(media_type: str, digest: str, size: int) -> dict[str, object]:
    """Makes a descriptor (image-spec, "Descriptors")."""
    return {"mediaType": media_type, "digest": digest, "size": size}


def manifest(config: str, layer: str, layer_size: int, layer_type: str = LAYER_TYPE, **more: object) -> bytes:
    """Makes a manifest of an image whose config is `{}`."""
    layers = [descriptor(layer_type, layer, layer_size)]
    document = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": descriptor(CONFIG_TYPE, config, 2)}
    return json.dumps(document | {"layers": layers} | more).encode()


def index(*children: tuple[str, int]) -> bytes:
    """Makes an index of (digest, size)."""
    manifests = [descriptor(OCI_MANIFEST, *child) for child in children]
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests}).encode()
