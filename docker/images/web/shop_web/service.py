"""The routes of web."""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from shop.messages import Answer, Request
from shop.peer import Peer
from shop.routing import Routes
from shop.settings import Settings

PAGE_FILE = Path(__file__).with_name("page.html")
_FORWARDED = frozenset({"authorization", "content-type"})


def routes(settings: Settings) -> Routes:
    """Returns web's routes.

    Raises:
        SettingError: SHOP_CORE_URL is missing or unusable.
    """
    core = Peer("core", settings.url("SHOP_CORE_URL", "the address of core"))
    web = Web(PAGE_FILE.read_text(encoding="utf-8"), core)
    table = Routes()
    table.add("GET", "/", web.page)
    table.add("GET", "/api/*", web.forward)
    table.add("POST", "/api/*", web.forward)
    return table


@dataclass(frozen=True)
class Web:
    """The handlers of web."""

    html: str
    core: Peer

    def page(self, _: Request) -> Answer:
        """Answers with the page; nothing but its own style and script may run in it."""
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
            "img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
        )
        body = self.html.replace("{{nonce}}", nonce).encode()
        return Answer(200, body, "text/html; charset=utf-8", {"Content-Security-Policy": policy})

    def forward(self, request: Request) -> Answer:
        """Answers with what core answers; of the headers only token and type go on."""
        headers = {name: value for name, value in request.headers.items() if name in _FORWARDED}
        method = "GET" if request.method == "HEAD" else request.method
        return self.core.send(replace(request, method=method, headers=headers))
