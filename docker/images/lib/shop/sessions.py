"""Session tokens: `payload.signature`, both base64url; the payload is JSON `{"user", "expires"}`."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

_PURPOSE = b"shop session v1\n"


class ForgedTokenError(Exception):
    """A token that was not issued with this key."""


class ExpiredSessionError(Exception):
    """A genuine token whose time is over."""


class Session(NamedTuple):
    """An issued token; `expires` is in seconds since the epoch."""

    token: str
    expires: int


@dataclass(frozen=True, repr=False)
class Sessions:
    """Issues and checks tokens that are good for `seconds`."""

    key: bytes
    seconds: int
    clock: Callable[[], float] = time.time

    def issue(self, user: str, seconds: int | None = None) -> Session:
        """Returns a session of `user`; one may ask for fewer `seconds` than the setting, never for more."""
        lifetime = self.seconds if seconds is None else min(seconds, self.seconds)
        expires = int(self.clock()) + lifetime
        payload = _encode(json.dumps({"user": user, "expires": expires}).encode())
        return Session(f"{payload}.{self._signature(payload)}", expires)

    def user_of(self, token: str) -> str:
        """Returns whose session `token` is.

        Raises:
            ForgedTokenError: the signature does not fit.
            ExpiredSessionError: it fits, but the time is over.
        """
        payload, _, signature = token.partition(".")
        if not hmac.compare_digest(self._signature(payload).encode(), signature.encode()):
            raise ForgedTokenError
        claims = json.loads(_decode(payload))
        if self.clock() >= claims["expires"]:
            raise ExpiredSessionError
        return str(claims["user"])

    def _signature(self, payload: str) -> str:
        return _encode(hmac.new(self.key, _PURPOSE + payload.encode(), hashlib.sha256).digest())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
