"""Who may log in, and whose request this is."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from shop.messages import RefusedError, Request
from shop.sessions import ExpiredSessionError, ForgedTokenError, Session, Sessions


@dataclass(frozen=True, repr=False)
class Accounts:
    """The users with their passwords, and the sessions they were given."""

    users: Mapping[str, str]
    sessions: Sessions

    def login(self, user: str, password: str, seconds: int | None = None) -> Session:
        """Returns a new session.

        Raises:
            RefusedError: 401 `wrong_credentials`; it does not tell whether the user exists.
        """
        known = self.users.get(user, "")
        # Compared for unknown users too, so that the time taken tells nothing.
        same = hmac.compare_digest(_bytes(known), _bytes(password))
        if not (same and known):
            raise _unauthorized("wrong_credentials", "user or password is wrong")
        return self.sessions.issue(user, seconds)

    def user_of(self, request: Request) -> str:
        """Returns who sends `request`.

        Raises:
            RefusedError: 401 `missing_token`, `invalid_token` or `session_expired`.
        """
        try:
            user = self.sessions.user_of(_token(request))
        except ForgedTokenError:
            raise _unauthorized("invalid_token", "the token was not issued here") from None
        except ExpiredSessionError:
            raise _unauthorized("session_expired", "the session has expired: log in again") from None
        if user not in self.users:
            raise _unauthorized("invalid_token", "the token's user is gone")
        return user


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorized("missing_token", "expected the header Authorization: Bearer TOKEN")
    return token.strip()


def _bytes(text: str) -> bytes:
    # JSON can spell a lone surrogate, which is no UTF-8.
    return text.encode(errors="surrogatepass")


def _unauthorized(code: str, message: str) -> RefusedError:
    return RefusedError(HTTPStatus.UNAUTHORIZED, code, message, {"WWW-Authenticate": 'Bearer realm="shop"'})
