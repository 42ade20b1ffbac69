"""A loopback HTTP/1.1 proxy that delays each request and counts it; a process of its own.

Each connection of a client gets a connection to the registry, so nothing waits for another connection. Bodies are
streamed both ways through one buffer a connection. `Host` passes through, which is what distribution makes its
`Location` headers from, so clients come back through the proxy.

Run as `delay_proxy.py HOST:PORT MILLISECONDS`: prints its port, then, for each line read from stdin, what it has
counted since the line before, as JSON.
"""

import asyncio
import json
import os
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

BUFFER = 1 << 18
HEAD_LIMIT = 1 << 16
# What distribution says to a client that tries TLS first; clients retry where the connection is just closed.
NO_TLS = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"


class ClosedError(Exception):
    """The other end closed the connection."""


@dataclass
class Tally:
    """What passed: requests by method and status, and the bytes of their bodies."""

    requests: Counter[str] = field(default_factory=Counter)
    body_bytes: int = 0
    failures: int = 0
    cpu: float = 0.0

    def take(self) -> dict[str, Any]:
        """Returns the counts, with the CPU seconds of this process, and starts again."""
        used = time.process_time()
        taken = {"requests": dict(self.requests), "body_bytes": self.body_bytes, "failures": self.failures}
        taken["cpu"] = used - self.cpu
        self.requests, self.body_bytes, self.failures, self.cpu = Counter(), 0, 0, used
        return taken


class Chunks:
    """Finds the end of a chunked body (RFC 9112, section 7.1), whatever the pieces it arrives in."""

    def __init__(self) -> None:
        self._skip = 0  # bytes of the chunk, and its line end, that are still to come
        self._line = b""
        self._last = False
        self.payload = 0
        self.done = False

    def feed(self, piece: memoryview) -> int:
        """Reads a piece; returns how much of it belongs to the body."""
        at = 0
        while at < len(piece) and not self.done:
            if self._skip:
                step = min(self._skip, len(piece) - at)
                self._skip -= step
                at += step
            else:
                at = self._read_line(piece, at)
        return at

    def _read_line(self, piece: memoryview, at: int) -> int:
        window = bytes(piece[at : at + 256])
        end = window.find(b"\n")
        if end < 0:
            self._line += window
            return at + len(window)
        line, self._line = (self._line + window[:end]).strip(), b""
        if self._last:  # a trailer, or the empty line that ends the body
            self.done = not line
        else:
            size = int(line.partition(b";")[0], 16)
            self._last = size == 0
            self._skip = size + 2 if size else 0
            self.payload += size
        return at + end + 1


class Sized:
    """Finds the end of a body of known length."""

    def __init__(self, size: int) -> None:
        self._left = size
        self.payload = size
        self.done = size == 0

    def feed(self, piece: memoryview) -> int:
        """Reads a piece; returns how much of it belongs to the body."""
        step = min(self._left, len(piece))
        self._left -= step
        self.done = self._left == 0
        return step


@dataclass(frozen=True)
class Head:
    """The first line and the headers of a message."""

    raw: bytes

    @property
    def words(self) -> list[str]:
        """The words of the first line."""
        return self.raw.partition(b"\r\n")[0].decode("latin-1").split()

    @property
    def status(self) -> int:
        """The status of an answer."""
        return int(self.words[1])

    def header(self, name: bytes) -> bytes:
        """Returns the value of a header in lower case, or nothing."""
        for line in self.raw.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name:
                return value.strip().lower()
        return b""

    def body(self) -> Chunks | Sized:
        """Returns what finds the end of the body that the headers announce."""
        if self.header(b"transfer-encoding") == b"chunked":
            return Chunks()
        return Sized(int(self.header(b"content-length") or 0))


class Stream:
    """One end of a connection: reads heads, and moves bodies to another end, through one buffer."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = connection
        self._loop = asyncio.get_running_loop()
        self._buffer = memoryview(bytearray(BUFFER))
        self._ready = self._buffer[:0]

    async def send(self, data: bytes | memoryview) -> None:
        """Sends all of it."""
        await self._loop.sock_sendall(self.socket, data)

    async def _fill(self) -> None:
        count = await self._loop.sock_recv_into(self.socket, self._buffer)
        if not count:
            raise ClosedError
        self._ready = self._buffer[:count]

    async def read_head(self) -> Head:
        """Reads a message up to its body."""
        raw = b""
        while True:
            if not self._ready:
                await self._fill()
            before = max(0, len(raw) - 3)
            raw += self._ready
            if not raw[:1].isalpha():
                await self.send(NO_TLS)
                raise ClosedError
            end = raw.find(b"\r\n\r\n", before)
            if end >= 0:
                self._ready = self._ready[len(self._ready) - (len(raw) - end - 4) :]
                return Head(raw[: end + 4])
            self._ready = self._buffer[:0]
            if len(raw) > HEAD_LIMIT:
                raise ClosedError

    async def move_body(self, body: Chunks | Sized, other: "Stream") -> None:
        """Sends a body on to the other end as it comes."""
        while not body.done:
            if not self._ready:
                await self._fill()
            step = body.feed(self._ready)
            piece, self._ready = self._ready[:step], self._ready[step:]
            await other.send(piece)


class Proxy:
    """Serves connections, each until one of its ends closes it."""

    def __init__(self, upstream: tuple[str, int], delay: float, tally: Tally) -> None:
        self._upstream = upstream
        self._delay = delay
        self._tally = tally

    async def serve(self, connection: socket.socket) -> None:
        """Passes the requests of one connection on, one after another."""
        upstream = socket.socket()
        try:
            client, registry = Stream(connection), Stream(upstream)
            await asyncio.get_running_loop().sock_connect(upstream, self._upstream)
            while await self._exchange(client, registry):
                pass
        except (ClosedError, OSError):
            pass
        finally:
            connection.close()
            upstream.close()

    async def _exchange(self, client: Stream, registry: Stream) -> bool:
        request = await client.read_head()
        await asyncio.sleep(self._delay)
        body = request.body()
        method, status = request.words[0], 0
        try:
            if request.header(b"expect") == b"100-continue":
                await client.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            await registry.send(request.raw)
            await client.move_body(body, registry)
            answer = await self._answer(registry, client)
            status = answer.status
            empty = method == "HEAD" or status in (204, 304)
            await registry.move_body(Sized(0) if empty else answer.body(), client)
        except (ClosedError, OSError):
            self._tally.failures += 1
            raise
        finally:
            self._tally.requests[f"{method} {status}"] += 1
            self._tally.body_bytes += body.payload
        return b"close" not in (answer.header(b"connection"), request.header(b"connection"))

    async def _answer(self, registry: Stream, client: Stream) -> Head:
        """Reads the answer's head and passes it on; interim answers stay here."""
        while True:
            answer = await registry.read_head()
            if answer.status >= 200:
                await client.send(answer.raw)
                return answer


async def serve(upstream: tuple[str, int], delay: float) -> None:
    """Serves until stdin is closed."""
    loop = asyncio.get_running_loop()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listener.setblocking(False)
    tally, finished = Tally(), asyncio.Event()
    proxy = Proxy(upstream, delay, tally)

    def report() -> None:
        if os.read(0, 1):
            say(json.dumps(tally.take()))
        else:
            finished.set()

    async def accept() -> None:
        tasks = set()
        while True:
            connection, _ = await loop.sock_accept(listener)
            task = loop.create_task(proxy.serve(connection))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    loop.add_reader(0, report)
    accepting = loop.create_task(accept())
    say(str(listener.getsockname()[1]))
    await finished.wait()
    accepting.cancel()


def say(line: str) -> None:
    """Prints a line to the parent at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    host, _, port = sys.argv[1].partition(":")
    asyncio.run(serve((host, int(port)), float(sys.argv[2]) / 1000))
