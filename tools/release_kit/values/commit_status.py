"""Commit statuses: what the host of a repository shows of a commit, one for each name."""

from typing import NamedTuple


class CommitStatus(NamedTuple):
    """One commit status, as somebody has set it or is to set it."""

    context: str
    """Its name; the newest one of a name counts."""
    state: str
    """`pending`, `success`, `failure`; others may have set `error`."""
    description: str = ""
    url: str = ""
    """Of the run that has set it; it tells one run from another."""
    number: int = 0
    """The host's: the higher, the later. 0: it is not set yet."""
    creator: str = ""
    """Who has set it: a name of the host's; empty where it does not say."""
    time: int = 0
    """When it was set, in seconds since 1970."""

    def says_the_same(self, other: "CommitStatus") -> bool:
        """Tells whether there is no difference but who has set it, and when."""
        return self._said() == other._said()

    def is_of_the_same_run(self, other: "CommitStatus") -> bool:
        """Tells whether one run has set both."""
        return self.url == other.url

    def _said(self) -> tuple[str, str, str]:
        return self.state, self.description, self.url
