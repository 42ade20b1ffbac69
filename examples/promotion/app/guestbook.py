"""Keeps what guests write, for as long as it runs, and says which version it is."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ENTRIES: list[str] = []


class Guestbook(BaseHTTPRequestHandler):
    """`/health` and `/entries`."""

    def do_GET(self) -> None:
        """Tells the version, or the entries."""
        if self.path == "/health":
            self.answer(200, {"service": "guestbook", "version": os.environ["GUESTBOOK_VERSION"]})
        elif self.path == "/entries":
            self.answer(200, ENTRIES)
        else:
            self.answer(404, {"error": "not found"})

    def do_POST(self) -> None:
        """Adds an entry."""
        entry = json.loads(self.rfile.read(min(int(self.headers["Content-Length"]), 1000)))
        ENTRIES.append(str(entry["text"]))
        self.answer(201, {"entries": len(ENTRIES)})

    def answer(self, status: int, content: Any) -> None:
        """Answers with JSON."""
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8080), Guestbook).serve_forever()
