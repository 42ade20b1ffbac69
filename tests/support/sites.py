"""A site on loopback that answers as a test tells it, and suites that are run against it.

with Site(healthy("1.2.3")) as site:
    suite = write_suite(tmp_path, {"test_page.py": "def test_page(deployed): ..."})
    assert main(["e2e", str(suite), "--url", site.url, "--version", "1.2.3"]) == 0
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple, Self


class Reply(NamedTuple):
    """What the site answers."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = {}


class Asked(NamedTuple):
    """What the site was asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int
    """Unique to the connection."""


Answer = Callable[[Asked], Reply]


def healthy(version: object) -> Answer:
    """Answers everything with a version."""
    return lambda _: said({"version": version})


def in_turns(*versions: str) -> Answer:
    """Answers with one version after the other, again and again."""
    coming: Iterator[str] = cycle(versions)
    return lambda _: said({"version": next(coming)})


def said(value: object, status: int = 200) -> Reply:
    """Returns a value as an answer in JSON."""
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


class Site:
    """Serves as long as the context lasts; `answer` may be replaced meanwhile."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{self.host}"

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, self.path, dict(self.headers.items()), body, self.client_address[1])
            site.asked.append(asked)
            reply = site.answer(asked)
            with suppress(OSError):
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

        def log_message(self, *_: object, **__: object) -> None:
            """Says nothing."""

    for method in ("GET", "POST", "PUT", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.serve)
    return Handler


def write_suite(folder: Path, files: Mapping[str, str], **fields: Any) -> Path:
    """Writes scenarios and their suite; `fields` replaces fields of the document."""
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    document = {
        "schema": "rules_release/e2e-suite/v1",
        "name": "shop",
        "scenarios": [name for name in files if name.rpartition("/")[2].startswith("test_")],
        "health": [{"path": "/health"}],
        "consecutive": 1,
        "criteria": {"deadline": "60s"},
        **fields,
    }
    place = folder / "suite.json"
    place.write_text(json.dumps(document))
    return place
