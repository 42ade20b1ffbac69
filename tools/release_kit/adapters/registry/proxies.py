"""HTTP proxies, as `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` name them; used with CONNECT."""

import base64
import socket
from collections.abc import Mapping

from release_kit.adapters.registry import urls
from release_kit.adapters.registry.http1 import Connection, connect
from release_kit.adapters.registry.messages import Times
from release_kit.adapters.registry.urls import Url
from release_kit.values.reference import is_loopback


class _Kept:
    """A socket that the connection, which reads the proxy's answer, must leave open."""

    def __init__(self, sock: socket.socket) -> None:
        self.sendall, self.recv = sock.sendall, sock.recv
        self.settimeout, self.fileno = sock.settimeout, sock.fileno

    def close(self) -> None:
        """Leaves it open."""


def choose(url: Url, environ: Mapping[str, str]) -> str | None:
    """Returns the proxy for a URL, or None; loopback is never asked for through a proxy."""
    host, _ = url.address()
    if is_loopback(url.host) or any(_covers(entry, host) for entry in _value(environ, "no_proxy").split(",")):
        return None
    return _value(environ, f"{url.scheme}_proxy") or _value(environ, "all_proxy") or None


def tunnel(proxy: str, host: str, port: int, times: Times) -> socket.socket:
    """Opens a connection through a proxy (RFC 9110, "CONNECT").

    Raises:
        OSError: the proxy can't be reached or refuses; the message does not name its user.
    """
    user, _, place = proxy.partition("://")[2].rpartition("@") if "://" in proxy else proxy.rpartition("@")
    url = urls.parse(f"http://{place.rstrip('/')}")
    if url is None or proxy.startswith("https://"):
        raise OSError("the proxy is expected as http://HOST:PORT")
    sock = connect(*url.address(), times)
    try:
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if user:
            lines.append(f"Proxy-Authorization: Basic {base64.b64encode(_plain(user)).decode()}")
        head = "\r\n".join([*lines, "", ""]).encode()
        answer = Connection(_Kept(sock), times).exchange("HEAD", head, None)
        if answer.status != 200:
            raise OSError(f"the proxy {url.host} answered {answer.status} to CONNECT")
    except BaseException:
        sock.close()
        raise
    return sock


def _plain(text: str) -> bytes:
    pieces = text.split("%")
    first, rest = pieces[0], pieces[1:]
    return first.encode() + b"".join(bytes.fromhex(piece[:2]) + piece[2:].encode() for piece in rest)


def _value(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or environ.get(name.upper()) or ""


def _covers(entry: str, host: str) -> bool:
    name = entry.strip().partition(":")[0].removeprefix("*").removeprefix(".").lower()
    return entry.strip() == "*" or (bool(name) and (host == name or host.endswith(f".{name}")))
