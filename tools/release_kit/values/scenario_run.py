"""What is seen of scenarios while they run: events, file by file."""

from typing import NamedTuple


class Event(NamedTuple):
    """One thing that happened; which fields count depends on its kind."""

    kind: str
    """`collected`, `deselected`, `started`, `setup`, `call`, `subtest`, `teardown`, `collect-error` or `finished`."""
    scenario: str = ""
    """Such as `test_login.py::test_login`."""
    outcome: str = ""
    """setup, call, subtest, teardown: `passed`, `failed` or `skipped`."""
    seconds: float = 0.0
    """setup, call, teardown: how long it took."""
    expected_failure: bool = False
    """setup, call: whether the scenario was marked as one that fails."""
    message: str = ""
    """Why it failed or was skipped, in one line."""
    details: str = ""
    """Where it failed, and what it wrote."""


class Run(NamedTuple):
    """What became of one scenario file, in a process of its own."""

    file: str
    events: tuple[Event, ...] = ()
    exit_code: int | None = None
    """Of the process; below 0: the signal that ended it; None: it was killed at the deadline, or never begun."""
    fault: str = ""
    """Why its events can't be read whole."""
    output: str = ""
    """The last that it wrote."""
    is_begun: bool = True


class Answer(NamedTuple):
    """What an address for health answered."""

    status: int = 0
    """Of HTTP; 0: there was no answer."""
    document: object = None
    """The JSON that came."""
    fault: str = ""
    """Why there is no answer, or no JSON in it."""
