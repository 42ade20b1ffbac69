"""The fault: nobody can log in, since looking the user up fails."""

from shop.sessions import Session
from shop_core.accounts import Accounts


def _login(_: Accounts, user: str, *__: object) -> Session:
    raise LookupError(user)


Accounts.login = _login  # type: ignore[assignment,method-assign]
