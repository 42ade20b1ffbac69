"""Which tags a release set gets: the table of docs/tag-policy.md, and what is refused."""

import pytest

from release_kit.errors import InputError
from release_kit.values.stamp import Stamp, parse
from release_kit.values.tags import TagPolicy, digest_tag, release_tags, unstamped_tags

COMMIT = "0123456789abcdef0123456789abcdef01234567"
DEFAULT = TagPolicy(("sha-{{STABLE_COMMIT_SHA}}", "v{{STABLE_VERSION}}"), ("latest",), "sha-")


def stamp(version: str = "1.2.3", dirty: str = "false", **more: str) -> Stamp:
    return Stamp({"STABLE_VERSION": version, "STABLE_COMMIT_SHA": COMMIT, "STABLE_DIRTY": dirty, **more})


@pytest.mark.parametrize(
    ("version", "dirty", "immutable", "moving"),
    [
        ("1.2.3", "false", (f"sha-{COMMIT}", "v1.2.3"), ("latest",)),
        ("1.2.3-rc.1", "false", (f"sha-{COMMIT}", "v1.2.3-rc.1"), ()),
        ("dev", "false", (f"sha-{COMMIT}",), ()),
        ("1.2.3", "true", (), ()),
        ("1.2.3-rc.1", "true", (), ()),
        ("dev", "true", (), ()),
        ("0.0.1", "", (f"sha-{COMMIT}", "v0.0.1"), ("latest",)),
    ],
)
def test_version_and_dirtiness_alone_decide(
    version: str, dirty: str, immutable: tuple[str, ...], moving: tuple[str, ...]
) -> None:
    tags = release_tags(DEFAULT, stamp(version, dirty))
    assert (tags.immutable, tags.moving) == (immutable, moving)


@pytest.mark.parametrize(
    ("version", "dirty", "words"),
    [
        ("1.2.3", "false", ""),
        ("1.2.3-rc.1", "false", "pre-release"),
        ("dev", "false", "carries the tag v<VERSION>"),
        ("1.2.3", "true", "commit or stash"),
    ],
)
def test_what_is_withheld_is_explained_in_one_line(version: str, dirty: str, words: str) -> None:
    withheld = release_tags(DEFAULT, stamp(version, dirty)).withheld
    assert bool(withheld) == bool(words)
    assert words in withheld
    assert "\n" not in withheld


@pytest.mark.parametrize("place", ["immutable", "moving"])
def test_aliases_move_whichever_list_names_them(place: str) -> None:
    aliases = ("v{{STABLE_VERSION_MAJOR}}", "v{{STABLE_VERSION_MAJOR}}.{{STABLE_VERSION_MINOR}}")
    policy = TagPolicy(**{"immutable": ("v{{STABLE_VERSION}}",), place: aliases})  # type: ignore[arg-type]
    keys = {"STABLE_VERSION_MAJOR": "1", "STABLE_VERSION_MINOR": "2"}
    released = release_tags(policy, stamp("1.2.3", **keys))
    assert set(released.moving) == {"v1", "v1.2"}
    assert released.immutable == (() if place == "immutable" else ("v1.2.3",))
    preview = release_tags(policy, stamp("1.2.3-rc.1", **keys))
    assert preview.moving == ()
    assert not {"v1", "v1.2"} & set(preview.immutable)


def test_a_missing_key_names_the_template_and_the_script_to_write() -> None:
    with pytest.raises(InputError) as caught:
        release_tags(DEFAULT, Stamp({"STABLE_COMMIT_SHA": COMMIT}))
    assert "'v{{STABLE_VERSION}}': the status file has no STABLE_VERSION" in caught.value.message
    assert "workspace_status.sh" in caught.value.remedy


@pytest.mark.parametrize("version", ["dev", "1.2.3-rc.1"])
def test_a_faulty_template_shows_before_release_day(version: str) -> None:
    policy = TagPolicy(("v{{STABLE_VERSION}}",), ("{{NO_SUCH_KEY}}",))
    with pytest.raises(InputError, match="NO_SUCH_KEY"):
        release_tags(policy, stamp(version))


@pytest.mark.parametrize(
    ("template", "value", "fault"),
    [
        ("x{{KEY}}", "y" * 128, "129 characters long"),
        ("{{KEY}}", "", "is empty"),
        ("{{KEY}}", "a b", "may have letters"),
        ("{{KEY}}", "a/b", "may have letters"),
        ("{{KEY}}", "1.0.0+build", "may have letters"),
        ("-{{KEY}}", "x", "must not begin"),
        (".{{KEY}}", "x", "must not begin"),
        ("{{KEY}}", "größe", "may have letters"),
        ("{{ not closed", "x", "may have letters"),
    ],
)
def test_an_illegal_tag_names_template_and_value(template: str, value: str, fault: str) -> None:
    with pytest.raises(InputError) as caught:
        release_tags(TagPolicy((template,)), stamp(KEY=value))
    assert repr(template) in caught.value.message
    assert fault in caught.value.message


def test_a_tag_of_128_characters_is_legal() -> None:
    assert release_tags(TagPolicy(("{{KEY}}",)), stamp(KEY="y" * 128)).immutable == ("y" * 128,)


@pytest.mark.parametrize(
    "version", ["v1.2.3", "1.2", "01.2.3", "1.2.3-", "1.2.3-01", "latest", "1.2.3\u0661", "9" * 5000 + ".0.0"]
)
def test_a_version_that_is_none_is_refused(version: str) -> None:
    with pytest.raises(InputError, match=r"STABLE_VERSION: expected a version such as 1\.2\.3"):
        release_tags(DEFAULT, stamp(version))


def test_an_unknown_dirtiness_is_refused() -> None:
    with pytest.raises(InputError, match="STABLE_DIRTY: expected true or false, found 'maybe'"):
        release_tags(DEFAULT, stamp(dirty="maybe"))


def test_an_unstamped_build_gets_constants_only() -> None:
    assert unstamped_tags(TagPolicy(("fixed", "v{{STABLE_VERSION}}"), ("latest",))).immutable == ("fixed",)
    assert unstamped_tags(DEFAULT).moving == ()


def test_an_unstamped_build_shows_a_faulty_template_too() -> None:
    with pytest.raises(InputError, match="tag template 'by me' gives 'by me', which is no legal tag"):
        unstamped_tags(TagPolicy(("v{{STABLE_VERSION}}", "by me")))


def test_aliases_are_in_the_order_of_their_templates() -> None:
    templates = tuple("v" * count + "{{STABLE_VERSION_MAJOR}}" for count in range(1, 9))
    released = release_tags(TagPolicy(templates), stamp("1.2.3", STABLE_VERSION_MAJOR="1"))
    assert released.moving == tuple("v" * count + "1" for count in range(1, 9))


def test_the_digest_tag_has_as_many_digits_as_asked() -> None:
    digest = "sha256:" + "ab" * 32
    assert digest_tag(TagPolicy(digest_prefix="d-", short_length=7), digest) == ("d-abababa",)
    assert digest_tag(TagPolicy(), digest) == ()


def test_an_illegal_digest_prefix_is_named() -> None:
    with pytest.raises(InputError, match="digest_prefix '@'"):
        digest_tag(TagPolicy(digest_prefix="@"), "sha256:" + "ab" * 32)


def test_equal_tags_are_one() -> None:
    tags = release_tags(TagPolicy(("a", "a"), ("b", "a", "b")), stamp())
    assert (tags.immutable, tags.moving) == (("a",), ("b",))


def test_a_status_file_is_read_line_by_line() -> None:
    assert parse("A 1\nB two words\nC\n\nD \n") == {"A": "1", "B": "two words", "C": "", "D": ""}


def test_only_a_line_feed_ends_a_line_of_a_status_file() -> None:
    subject = "a\u2028STABLE_VERSION 6.6.6\x0cSTABLE_VERSION 6.6.6\rSTABLE_VERSION 6.6.6"
    assert parse(f"SUBJECT {subject}\r\nA 1\r\n") == {"SUBJECT": subject, "A": "1"}
