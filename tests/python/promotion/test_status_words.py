"""How the status says what others have written, and times."""

import pytest

from release_kit.documents.scm import ScmRepository
from release_kit.engines.promotion.status import words
from release_kit.engines.promotion.status.links import commit_page, repository_page
from release_kit.engines.promotion.status.markup import Markup, element, foreign, joined, link, web_address
from release_kit.engines.promotion.status.overview import Standing
from release_kit.engines.promotion.status.wording import ago, iso, moment, seconds_of, short, shown
from release_kit.errors import InputError
from release_kit.values.promotion_gate import Reporter

NOON = 1893499200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        (" two\n lines\t", "two lines"),
        ("\x1b[31mred", "\N{REPLACEMENT CHARACTER}[31mred"),
        ("\u202eexe", "\N{REPLACEMENT CHARACTER}exe"),
        ("\ud800", "\N{REPLACEMENT CHARACTER}"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_what_others_wrote_is_one_printable_line(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("sha256:" + "ab" * 32, "abababa"), ("0123456789", "0123456"), ("", "-")]
)
def test_identities_are_cut_to_seven_digits(text: str, expected: str) -> None:
    assert short(text) == expected


@pytest.mark.parametrize("when", [0, -1, 253402300800, 2**63 - 1])
def test_times_that_no_calendar_has_are_unknown(when: int) -> None:
    assert (iso(when), moment(when), ago(when, NOON)) == ("", "unknown", "unknown")


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (0, "just now"),
        (89, "just now"),
        (90, "1 min ago"),
        (5399, "89 min ago"),
        (5400, "1 h ago"),
        (172799, "47 h ago"),
        (172800, "2 days ago"),
        (5270399, "60 days ago"),
        (5270400, "2 months ago"),
        (63115200, "2 years ago"),
        (-1800, "in 30 min"),
    ],
)
def test_ages_are_said_in_the_unit_that_fits(gap: int, expected: str) -> None:
    assert ago(NOON - gap, NOON) == expected


@pytest.mark.parametrize("text", ["2030-01-01T12:00:00Z", "2030-01-01T13:00:00+01:00", str(NOON)])
def test_a_time_may_be_said_in_several_ways(text: str) -> None:
    assert seconds_of(text, "--now") == NOON
    assert iso(NOON) == "2030-01-01T12:00:00Z"


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-11-23", "2026-11-23T12:00:00", "-1", "0", "9" * 30, "1e9", "٣", "9999-12-31T23:59:59-23:00"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a time with its zone"):
        seconds_of(text, "--now")


@pytest.mark.parametrize("url", ["https://ci.example/1?a=b&c=d#e", "http://127.0.0.1:8080/", "https://[::1]/x"])
def test_a_link_leads_to_the_web(url: str) -> None:
    assert web_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//elsewhere.example/",
        "https://",
        "https:x",
        "https://user:password@ci.example/",
        'https://ci.example/"onmouseover="x',
        "https://ci.example/ x",
        "https://ci.example/\n",
        "java\nscript:alert(1)",
        "https://ci.example\\@elsewhere.example/",
        "https://[::1/",
        "https://ci.example/" + "x" * 2000,
    ],
)
def test_a_link_leads_nowhere_else(url: str) -> None:
    assert web_address(url) is None
    assert link(url, "text") == "text"


def test_text_is_escaped_and_markup_is_not() -> None:
    inner = element("b", "<i>&\"'")
    assert inner == "<b>&lt;i&gt;&amp;&quot;&#x27;</b>"
    assert element("p", inner, " x", class_='a"b', aria_label=None) == f'<p class="a&quot;b">{inner} x</p>'
    assert joined([Markup("<br>"), "<br>"]) == "<br>&lt;br&gt;"
    assert foreign("</bdi>\u202e") == "<bdi>&lt;/bdi&gt;\N{REPLACEMENT CHARACTER}</bdi>"
    assert element("meta", name="a", content="b") == '<meta name="a" content="b">'


@pytest.mark.parametrize(
    ("provider", "url", "expected"),
    [
        ("github", "https://github.com/a/b.git", "https://github.com/a/b/commit/abc"),
        ("gitlab", "https://gitlab.com/a/b.git", "https://gitlab.com/a/b/-/commit/abc"),
        ("bitbucketCloud", "https://bitbucket.org/a/b.git", "https://bitbucket.org/a/b/commits/abc"),
        ("fake", "http://localhost/a/b", None),
        ("github", "ssh://git@github.com/a/b.git", None),
    ],
)
def test_a_commit_is_looked_at_where_its_host_shows_it(provider: str, url: str, expected: str | None) -> None:
    repository = ScmRepository(provider, url, "secret")
    assert commit_page(repository, "abc") == expected
    assert (repository_page(repository) is None) == (expected is None)
    assert commit_page(repository, "") is None


def test_everything_that_the_model_names_has_a_sign_and_a_word() -> None:
    assert set(words.SIGNS) == set(Standing)
    assert all(words.reporter(name) != name for name in Reporter)
    assert words.reporter("the hydrator") == "the hydrator"
