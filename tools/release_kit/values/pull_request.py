"""Pull requests: a promotion that a person is to agree to at the repository's host."""

from typing import NamedTuple


class Draft(NamedTuple):
    """What a pull request is to say."""

    head: str
    """The branch that is to be merged."""
    base: str
    """The branch that it is to be merged into."""
    title: str
    body: str
    """Markdown."""


class PullRequest(NamedTuple):
    """One that is open."""

    number: int
    url: str
    """Of its page."""
    opened: bool
    """Whether it was opened just now; False: it was there."""
