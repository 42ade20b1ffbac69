"""Where generated files come from: the line that each of them has near its beginning."""

from typing import NamedTuple

_LOOKED_AT = 4
"""Lines at the beginning of a file, of which one says where it comes from."""


class Origin(NamedTuple):
    """A command that generates files, and the declaration that it does so from."""

    command: str
    """Such as `gitops generate`."""
    name: str
    """Of the declaration."""

    @property
    def line(self) -> str:
        """What each file says, without what makes it a comment."""
        return f"{self._start}; to change it, change the declaration and generate it anew."

    @property
    def _start(self) -> str:
        return f"Written by release-kit {self.command} from {self.name}"

    def commented(self, text: str) -> str:
        """Returns a text whose comments begin with `#`, with the line at its beginning, or after its `#!`."""
        first, rest = text.split("\n", 1) if text.startswith("#!") else ("", text)
        return f"{first}{first and chr(10)}# {self.line}\n{'' if first else '#' + chr(10)}{rest}"

    def is_of(self, content: bytes) -> bool:
        """Tells whether a file was generated so."""
        mark = f"{self._start};".encode()
        return any(mark in start for start in content[:4096].split(b"\n")[:_LOOKED_AT])


def gitops(name: str) -> Origin:
    """Returns the origin of what Argo CD and GitOps Promoter are told."""
    return Origin("gitops generate", name)
