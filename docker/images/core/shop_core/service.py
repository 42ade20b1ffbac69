"""The routes of core."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urlencode

from shop.messages import Answer, Request, bad_request, json_answer
from shop.peer import Peer
from shop.routing import Routes
from shop.sessions import Sessions
from shop.settings import Settings
from shop_core.accounts import Accounts

_PASSED_ON = frozenset({HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})


def routes(settings: Settings) -> Routes:
    """Returns core's routes.

    Raises:
        SettingError: SHOP_VERSION, SHOP_SESSION_KEY, SHOP_USERS, SHOP_DATASVC_URL or SHOP_SESSION_SECONDS is
            missing or unusable.
    """
    key = settings.secret("SHOP_SESSION_KEY", "the secret that signs session tokens", least=16)
    sessions = Sessions(key, settings.integer("SHOP_SESSION_SECONDS", 3600))
    accounts = Accounts(settings.users("SHOP_USERS"), sessions)
    version = settings.required("SHOP_VERSION", "the version that is deployed, such as 1.2.3")
    core = Core(accounts, Peer("datasvc", settings.url("SHOP_DATASVC_URL", "the address of datasvc")), version)
    table = Routes()
    table.add("GET", "/api/health", core.health)
    table.add("POST", "/api/login", core.login)
    table.add("GET", "/api/products", core.products)
    table.add("GET", "/api/products/{id}", core.product)
    table.add("GET", "/api/orders", core.orders)
    return table


@dataclass(frozen=True)
class Core:
    """The handlers of core."""

    accounts: Accounts
    datasvc: Peer
    version: str

    def health(self, _: Request) -> Answer:
        """Answers with the versions of core and datasvc, to anybody; 502 where datasvc is not healthy."""
        status, found = self._asked("/health")
        if status != HTTPStatus.OK or not isinstance(found, dict):
            raise self.datasvc.unavailable("is not healthy")
        datasvc = {"status": found.get("status"), "version": found.get("version")}
        return json_answer({"status": "ok", "service": "core", "version": self.version, "datasvc": datasvc})

    def login(self, request: Request) -> Answer:
        """Answers `{"user", "password", "seconds"?}` with `{"token", "expires"}`."""
        fields = request.json_object()
        user, password = _text(fields, "user"), _text(fields, "password")
        session = self.accounts.login(user, password, _seconds(fields))
        return json_answer({"token": session.token, "expires": session.expires})

    def products(self, request: Request) -> Answer:
        """Answers with the products that fit `q`, at most `limit`."""
        self.accounts.user_of(request)
        wanted = {key: value for key, value in request.query.items() if key in ("q", "limit")}
        return self._fetched(f"/products?{urlencode(wanted)}")

    def product(self, request: Request) -> Answer:
        """Answers with one product."""
        self.accounts.user_of(request)
        return self._fetched(f"/products/{quote(request.params['id'], safe='')}")

    def orders(self, request: Request) -> Answer:
        """Answers with the orders of the session's user, whatever the query says."""
        user = self.accounts.user_of(request)
        return self._fetched(f"/orders?{urlencode({'user': user})}")

    def _fetched(self, target: str) -> Answer:
        status, found = self._asked(target)
        return json_answer(found, status)

    def _asked(self, target: str) -> tuple[int, object]:
        """Returns status and JSON of what datasvc answers."""
        answer = self.datasvc.get(target)
        if answer.status not in _PASSED_ON:
            raise self.datasvc.unavailable(f"answers {answer.status}")
        try:
            return answer.status, json.loads(answer.body)
        except ValueError:
            raise self.datasvc.unavailable("does not answer in JSON") from None


def _text(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise bad_request(f"{name}: expected a non-empty string")
    return value


def _seconds(fields: dict[str, object]) -> int | None:
    value = fields.get("seconds")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise bad_request("seconds: expected a whole number, 0 or more")
    return value
