"""Session tokens: only what was issued with the key counts, and only until it expires."""

from dataclasses import dataclass

import pytest

from shop.sessions import ExpiredSessionError, ForgedTokenError, Sessions

NOW = 1_700_000_000


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = NOW

    def __call__(self) -> float:
        """Tells the time."""
        return self.now


def sessions(clock: Clock | None = None, key: bytes = b"k" * 32) -> Sessions:
    return Sessions(key, 60, clock or Clock())


def test_issued_token_names_its_user_and_end() -> None:
    session = sessions().issue("démo")
    assert session.expires == NOW + 60
    assert sessions().user_of(session.token) == "démo"


@pytest.mark.parametrize("late", [60, 60.5, 10_000])
def test_session_is_refused_from_its_end_on(late: float) -> None:
    clock = Clock()
    token = sessions(clock).issue("demo").token
    clock.now = NOW + late
    with pytest.raises(ExpiredSessionError):
        sessions(clock).user_of(token)


def test_session_is_good_until_just_before_its_end() -> None:
    clock = Clock()
    token = sessions(clock).issue("demo").token
    clock.now = NOW + 59.9
    assert sessions(clock).user_of(token) == "demo"


@pytest.mark.parametrize(("asked", "given"), [(10, 10), (0, 0), (61, 60), (None, 60)])
def test_session_may_be_asked_shorter_but_not_longer(asked: int | None, given: int) -> None:
    assert sessions().issue("demo", asked).expires == NOW + given


def test_token_of_another_key_is_forged() -> None:
    with pytest.raises(ForgedTokenError):
        sessions().user_of(sessions(key=b"o" * 32).issue("demo").token)


def test_every_changed_character_makes_a_token_forged() -> None:
    token = sessions().issue("demo").token
    for place, found in enumerate(token):
        changed = token[:place] + ("A" if found != "A" else "B") + token[place + 1 :]
        with pytest.raises(ForgedTokenError):
            sessions().user_of(changed)


@pytest.mark.parametrize("token", ["", ".", "a.b", "a.b.c", "ÿ.ÿ", "e30", "e30.", "." * 5000])
def test_rubbish_is_forged(token: str) -> None:
    with pytest.raises(ForgedTokenError):
        sessions().user_of(token)


def test_expired_and_forged_token_is_forged() -> None:
    token = sessions(Clock(0)).issue("demo").token
    with pytest.raises(ForgedTokenError):
        sessions().user_of(token + "A")


def test_key_is_not_in_what_python_prints() -> None:
    assert "kkkk" not in repr(sessions())
