"""The script of faults: rules say which requests are hit, actions (actions.py) say by what."""

import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass, field

from tests.support.fault_registry.exchange import Exchange
from tests.support.fault_registry.messages import Answer, Answered, Request
from tests.support.fault_registry.routes import Endpoint

_SESSION = re.compile(r"session-\d+")


@dataclass(slots=True)
class Action:
    """What happens to a request that a rule hits."""

    name: str
    before: Callable[[Exchange], Answer | None] | None = None
    """Called before the request is handled: answers in its place, raises Hangup, waits, or lets it go on (None)."""
    after: Callable[[Exchange, Answer], Answer] | None = None
    """Called with the answer before it is sent; returns the one to send, or raises Hangup."""
    release: Callable[[], None] | None = None
    """Ends all waiting; called when the rule is removed and when the registry stops."""


@dataclass(slots=True)
class Match:
    """Which requests a rule hits; what is left out matches all."""

    method: str = ""
    """One or several, such as `PUT` or `PUT|PATCH`."""
    path: str = ""
    """Regex searched in the path and query."""
    repository: str = ""
    """Regex of the whole repository."""
    endpoint: Endpoint | str = ""
    host: str = ""
    """Name of a listener; empty means registry and token, not other."""
    nth: int | Container[int] | None = None
    """Which of the requests that match all of the above, counted from 1: a number, a range, a set."""
    per_path: bool = False
    """Whether `nth` counts for each method and path by itself (upload sessions are not told apart)."""
    probability: float = 1.0
    seed: int = 0
    """Chance drawn from seed, method, path and count: the same in every run, whatever the threads do."""
    after_bytes: int | None = None
    """Strikes when so many bytes of the request's body have arrived; bodies known to be shorter don't match."""
    only: Callable[[Request], bool] | None = None
    """A further condition."""

    def suits(self, request: Request) -> bool:
        """Tells whether a request matches, apart from counts and chance."""
        length = request.body.length
        return (
            (request.host == self.host if self.host else request.host != "other")
            and (not self.method or request.method in self.method.split("|"))
            and (not self.path or re.search(self.path, request.asked) is not None)
            and (not self.repository or re.fullmatch(self.repository, request.route.repository) is not None)
            and (not self.endpoint or request.route.endpoint == self.endpoint)
            and (self.after_bytes is None or length is None or length >= self.after_bytes)
            and (self.only is None or self.only(request))
        )


@dataclass(eq=False, slots=True)
class Rule:
    """An action and what it hits. Safe to use from several threads."""

    action: Action
    match: Match
    hits: int = 0
    """How many requests it has hit."""
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def strikes(self, request: Request) -> bool:
        """Counts a request and tells whether it is hit."""
        if not self.match.suits(request):
            return False
        key = f"{request.method} {_SESSION.sub('*', request.path)}"
        with self._lock:
            counted = key if self.match.per_path else ""
            self._counts[counted] += 1
            if counted != key:
                self._counts[key] += 1
            hit = self._chosen(self._counts[counted]) and self._drawn(key)
            self.hits += hit
            return hit

    def _chosen(self, count: int) -> bool:
        nth = self.match.nth
        return nth is None or (count == nth if isinstance(nth, int) else count in nth)

    def _drawn(self, key: str) -> bool:
        chance = random.Random(f"{self.match.seed} {key} {self._counts[key]}").random()
        return chance < self.match.probability


class Script:
    """All rules, in the order in which they were added: the first one that answers wins, all may change the answer."""

    def __init__(self) -> None:
        """No faults."""
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def add(self, rule: Rule) -> None:
        """Adds a rule at the end."""
        with self._lock:
            self._rules.append(rule)

    def remove(self, rule: Rule) -> None:
        """Takes a rule away and lets go whatever it holds."""
        with self._lock:
            self._rules.remove(rule)
        if rule.action.release:
            rule.action.release()

    def clear(self) -> None:
        """Takes all rules away."""
        for rule in self.rules:
            self.remove(rule)

    @property
    def rules(self) -> list[Rule]:
        """Returns the rules of this moment."""
        with self._lock:
            return list(self._rules)

    def strike(self, request: Request) -> list[Rule]:
        """Returns the rules that hit a request."""
        return [rule for rule in self.rules if rule.strikes(request)]


def arm(exchange: Exchange, rules: list[Rule]) -> Answer | None:
    """Applies what comes before the handling, or puts it where the body's bytes will trigger it."""
    for rule in rules:
        if rule.match.after_bytes is not None:
            exchange.request.body.cut(rule.match.after_bytes, lambda rule=rule: _interrupt(exchange, rule))  # type: ignore[misc]
        elif rule.action.before and (answer := rule.action.before(exchange)):
            return answer
    return None


def dress(exchange: Exchange, rules: list[Rule], answer: Answer) -> Answer:
    """Applies what comes after the handling."""
    for rule in rules:
        if rule.action.after:
            answer = rule.action.after(exchange, answer)
    return answer


def _interrupt(exchange: Exchange, rule: Rule) -> None:
    answer = rule.action.before(exchange) if rule.action.before else None
    if answer:
        raise Answered(answer)
