"""Serves a plain registry over TLS, with a certificate that is made for the test."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def over_tls(host: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yields HOST:PORT of a TLS front of the server at `host`, and the file of the certificate to trust."""
    key, certificate = _make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=_accept, args=(listener, context, host), daemon=True)
        accepting.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", certificate
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join()


def _make_certificate(folder: Path) -> tuple[Path, Path]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ["-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*request, *names, *files], check=True, capture_output=True)
    return key, certificate


def _accept(listener: socket.socket, context: ssl.SSLContext, host: str) -> None:
    serving = []
    with suppress(OSError):
        while True:
            plain, _ = listener.accept()
            serving.append(threading.Thread(target=_serve, args=(plain, context, host), daemon=True))
            serving[-1].start()
    for thread in serving:
        thread.join()


def _serve(plain: socket.socket, context: ssl.SSLContext, host: str) -> None:
    name, _, port = host.partition(":")
    with (
        suppress(OSError),
        plain,
        socket.create_connection((name, int(port))) as inner,
        context.wrap_socket(plain, server_side=True) as outer,
    ):
        back = threading.Thread(target=_pump, args=(inner, outer), daemon=True)
        back.start()
        _pump(outer, inner)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
