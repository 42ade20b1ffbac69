"""Blob content and digests."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


def is_digest(text: str) -> bool:
    """Tells whether a text is a digest of a registered algorithm (image-spec, "Digests")."""
    return _DIGEST.fullmatch(text) is not None


def digest_of(content: bytes | bytearray, algorithm: str = "sha256") -> str:
    """Returns the digest of some content."""
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored blob; `content` is None where only its size is kept."""

    size: int
    content: bytes | None


@dataclass(slots=True)
class Content:
    """Content that is growing."""

    keep: bool = True
    size: int = 0
    kept: bytearray = field(default_factory=bytearray)
    hashes: dict[str, Any] = field(default_factory=lambda: {name: hashlib.new(name) for name in ("sha256", "sha512")})

    def append(self, piece: bytes) -> None:
        """Adds some bytes."""
        self.size += len(piece)
        if self.keep:
            self.kept += piece
        else:
            for running in self.hashes.values():
                running.update(piece)

    def truncate(self, size: int) -> None:
        """Forgets what lies beyond `size`; only of content that is kept."""
        if self.keep:
            del self.kept[size:]
            self.size = size

    def digest(self, algorithm: str) -> str:
        """Returns the digest of what came so far."""
        if self.keep:
            return digest_of(self.kept, algorithm)
        return f"{algorithm}:{self.hashes[algorithm].hexdigest()}"

    def blob(self) -> Blob:
        """Returns it as it is to be stored."""
        return Blob(self.size, bytes(self.kept) if self.keep else None)
