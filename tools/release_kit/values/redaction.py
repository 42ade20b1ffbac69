"""Takes secrets out of text that somebody else wrote, in the forms in which they usually get there."""

import base64
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

MASK = "***"
PIECE = 8
"""So many letters of a secret in a row are taken for a part of it, such as one that was cut off."""


class Redaction:
    """Knows the secrets; made once, used for every text."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Works out the forms of each secret: plain, quoted as JSON, Python and addresses do, in hex and base64."""
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        self._forms = tuple(sorted(forms, key=lambda form: (-len(form), form)))
        self._pieces = frozenset(form[i : i + PIECE] for form in forms for i in range(len(form) - PIECE + 1))

    def __repr__(self) -> str:
        """Returns how many forms it knows, and none of them."""
        return f"Redaction({len(self._forms)} forms)"

    def name(self, text: str) -> str:
        """Returns a name without the secrets that are in it as a whole, printable."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)

    def text(self, text: str) -> str:
        """Returns a text of several lines without the secrets and larger pieces of them; its lines are printable."""
        lines = self._without_pieces(text).splitlines()
        return "\n".join(self.name(line) for line in lines)

    def _without_pieces(self, text: str) -> str:
        if not self._pieces:
            return text
        found = [i for i in range(len(text) - PIECE + 1) if text[i : i + PIECE] in self._pieces]
        parts: list[str] = []
        end = 0
        for i in found:
            if i > end or not parts:
                parts += [text[end:i], MASK]
            end = i + PIECE
        return "".join([*parts, text[end:]])


def _forms(secret: str) -> Iterator[str]:
    content = secret.encode(errors="surrogatepass")
    yield from (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (repr(secret)[1:-1], ascii(secret)[1:-1])
    for quoted in (quote(content, safe=""), quote(content), quote_plus(content)):
        yield from (quoted, _in_lower_case(quoted))
    yield from (content.hex(), content.hex().upper())
    for offset in range(3):
        yield from _base64(content, offset)


def _in_lower_case(quoted: str) -> str:
    """Returns a quoted text with its hexadecimal digits in lower case, as some quote it."""
    first, *rest = quoted.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


def _base64(content: bytes, offset: int) -> Iterator[str]:
    """Yields what is in the base64 of any text that has the content in it, `offset` bytes after a multiple of three."""
    whole = base64.b64encode(b"\0" * offset + content).decode()
    first, last = -(-offset * 8 // 6), (offset + len(content)) * 8 // 6
    if last - first >= PIECE // 2:
        yield from (whole[first:last], whole[first:last].replace("+", "-").replace("/", "_"))
