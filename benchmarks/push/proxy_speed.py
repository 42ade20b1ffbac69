"""Measures what the delay proxy itself costs, to show that it is no bottleneck."""

import hashlib
import http.client
from pathlib import Path

from benchmarks.push import registry

_REQUESTS = 1000
_BODY = 1 << 28
_MB = 1_000_000


def measure(program: str, work: Path) -> str:
    """Returns, in words, how much passes in a second of one CPU, to a registry on loopback and without delay."""
    with registry.running(program, work / "registry", "0ms") as target:
        connection = http.client.HTTPConnection(target.host)
        try:
            target.take()
            for _ in range(_REQUESTS):
                _exchange(connection, "HEAD", "/v2/none/manifests/none")
            requests = target.take()
            _upload(connection, bytes(_BODY))
            upload = target.take()
        finally:
            connection.close()
    if not requests or not upload:
        raise registry.RegistryError("there is no proxy")
    return f"{_REQUESTS / requests.cpu:.0f} requests/s, {_BODY / _MB / upload.cpu:.0f} MB/s a CPU"


def _upload(connection: http.client.HTTPConnection, body: bytes) -> None:
    answer = _exchange(connection, "POST", "/v2/none/blobs/uploads/")
    place = answer.headers["Location"]
    path = place[place.index("/v2/") :]
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    answer = _exchange(connection, "PUT", f"{path}{'&' if '?' in path else '?'}digest={digest}", body)
    if answer.status != http.client.CREATED:
        raise registry.RegistryError(f"an upload through the proxy gave {answer.status}")


def _exchange(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> http.client.HTTPResponse:
    connection.request(method, path, body)
    answer = connection.getresponse()
    answer.read()
    return answer
