"""Secrets are taken out of text, in whatever form they are in it."""

import base64
import json
import re
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_kit.values.redaction import MASK, PIECE, Redaction
from tests.support.secret_search import found, secret

PLAIN = secret("of a user/ü+%")
FORMS = {
    "plain": PLAIN,
    "quoted": quote(PLAIN),
    "wholly quoted": quote(PLAIN, safe=""),
    "quoted in lower case": re.sub("%..", lambda found: found[0].lower(), quote(PLAIN, safe="")),
    "form": urlencode({"p": PLAIN}),
    "json": json.dumps(PLAIN),
    "repr": repr(PLAIN),
    "ascii": ascii(PLAIN),
    "hex": PLAIN.encode().hex(),
    "upper hex": PLAIN.encode().hex().upper(),
    "base64": base64.b64encode(PLAIN.encode()).decode(),
    "base64 of user and password": base64.b64encode(f"u:{PLAIN}".encode()).decode(),
    "base64 in another place": base64.b64encode(f"us:{PLAIN} and more".encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(f"x{PLAIN}".encode()).decode(),
    "beginning of it": PLAIN[: PIECE + 1],
    "end of it": PLAIN[-PIECE - 1 :],
    "cut": f"{PLAIN[:12]}...{PLAIN[-9:]}",
    "over two lines": f"{PLAIN[:10]}\n{PLAIN[10:]}",
}


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_secret_is_told(form: str) -> None:
    told = Redaction([PLAIN]).text(f"before {FORMS[form]} after")
    assert MASK in told
    assert found(told) == ""
    assert FORMS[form][3:11] not in told


@pytest.mark.parametrize("form", ["plain", "wholly quoted", "quoted in lower case", "json", "ascii", "hex", "base64"])
def test_no_form_of_a_secret_is_in_a_name(form: str) -> None:
    told = Redaction([PLAIN]).name(f"test_shop.py::test_login[{FORMS[form]}]")
    assert told.startswith("test_shop.py::test_login[")
    assert found(told) == ""


def test_the_rest_of_a_text_stays_as_it_is() -> None:
    redaction = Redaction([PLAIN, ""])
    assert redaction.text(f"a {PLAIN} b\n\n  c {PLAIN}{PLAIN} d") == f"a {MASK} b\n\n  c {MASK} d"
    assert redaction.text("nothing of it") == "nothing of it"
    assert Redaction([]).text("a\nb") == "a\nb"


def test_a_name_is_not_masked_for_a_piece_of_a_secret() -> None:
    assert Redaction(["test_login_password"]).name("test_login.py::test_login") == "test_login.py::test_login"


@pytest.mark.parametrize("short", ["x", "ab", "1234567"])
def test_a_short_secret_is_taken_out_too(short: str) -> None:
    assert short not in Redaction([short]).text(f"<{short}>")


def test_control_characters_are_shown_and_do_nothing() -> None:
    told = Redaction([]).text("a\x1b[2Jb\x00c\u202ed\re\n\tf")
    assert told.replace("\n", "").isprintable()
    assert r"\x1b[2J" in told


def test_a_secret_with_control_characters_is_found_before_they_are_escaped() -> None:
    hidden = secret("a\x1b\nb") + "-and-more"
    assert found(Redaction([hidden]).text(f"say {hidden}, or {hidden!r}, or {json.dumps(hidden)}")) == ""


def test_the_representation_tells_nothing() -> None:
    assert found(repr(Redaction([PLAIN]))) == ""


LETTERS = st.characters(codec="latin-1", categories=("L", "N", "P"), exclude_characters="*")


@given(st.text(LETTERS, min_size=PIECE, max_size=30), st.text(LETTERS, max_size=20), st.text(LETTERS, max_size=20))
def test_whatever_a_secret_is_it_is_not_told(hidden: str, before: str, after: str) -> None:
    assert hidden not in Redaction([hidden]).text(before + hidden + after)
    assert hidden not in Redaction([hidden]).name(before + hidden + after)
