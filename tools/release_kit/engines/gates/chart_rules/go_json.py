"""JSON as Go's encoder writes it: the digest of a lock file is taken of such a text."""

import json
import re
from typing import Any

_ESCAPED = re.compile("[<>&\u2028\u2029]")


def encode(value: Any) -> bytes:
    """Returns a value as Go writes it: no spaces, HTML's own characters escaped; mappings keep their order."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode("utf-8", "replace")


def in_order(value: Any) -> Any:
    """Returns a value with the keys of its mappings sorted, as Go has the mappings that it knows no type of."""
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    return [in_order(item) for item in value] if isinstance(value, list) else value


def cleaned(text: str) -> str:
    """Returns a text as Helm keeps it: any white space as a space, and nothing that can't be printed."""
    spaced = (" " if character.isspace() else character for character in text)
    return "".join(character for character in spaced if character.isprintable())
