"""The fault: the service has no `/health`, and answers 404 there."""

from shop.routing import Handler, Routes

_add = Routes.add


def _add_others(self: Routes, method: str, pattern: str, handler: Handler) -> None:
    if pattern != "/health":
        _add(self, method, pattern, handler)


Routes.add = _add_others  # type: ignore[method-assign]
