"""Addresses of pages that people and programs may look at."""

from urllib.parse import urlsplit


def is_web_address(text: str) -> bool:
    """Tells whether a text is an address of http or https, with a host and without a user or password."""
    try:
        parts = urlsplit(text)
        legal = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        return legal and " " not in text and text.isprintable()
    except ValueError:
        return False
