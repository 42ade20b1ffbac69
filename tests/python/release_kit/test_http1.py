"""One connection: what comes early over TLS is no answer."""

import socket
import threading
from pathlib import Path

import pytest

from release_kit.adapters.registry import http1
from release_kit.adapters.registry.http1 import Connection
from release_kit.adapters.registry.messages import FileBody, Times
from release_kit.errors import InputError

ANSWER = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(("encrypted", "whole"), [(True, True), (False, False)])
def test_bytes_that_come_before_the_body_is_sent_end_it_on_a_plain_connection_only(
    tmp_path: Path, encrypted: bool, whole: bool
) -> None:
    """On an encrypted one they may be session tickets, of which the client's code is told nothing."""
    size = 3 * http1.SEND_BYTES
    path = tmp_path / "blob"
    path.write_bytes(b"x" * size)
    ours, theirs = socket.socketpair()
    received: list[int] = []

    def read() -> None:
        while piece := theirs.recv(1 << 20):
            received.append(len(piece))

    with ours, theirs:
        theirs.sendall(ANSWER)
        reader = threading.Thread(target=read)
        reader.start()
        connection = Connection(ours, Times(), encrypted=encrypted)
        response = connection.exchange("PUT", b"PUT / HTTP/1.1\r\n\r\n", FileBody(path, size))
        ours.shutdown(socket.SHUT_RDWR) if connection.reusable else None
        connection.close()
        reader.join()
    assert response.status == 413
    assert (sum(received) > size) == whole


@pytest.mark.parametrize("length", [20, None])
def test_a_file_that_is_not_what_it_was_is_the_files_fault(tmp_path: Path, length: int | None) -> None:
    path = tmp_path / "blob"
    if length:
        path.write_bytes(b"x" * 10)
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(InputError, match=str(path)):
        Connection(ours, Times()).exchange("PUT", b"PUT / HTTP/1.1\r\n\r\n", FileBody(path, length or 20))
