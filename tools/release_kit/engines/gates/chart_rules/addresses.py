"""Whether a text can be an e-mail address or a URL, as `helm lint` sees it."""

import re

_ATOM = r"[^\s@\"(),:;<>\[\\\].]+"
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[^\W\d_](?:[\w-]*[^\W\d_])?\.?")
_REST = r"[^\s\x00-\x1f\x7f]*"
_AUTHORITY = r"(?:[^\s/?#@]*@)?(?:\[[^\s\]]*\]|[^\s/?#:\[\]]*)(?::\d*)?"
_ABSOLUTE = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:(?://{_AUTHORITY}(?:[/?#]{_REST})?|(?!//){_REST})")
_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[^\W_][\w-]*(?:\.[\w-]+)*)"
_WEB = re.compile(rf"(?:(?:ftp|tcp|udp|wss?|https?)://|(?=[^/?#]*\.))(?:[^\s@/]+@)?{_HOST}(?::\d{{1,5}})?(?:[/?#]\S*)?")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MIN_WEB_LENGTH = 4
_MAX_LENGTH = 2048


def is_email(text: str) -> bool:
    """Tells whether it is a mailbox at a domain with a dot."""
    return len(text) <= _MAX_LENGTH and _EMAIL.fullmatch(text) is not None


def is_absolute_url(text: str) -> bool:
    """Tells whether it has a scheme, and no space or broken escape."""
    return len(text) <= _MAX_LENGTH and _ABSOLUTE.fullmatch(text) is not None and not _BAD_ESCAPE.search(text)


def is_web_address(text: str) -> bool:
    """Tells whether it is a URL, or a host with a dot in it and maybe a path."""
    fits = _MIN_WEB_LENGTH <= len(text) <= _MAX_LENGTH
    return fits and _WEB.fullmatch(text) is not None and not _BAD_ESCAPE.search(text)
