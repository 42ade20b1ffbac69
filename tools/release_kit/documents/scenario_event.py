"""What happens in a scenario: its events, and who reports gates without being told."""

from typing import NamedTuple

from release_kit.documents.fields import Fields
from release_kit.documents.scenario_words import duration, released, text
from release_kit.errors import InputError
from release_kit.values.promotion_gate import Phase

ACTIONS = ("release", "change", "gate", "merge", "hold", "resume", "rollback")
_NAME = 100


class Event(NamedTuple):
    """One event; which of the later fields count depends on its action."""

    at: int
    """How many seconds after the start."""
    action: str
    """One of ACTIONS."""
    value: str
    """release: the version; gate: its key; change: empty; otherwise the environment."""
    environments: tuple[str, ...] = ()
    """change: whose values are others now; gate: where it was reported."""
    phase: Phase = Phase.SUCCESS
    """gate."""
    version: str = ""
    """gate: the release that was looked at, empty for the one that is there; rollback: the one to go back to, empty
    for the one before."""
    again: bool = False
    """merge: even though it was rolled back there; release: it was released before, and is hydrated again."""
    refused: bool = False
    """merge, rollback: it has to be refused."""
    skip_staging: bool = False
    """release: it waits for no staging environment."""
    position: int = 0
    """In the document."""
    line: int = 0

    @property
    def label(self) -> str:
        """Such as `merge: demo`, with what tells it from others."""
        what = self.value or "[" + ", ".join(self.environments) + "]"
        if self.action == "gate":
            about = f" for {self.version}" if self.version else ""
            return f"gate: {what} on {self.environments[0]}: {self.phase}{about}"
        to, again = f" to {self.version}" if self.version else "", " again" if self.again else ""
        skipping = ", skipping staging" if self.skip_staging else ""
        return f"{self.action}: {what}{to}{again}{skipping}"

    @property
    def place(self) -> str:
        """Such as `events[3] (line 12)`."""
        return f"events[{self.position}] (line {self.line})"


class Reporter(NamedTuple):
    """Reports a gate for whatever it is about, some time after it got there."""

    gate: str
    environment: str
    """Empty for every one that has the gate."""
    after: int
    """Seconds."""
    phase: Phase | None
    """None: never."""


def event(fields: Fields) -> Event:
    """Reads one event.

    Raises:
        InputError: it has no action, or two, or a field that this action does not have.
    """
    at = duration(fields, "at")
    actions = [action for action in ACTIONS if fields.has(action)]
    if "gate" in actions and "release" in actions:
        actions.remove("release")  # It says which release was looked at.
    if len(actions) != 1:
        found = " and ".join(actions) or "none"
        raise InputError(f"{fields.path('at')}: expected one of {', '.join(ACTIONS)}; found {found}")
    return _READ[actions[0]](fields, at) if actions[0] in _READ else _of_environment(fields, at, actions[0])


def reporter(fields: Fields) -> Reporter:
    """Reads what reports a gate by default."""
    phase = fields.string("phase", "success")
    if phase not in ("never", "success", "failure"):
        place = fields.path("phase")
        raise InputError(f"{place}: expected success, failure or never, found {phase!r:.100}")
    return Reporter(
        gate=text(fields, "gate", _NAME),
        environment=text(fields, "environment", _NAME, ""),
        after=duration(fields, "after", "0s"),
        phase=None if phase == "never" else Phase(phase),
    )


def _release(fields: Fields, at: int) -> Event:
    found = Event(at, "release", released(fields, "release"))
    return found._replace(skip_staging=fields.boolean("skip_staging", False), again=fields.boolean("again", False))


def _change(fields: Fields, at: int) -> Event:
    names = fields.strings("change")
    if not names or len(set(names)) < len(names):
        raise InputError(f"{fields.path('change')}: expected a list of environments, each once", "such as [demo]")
    return Event(at, "change", "", names)


def _gate(fields: Fields, at: int) -> Event:
    phase = fields.string("phase", "success")
    if phase not in set(Phase):
        place = fields.path("phase")
        raise InputError(f"{place}: expected success, failure or pending, found {phase!r:.100}")
    where = (text(fields, "environment", _NAME),)
    version = released(fields, "release") if fields.has("release") else ""
    return Event(at, "gate", text(fields, "gate", _NAME), where, Phase(phase), version)


def _merge(fields: Fields, at: int) -> Event:
    found = Event(at, "merge", text(fields, "merge", _NAME))
    return found._replace(again=fields.boolean("again", False), refused=fields.boolean("refused", False))


def _rollback(fields: Fields, at: int) -> Event:
    found = Event(at, "rollback", text(fields, "rollback", _NAME), refused=fields.boolean("refused", False))
    return found._replace(version=released(fields, "to")) if fields.has("to") else found


def _of_environment(fields: Fields, at: int, action: str) -> Event:
    return Event(at, action, text(fields, action, _NAME))


_READ = {"release": _release, "change": _change, "gate": _gate, "merge": _merge, "rollback": _rollback}
