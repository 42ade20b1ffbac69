"""The names of git's objects, worked out without git: what a commit will be called is known before it is written.

The forms are those of gitformat-loose(5) and git-hash-object(1): SHA-1 over the kind, the size and the content.
"""

from collections.abc import Iterable
from hashlib import sha1

_FILE, _FOLDER = "100644", "40000"


def blob(content: bytes) -> str:
    """Returns the name of a file's content."""
    return _named(b"blob", content).hex()


def tree(files: Iterable[tuple[str, str]]) -> str:
    """Returns the name of a folder.

    Args:
        files: the paths of all files in it and below, each with the name of its content.
    """
    return _tree([(path.encode(), bytes.fromhex(name)) for path, name in files]).hex()


def commit(folder: str, parents: Iterable[str], who: str, message: str) -> str:
    """Returns the name of a commit; `who` is author and committer, with a time as git writes it."""
    lines = [f"tree {folder}", *(f"parent {parent}" for parent in parents), f"author {who}", f"committer {who}"]
    return _named(b"commit", "\n".join([*lines, "", message]).encode()).hex()


def _tree(files: list[tuple[bytes, bytes]]) -> bytes:
    entries: dict[bytes, bytes] = {}
    below: dict[bytes, list[tuple[bytes, bytes]]] = {}
    for path, name in files:
        first, slash, rest = path.partition(b"/")
        if slash:
            below.setdefault(first, []).append((rest, name))
        else:
            entries[first] = f"{_FILE} ".encode() + first + b"\0" + name
    # Folders are sorted as if their names ended with a slash.
    folders = {name + b"/": f"{_FOLDER} ".encode() + name + b"\0" + _tree(inner) for name, inner in below.items()}
    found = {**entries, **folders}
    return _named(b"tree", b"".join(found[key] for key in sorted(found)))


def _named(kind: bytes, content: bytes) -> bytes:
    return sha1(b"%b %d\0%b" % (kind, len(content), content), usedforsecurity=False).digest()
