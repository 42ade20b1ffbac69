"""Greets whoever asks over HTTP."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Greeter(BaseHTTPRequestHandler):
    """Answers every path."""

    def do_GET(self) -> None:
        """Greets."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello\n")


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8080), Greeter).serve_forever()
