"""Listens on several ports of one machine and gives each connection a thread."""

import selectors
import socket
import threading
from collections.abc import Callable, Mapping

from tests.support.fault_registry.messages import Hangup
from tests.support.fault_registry.wire import Connection

Serve = Callable[[Connection], bool]
"""Serves one request of a connection; returns whether there may be another one on it."""


class Listener:
    """Accepts connections until it is stopped; then all of them end and all threads are joined."""

    def __init__(self, serve: Serve) -> None:
        """Listens nowhere yet."""
        self._serve = serve
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._lock = threading.Lock()
        self._stopping = False
        self._connections: dict[Connection, threading.Thread] = {}
        self._acceptor = threading.Thread(target=self._accept, name="fault-registry", daemon=True)

    def start(self, places: Mapping[str, tuple[str, int]]) -> dict[str, str]:
        """Listens at each named place and returns the addresses, HOST:PORT; port 0 takes a free one."""
        addresses = {}
        for name, place in places.items():
            listening = socket.create_server(place, backlog=128)
            self._selector.register(listening, selectors.EVENT_READ, name)
            addresses[name] = f"{place[0]}:{listening.getsockname()[1]}"
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._acceptor.start()
        return addresses

    def stop(self) -> None:
        """Ends every connection and returns when the last thread has ended."""
        with self._lock:
            self._stopping = True
        self._wake.close()
        self._acceptor.join()
        with self._lock:
            running = dict(self._connections)
        for connection in running:
            connection.interrupt()
        for thread in running.values():
            thread.join()

    def _accept(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    self._close()
                    return
                assert isinstance(key.fileobj, socket.socket)
                self._welcome(key.data, key.fileobj.accept()[0])

    def _welcome(self, name: str, peer: socket.socket) -> None:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(name, peer)
        thread = threading.Thread(target=self._run, args=(connection,), name=f"fault-registry-{name}", daemon=True)
        with self._lock:
            self._connections = {key: value for key, value in self._connections.items() if value.is_alive()}
            self._connections[connection] = thread
            thread.start()

    def _run(self, connection: Connection) -> None:
        reset = False
        try:
            while not self._stopping and self._serve(connection):
                pass
        except Hangup as hangup:
            reset = hangup.reset
        except OSError:
            pass  # The client has gone away.
        finally:
            connection.hang_up(reset)

    def _close(self) -> None:
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._selector.close()
