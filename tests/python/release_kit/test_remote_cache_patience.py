"""How long a push waits for a remote cache: no longer than patience says, and as long as the cache asks for."""

import socket
from collections.abc import Iterator

import pytest

from release_kit.adapters.registry import urls
from release_kit.adapters.registry.messages import Times
from release_kit.adapters.registry.patience import Patience
from release_kit.adapters.remote_cache import http
from release_kit.errors import ReleaseError
from release_kit.values.image import Blob
from tests.support.http_cache import HttpCache

BLOB = Blob(f"sha256:{'a' * 64}", 7, None, remote=True)
TRIES = 6


@pytest.fixture(name="cache")
def cache_fixture() -> Iterator[HttpCache]:
    with HttpCache() as cache:
        cache.answer = lambda *_: 503
        yield cache


def refused(address: str, patience: Patience) -> tuple[str, list[float]]:
    """Asks for a blob in vain; returns the error, and how long was waited between the attempts."""
    slept: list[float] = []
    base = urls.parse(address)
    assert base is not None
    asked = http.HttpCache(base._replace(target=""), patience=patience._replace(sleep=slept.append))
    try:
        with pytest.raises(ReleaseError) as caught:
            asked.has(BLOB)
        return caught.value.message, slept
    finally:
        asked.close()


def test_a_busy_cache_is_given_up_after_some_attempts(cache: HttpCache) -> None:
    message, slept = refused(cache.url, Patience())
    assert "answered 503" in message
    assert (len(cache.seen), len(slept)) == (TRIES, TRIES - 1)


def test_no_attempt_is_begun_when_all_patience_is_spent(cache: HttpCache) -> None:
    message, slept = refused(cache.url, Patience(total=0.0))
    assert "answered 503" in message
    assert (len(cache.seen), slept) == (1, [])


def test_a_cache_that_says_nothing_is_not_asked_again_when_all_patience_is_spent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        message, slept = refused(address, Patience(total=0.1, times=Times(idle=0.2)))
    assert message.startswith("the remote cache ")
    assert slept == []


@pytest.mark.parametrize(
    ("asked", "total", "waits", "message"),
    [
        ("20", 75.0, [20.0] * (TRIES - 1), "answered 503"),
        ("50", 49.0, [], "answered 503"),
        ("600", 75.0, [], "asks to come back after 600 s (Retry-After)"),
    ],
    ids=["bearable", "more than is left", "unbearable"],
)
def test_a_cache_that_asks_for_time_gets_it_if_there_is_so_much(
    cache: HttpCache, asked: str, total: float, waits: list[float], message: str
) -> None:
    cache.retry_after = asked
    said, slept = refused(cache.url, Patience(total=total))
    assert message in said
    assert slept == waits
