"""HTML that can't be broken by what is put into it: all text is escaped but that which was made here."""

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from release_kit.engines.promotion.status.wording import printable, shown

_VOID = frozenset({"link", "meta"})
_MAX_URL = 2000


class Markup(str):
    """A text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *content: str, **attributes: str | None) -> Markup:
    """Returns an element.

    Args:
        name: such as `td`.
        *content: what it holds, in order; what is no Markup is text.
        **attributes: `class_` is `class`, `aria_label` is `aria-label`; None leaves an attribute out.
    """
    texts = (
        f' {key.rstrip("_").replace("_", "-")}="{escape(printable(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    start = f"<{name}{''.join(texts)}>"
    return Markup(start if name in _VOID else f"{start}{joined(content)}</{name}>")


def joined(parts: Iterable[str], between: str = "") -> Markup:
    """Returns parts one after the other; what is no Markup is text."""
    return Markup(between.join(part if isinstance(part, Markup) else escape(printable(part)) for part in parts))


def foreign(text: str, limit: int = 300) -> Markup:
    """Returns what others wrote, so that its direction of writing turns nothing around it."""
    return element("bdi", shown(text, limit))


def web_address(url: str) -> str | None:
    """Returns an address that a link may lead to; None for one that is not http or https, or that has a password."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.username or parts.password)
    except ValueError:
        return None
    legal = url.isprintable() and not set(url) & set(" \\<>\"'`") and len(url) <= _MAX_URL
    return url if fine and legal else None


def link(url: str | None, content: str) -> Markup:
    """Returns a link; the content alone where the address is none that a page may lead to."""
    address = web_address(url or "")
    return element("a", content, href=address, rel="noopener noreferrer") if address else joined([content])
