"""One request with all that answering it takes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.support.fault_registry.journal import Record
from tests.support.fault_registry.messages import Request
from tests.support.fault_registry.options import Options
from tests.support.fault_registry.store import Store


@dataclass(slots=True)
class World:
    """The registry as its handlers and faults see it."""

    options: Options
    store: Store
    secrets: Callable[[], frozenset[str]]
    """All passwords and tokens known to it."""
    stopped: threading.Event = field(default_factory=threading.Event)
    addresses: dict[str, str] = field(default_factory=dict)
    """HOST:PORT of each listener: registry, token, other."""

    def url(self, host: str, path: str) -> str:
        """Returns the URL of a path on one of the listeners."""
        return f"http://{self.addresses[host]}{path}"


@dataclass(slots=True)
class Exchange:
    """One request under way."""

    request: Request
    world: World
    record: Record
    may_mount: bool = True
    """Whether the client may read the repository that it mounts from; if not, the mount opens a session."""

    @property
    def repository(self) -> str:
        """Returns the repository that the path names."""
        return self.request.route.repository

    @property
    def reference(self) -> str:
        """Returns the digest, tag or session that the path names."""
        return self.request.route.reference

    @property
    def store(self) -> Store:
        """Returns the registry's memory."""
        return self.world.store

    @property
    def options(self) -> Options:
        """Returns the registry's habits."""
        return self.world.options

    def location(self, path: str) -> str:
        """Returns what a Location header says for a path on the listener that was asked."""
        return self.world.url(self.request.host, path) if self.options.absolute_locations else path
