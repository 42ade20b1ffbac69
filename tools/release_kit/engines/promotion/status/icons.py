"""The page's signs: drawn, so that they look the same with any font; each stands beside a word that says the same."""

from release_kit.engines.promotion.status.markup import Markup, element

_DISC = "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Z"
_RING = "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6a5.4 5.4 0 1 1 0 10.8A5.4 5.4 0 0 1 8 2.6Z"
_PATHS = {
    "good": f"{_DISC}m3.6 5.1-4.2 5a.8.8 0 0 1-1.2 0L4.4 9.2a.8.8 0 0 1 1.2-1.1l1.2 1.3 3.6-4.3a.8.8 0 0 1 1.2 1Z",
    "wait": f"{_RING}m-.8 1.9v3.9l2.9 1.8.8-1.3-2.1-1.3V4.5H7.2Z",
    "bad": "M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1L5.1 1Z"
    "m.9 3.9L4.9 6l2 2-2 2L6 11.1l2-2 2 2 1.1-1.1-2-2 2-2L10 4.9l-2 2-2-2Z",
    "hand": "M8 1.2a3.1 3.1 0 1 1 0 6.2 3.1 3.1 0 0 1 0-6.2Z"
    "M8 8.7c3.6 0 6 2 6 4.7 0 .8-.5 1.4-1.3 1.4H3.3c-.8 0-1.3-.6-1.3-1.4 0-2.7 2.4-4.7 6-4.7Z",
    "back": "M6.3 2 2 6.1l4.3 4.1V7.4h2.9a2.4 2.4 0 0 1 0 4.9H5.4v1.7h3.8a4.1 4.1 0 0 0 0-8.3H6.3V2Z",
    "go": f"{_DISC}m-.9 3.5L10.9 8l-3.8 3.5-1.1-1.2L8.5 8 6 5.7l1.1-1.2Z",
    "idle": f"{_RING}M5 7.2h6v1.6H5V7.2Z",
}
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath fill='%231b6e3f' d='M1 3h4v10H1zM6 5h4v8H6zM11 8h4v5h-4z'/%3E%3C/svg%3E"
)
"""What a browser shows beside the page's title; without one it would ask the server."""


def drawings() -> Markup:
    """Returns all signs, for `sign` to refer to."""
    symbols = (
        element("symbol", element("path", d=path), id=f"sign-{name}", viewBox="0 0 16 16")
        for name, path in _PATHS.items()
    )
    return element("svg", *symbols, class_="drawings", aria_hidden="true", focusable="false")


def sign(name: str) -> Markup:
    """Returns one sign."""
    return element("svg", element("use", href=f"#sign-{name}"), class_=f"sign {name}", aria_hidden="true")
