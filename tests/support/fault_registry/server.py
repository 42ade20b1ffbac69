"""The registry itself: listeners, the way of each request through faults and handlers, and the API for tests."""

from collections.abc import Container, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from tests.support.fault_registry.auth import BasicAuth, BearerAuth, Guard, NoAuth
from tests.support.fault_registry.exchange import Exchange, World
from tests.support.fault_registry.faults import Action, Match, Rule, Script, arm, dress
from tests.support.fault_registry.handlers import handle
from tests.support.fault_registry.journal import Journal
from tests.support.fault_registry.listener import Listener
from tests.support.fault_registry.messages import Answer, Answered, error
from tests.support.fault_registry.options import Options
from tests.support.fault_registry.state import State
from tests.support.fault_registry.store import Store
from tests.support.fault_registry.tokens import TokenGuard
from tests.support.fault_registry.wire import Connection

Auth = NoAuth | BasicAuth | BearerAuth
LOOPBACK = {"registry": "127.0.0.1", "token": "127.0.0.1", "other": "127.0.0.1"}


class FaultRegistry:
    """A registry in memory on loopback; see the package for an example."""

    def __init__(
        self,
        options: Options | None = None,
        auth: Auth | None = None,
        machines: Mapping[str, str] = LOOPBACK,
        port: int = 0,
    ) -> None:
        """Listens nowhere yet.

        Args:
            options: its habits; a strict registry where None.
            auth: who may do what; everybody everything where None.
            machines: names or addresses of this machine that the listeners are known by, such as
                {"other": "localhost"} to tell hosts apart by name and not by the port alone.
            port: of the registry itself; 0 takes a free one.
        """
        self.options = options or Options()
        self.journal = Journal()
        self.script = Script()
        self.store = Store(self.options, self.journal.tick)
        self.state = State(self.store)
        self.guard: Guard = TokenGuard(auth) if isinstance(auth, BearerAuth) else auth or NoAuth()
        self._world = World(self.options, self.store, self.guard.secrets)
        self._listener = Listener(self._serve)
        self._places = {
            name: (machine, port if name == "registry" else 0) for name, machine in (LOOPBACK | {**machines}).items()
        }

    def __enter__(self) -> Self:
        """Starts it."""
        self._world.addresses.update(self._listener.start(self._places))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops it: whatever a fault holds is let go, every connection closed, every thread joined."""
        self._world.stopped.set()
        for rule in self.script.rules:
            self.script.remove(rule)
        self._listener.stop()

    @property
    def host(self) -> str:
        """Returns HOST:PORT of the registry."""
        return self._world.addresses["registry"]

    @property
    def addresses(self) -> dict[str, str]:
        """Returns HOST:PORT of each listener: registry, token, other."""
        return dict(self._world.addresses)

    def on(
        self,
        action: Action,
        method: str = "",
        path: str = "",
        *,
        nth: int | Container[int] | None = None,
        after_bytes: int | None = None,
        **match: Any,
    ) -> Rule:
        """Adds a rule: `action` happens to the requests that match (see `faults.Match` for all fields).

        Args:
            action: one of `actions`, `elsewhere`, `hostile`.
            method: such as `PUT` or `PUT|PATCH`.
            path: a regex searched in path and query.
            nth: which of the matching requests, from 1.
            after_bytes: strikes after so many bytes of the request's body.
            **match: repository, endpoint, host, per_path, probability, seed, only.
        """
        rule = Rule(action, Match(method, path, nth=nth, after_bytes=after_bytes, **match))
        self.script.add(rule)
        return rule

    def secrets(self) -> frozenset[str]:
        """Returns every password and token so far, to search outputs for."""
        return self.guard.secrets()

    def _serve(self, connection: Connection) -> bool:
        request = connection.receive()
        if request is None:
            return False
        with self.journal.lock:
            rules = self.script.strike(request)
            record, under_way = self.journal.begin(request, [rule.action.name for rule in rules])
        answer: Answer | None = None
        try:
            answer = self._answer(Exchange(request, self._world, record), rules, under_way)
        finally:
            self.journal.finish(record, answer.status if answer else None)
        return connection.send(request, answer)

    def _answer(self, exchange: Exchange, rules: list[Rule], under_way: int) -> Answer:
        answer = self._first(exchange, rules, under_way)
        if not answer.early:
            answer = _drain(exchange) or answer
        if self.options.names_itself and exchange.record.handled is not None:
            answer.headers.append(("Docker-Distribution-Api-Version", "registry/2.0"))
        if self.options.warning:
            answer.headers.append(("Warning", f'299 - "{self.options.warning}"'))
        return dress(exchange, rules, answer)

    def _first(self, exchange: Exchange, rules: list[Rule], under_way: int) -> Answer:
        """Returns what comes first: too many requests, a fault's answer, the registry's."""
        if self.options.max_under_way and under_way > self.options.max_under_way:
            after = [("Retry-After", self.options.retry_after)] if self.options.retry_after else []
            return error(429, "TOOMANYREQUESTS", "too many requests at once", after)
        try:
            answer = arm(exchange, rules)
            if answer is None:
                answer = handle(exchange, self.guard)
                exchange.record.handled = answer.status
        except Answered as struck:
            answer = struck.answer
        return replace(answer, headers=list(answer.headers))


def _drain(exchange: Exchange) -> Answer | None:
    """Reads the rest of a body that nobody wanted; one that waits for `100 Continue` never comes.

    Returns:
        A fault's answer that this has triggered.
    """
    if exchange.request.header("Expect").lower() == "100-continue" and not exchange.request.body.received:
        return None
    try:
        exchange.request.body.drain()
    except Answered as struck:
        return struck.answer
    return None
