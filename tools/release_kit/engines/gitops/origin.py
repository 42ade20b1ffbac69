"""Where generated files come from: the line that each of them has near its beginning."""

_START = "Written by release-kit gitops generate from "
_LOOKED_AT = 4
"""Lines at the beginning of a file, of which one says where it comes from."""


def line(name: str) -> str:
    """Returns the line for a declaration's name, without what makes it a comment."""
    return f"{_START}{name}; to change it, change the declaration and generate it anew."


def commented(name: str, text: str) -> str:
    """Returns a text whose comments begin with `#`, with the line at its beginning, or after its `#!`."""
    first, rest = text.split("\n", 1) if text.startswith("#!") else ("", text)
    return f"{first}{first and chr(10)}# {line(name)}\n{'' if first else '#' + chr(10)}{rest}"


def is_ours(content: bytes, name: str) -> bool:
    """Tells whether a file was generated from the declaration of this name."""
    mark = f"{_START}{name};".encode()
    return any(mark in start for start in content[:4096].split(b"\n")[:_LOOKED_AT])
