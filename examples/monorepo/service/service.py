"""Answers every request with what the service is called, and whose it is."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SETTINGS = Path("/app/service.json").read_bytes()


class Service(BaseHTTPRequestHandler):
    """Answers every path."""

    def do_GET(self) -> None:
        """Answers with the settings."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(SETTINGS)


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8080), Service).serve_forever()
