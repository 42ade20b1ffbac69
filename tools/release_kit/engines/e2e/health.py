"""Which version answers: what each address for health says, and whether it is the expected one."""

from collections.abc import Sequence
from typing import NamedTuple

from release_kit.documents.e2e_suite import Health
from release_kit.engines.deadline import Deadline
from release_kit.errors import InputError
from release_kit.ports import Deployment, Narrator
from release_kit.values.scenario_run import Answer

OK = 200
_MAX_SHOWN = 100


class Wanted(NamedTuple):
    """What has to be answered."""

    addresses: tuple[Health, ...]
    version: str
    in_a_row: int
    """How many answers of each address have to be right, one after the other."""


class Seen(NamedTuple):
    """What one address said last."""

    health: Health
    fault: str = "was not asked"
    """Why it is not healthy at the expected version; empty: it is."""
    in_a_row: int = 0
    """How many answers were right, up to the last."""
    most: int = 0
    """The most that were right in a row."""

    def after(self, fault: str) -> "Seen":
        """Returns what is known after one more answer."""
        in_a_row = 0 if fault else self.in_a_row + 1
        return Seen(self.health, fault, in_a_row, max(self.most, in_a_row))

    def told(self, wanted: Wanted) -> str:
        """Returns what is wrong with the address; empty where nothing is."""
        if self.in_a_row >= wanted.in_a_row:
            return ""
        if self.most:
            now = self.fault or f"answered {wanted.version}"
            return f"{self.health}: {now}; {wanted.version} came {self.most} times in a row, expected {wanted.in_a_row}"
        return f"{self.health}: {self.fault}"


def wait(wanted: Wanted, deployment: Deployment, deadline: Deadline, narrator: Narrator) -> tuple[Seen, ...]:
    """Waits until every address has answered the expected version several times in a row.

    Returns:
        What each said; where the deadline came first, at least one has a fault to tell.
    """
    seen = tuple(Seen(each) for each in wanted.addresses)
    attempt, said = 0, ""
    while True:
        seen = tuple(each.after(look(each.health, wanted.version, deployment, deadline)) for each in seen)
        if all(each.in_a_row >= wanted.in_a_row for each in seen):
            return seen
        now = next((f"{each.health}: {each.fault}" for each in seen if each.fault), "")
        attempt = attempt + 1 if now else 1
        if now not in ("", said):
            narrator.note(f"waits: {now}")
            said = now
        if not deadline.rest(attempt):
            return seen


def again(wanted: Wanted, deployment: Deployment, deadline: Deadline) -> tuple[Seen, ...]:
    """Looks at each address as often as it was asked to be right; ends with its first fault."""
    return tuple(_steady(Seen(each), wanted, deployment, deadline) for each in wanted.addresses)


def _steady(seen: Seen, wanted: Wanted, deployment: Deployment, deadline: Deadline) -> Seen:
    for _ in range(wanted.in_a_row):
        seen = seen.after(look(seen.health, wanted.version, deployment, deadline))
        if seen.fault:
            break
    return seen


def look(health: Health, expected: str, deployment: Deployment, deadline: Deadline) -> str:
    """Asks one address; returns what is wrong with its answer, empty where nothing is."""
    if not deadline.left:
        return "was not asked: no time was left before the deadline"
    answer = deployment.ask(health.path, deadline.left)
    if answer.status and answer.status != OK:
        return f"answered {answer.status}{f' ({answer.fault})' if answer.fault else ''}, expected 200"
    return answer.fault or _document_fault(health, answer, expected)


def _document_fault(health: Health, answer: Answer, expected: str) -> str:
    document = answer.document
    if health.service and (found := value_at(document, ("service",))) != health.service:
        return f"is answered by service {_shown(found)}, expected {health.service!r}"
    found = value_at(document, health.version)
    return "" if found == expected else f"version {_shown(found)}, expected {expected!r}"


def value_at(document: object, way: Sequence[str]) -> object:
    """Returns what is at the end of a way into JSON (RFC 6901, section 4); None where nothing is."""
    for step in way:
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isascii() and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, (dict, list)):
        return f"a {'list' if isinstance(value, list) else 'dictionary'}"
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def check_version(text: str, place: str) -> str:
    """Returns a version to wait for.

    Raises:
        InputError: it is empty, too long or not printable.
    """
    if not text or not text.isprintable() or len(text) > _MAX_SHOWN or " " in text:
        raise InputError(f"{place}: expected a version such as 1.2.3, found {text!r:.100}")
    return text
