"""Which tags a release set gets, for any policy and any stamp: docs/tag-policy.md as claims."""

import string
from itertools import chain, product
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_kit.errors import InputError
from release_kit.values.stamp import Stamp
from release_kit.values.tags import SHORT_LENGTHS, TagPolicy, digest_tag, release_tags, unstamped_tags

CLAIM = settings(max_examples=100, deadline=None, derandomize=True, database=None)
LEADING = frozenset(string.ascii_letters + string.digits + "_")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Piece(NamedTuple):
    """A piece of a template: literal text, or a placeholder as it is written."""

    text: str
    key: str = ""


class Template(NamedTuple):
    """A template as a user writes it, and what the claims need to know of it."""

    text: str
    pieces: tuple[Piece, ...]

    def expanded(self, stamp: Stamp) -> str:
        """What it stands for."""
        return "".join(stamp.values[piece.key] if piece.key else piece.text for piece in self.pieces)

    def missing(self, stamp: Stamp) -> list[str]:
        """The keys that the stamp lacks."""
        return [piece.key for piece in self.pieces if piece.key and piece.key not in stamp.values]

    def is_faulty(self, stamp: Stamp) -> bool:
        return bool(self.missing(stamp)) or not is_legal(self.expanded(stamp))

    def has_key(self, prefix: str = "") -> bool:
        return any(piece.key and piece.key.startswith(prefix) for piece in self.pieces)

    def is_alias(self, stamp: Stamp) -> bool:
        major, minor, *_ = stamp.values["STABLE_VERSION"].split(".")
        return self.has_key("STABLE_VERSION") and self.expanded(stamp).lstrip("v") in (major, f"{major}.{minor}")


def is_legal(tag: str) -> bool:
    """OCI distribution-spec: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`."""
    return 0 < len(tag) <= 128 and tag[0] in LEADING and set(tag) <= LEADING | {".", "-"}


def literals(*texts: str) -> list[Piece]:
    return [Piece(text) for text in texts]


def placeholders(*keys: str, space: str = "") -> list[Piece]:
    return [Piece("{{" + space + key + space + "}}", key) for key in keys]


def templates(pieces: list[Piece], longest: int) -> list[Template]:
    """All templates of so many of these pieces."""
    sequences = chain.from_iterable(product(pieces, repeat=length) for length in range(1, longest + 1))
    return [Template("".join(piece.text for piece in each), each) for each in sequences]


STAMPED = placeholders("STABLE_VERSION", "STABLE_VERSION_MAJOR", "STABLE_COMMIT_SHA", "LOCAL")
ALIAS = (
    *literals("v"),
    *placeholders("STABLE_VERSION_MAJOR"),
    *literals("."),
    *placeholders("STABLE_VERSION_MINOR", space=" "),
)
ALIASES = [ALIAS[:2], ALIAS[1:2], ALIAS, ALIAS[1:]]
# An alias is as likely as all others: it is what the policy treats by itself.
SOUND = st.sampled_from(templates([*literals("v", "1", "latest"), *STAMPED], 2)) | st.sampled_from(
    [Template("".join(piece.text for piece in pieces), pieces) for pieces in ALIASES]
)
ODD = [
    *literals(".", "-", " ", "+", "/", "{{", "}}", "\u00e4", "\n", "x" * 127),
    *placeholders("NOT_THERE", "NOR_THIS", "STABLE_VERSION", space="\t "),
]
ANY = SOUND | st.sampled_from([Template("", ()), *templates([*literals("v", "1"), *STAMPED, *ODD], 3)])

_NUMBERS = st.sampled_from([1, 1, 0, 2, 12])
RELEASES = st.tuples(_NUMBERS, _NUMBERS, _NUMBERS).map(lambda numbers: "{}.{}.{}".format(*numbers))
PREVIEWS = st.builds("{}-{}".format, RELEASES, st.sampled_from(["rc.1", "0", "alpha-1.x", "-"]))
BUILDS = st.builds("{}+{}".format, RELEASES | PREVIEWS, st.sampled_from(["1", "build.5", "-", "0a"]))
VERSIONS = st.just("dev") | RELEASES | PREVIEWS
CLEAN, DIRTY = st.sampled_from(["", "false", "0", "No"]), st.sampled_from(["true", "1", "YES"])
ODD_VALUES = st.sampled_from(
    ["-x", "{{LOCAL}}", "{{STABLE_VERSION}}", "a b", "", "\u0661", "me\n", "x" * 129, "\x1b[2J"]
)


def stamp_of(version: str, dirty: str = "false", local: str = "me") -> Stamp:
    """The stamp that workspace_status.sh prints, and a key of the user's own."""
    major, minor = ("dev", "dev") if version == "dev" else version.split(".")[:2]
    values = {"STABLE_VERSION": version, "STABLE_VERSION_MAJOR": major, "STABLE_VERSION_MINOR": minor}
    return Stamp(values | {"STABLE_COMMIT_SHA": COMMIT, "STABLE_DIRTY": dirty, "LOCAL": local})


class Policy(NamedTuple):
    """A policy before it is written."""

    immutable: list[Template]
    moving: list[Template]

    @property
    def written(self) -> TagPolicy:
        """What the engine gets."""
        return TagPolicy(tuple(each.text for each in self.immutable), tuple(each.text for each in self.moving))


ANY_POLICIES = st.builds(Policy, st.lists(ANY, max_size=2), st.lists(ANY, max_size=2))
POLICIES = st.builds(Policy, st.lists(SOUND, max_size=4), st.lists(SOUND, max_size=3))


@given(ANY_POLICIES, st.builds(stamp_of, VERSIONS | BUILDS, CLEAN | DIRTY, st.just("me") | ODD_VALUES))
@CLAIM
def test_all_tags_are_legal_or_the_error_names_the_first_template_at_fault(policy: Policy, stamp: Stamp) -> None:
    faulty = [each for each in (*policy.immutable, *policy.moving) if each.is_faulty(stamp)]
    if not faulty:
        tags = release_tags(policy.written, stamp)
        assert all(is_legal(tag) for tag in (*tags.immutable, *tags.moving))
        return
    with pytest.raises(InputError) as caught:
        release_tags(policy.written, stamp)
    message, missing = caught.value.message, faulty[0].missing(stamp)
    assert message.startswith(f"tag template {faulty[0].text!r}")
    assert message.isprintable()
    assert message.endswith(f"has no {missing[0]}") if missing else repr(faulty[0].expanded(stamp))[:300] in message


@given(POLICIES, st.builds(stamp_of, RELEASES, CLEAN))
@CLAIM
def test_a_release_gets_every_tag_once_in_the_templates_order_and_aliases_move(policy: Policy, stamp: Stamp) -> None:
    aliases = [each for each in policy.immutable if each.is_alias(stamp)]
    fixed = list(dict.fromkeys(each.expanded(stamp) for each in policy.immutable if each not in aliases))
    moving = dict.fromkeys(each.expanded(stamp) for each in (*aliases, *policy.moving))
    tags = release_tags(policy.written, stamp)
    assert list(tags.immutable) == fixed
    assert list(tags.moving) == [tag for tag in moving if tag not in fixed]
    assert tags.withheld == ""


@given(POLICIES, st.builds(stamp_of, PREVIEWS, CLEAN))
@CLAIM
def test_a_pre_release_gets_all_immutable_tags_but_aliases_and_moves_nothing(policy: Policy, stamp: Stamp) -> None:
    tags = release_tags(policy.written, stamp)
    expected = dict.fromkeys(each.expanded(stamp) for each in policy.immutable if not each.is_alias(stamp))
    assert (tags.immutable, tags.moving) == (tuple(expected), ())
    assert "is a pre-release" in tags.withheld


@given(POLICIES, st.builds(stamp_of, st.just("dev"), CLEAN))
@CLAIM
def test_an_unreleased_build_gets_no_tag_that_names_the_version_and_moves_nothing(policy: Policy, stamp: Stamp) -> None:
    tags = release_tags(policy.written, stamp)
    expected = dict.fromkeys(each.expanded(stamp) for each in policy.immutable if not each.has_key("STABLE_VERSION"))
    assert (tags.immutable, tags.moving) == (tuple(expected), ())
    assert "unreleased" in tags.withheld


@given(POLICIES, st.builds(stamp_of, VERSIONS, DIRTY))
@CLAIM
def test_a_dirty_tree_gets_what_an_unstamped_build_gets_constants(policy: Policy, stamp: Stamp) -> None:
    tags, unstamped = release_tags(policy.written, stamp), unstamped_tags(policy.written)
    constants = dict.fromkeys(each.text for each in policy.immutable if not each.has_key())
    assert (tags.immutable, tags.moving) == (unstamped.immutable, unstamped.moving) == (tuple(constants), ())
    assert f"STABLE_DIRTY is {stamp.values['STABLE_DIRTY']}" in tags.withheld


@given(ANY_POLICIES)
@CLAIM
def test_an_unstamped_build_checks_every_template_without_a_key(policy: Policy) -> None:
    constants = [each.text for each in (*policy.immutable, *policy.moving) if not each.has_key()]
    faulty = [text for text in constants if not is_legal(text)]
    if faulty:
        with pytest.raises(InputError) as caught:
            unstamped_tags(policy.written)
        assert caught.value.message.startswith(f"tag template {faulty[0]!r} gives {faulty[0]!r}")
    else:
        assert set(unstamped_tags(policy.written).immutable) <= set(constants)


@given(POLICIES, st.builds(stamp_of, VERSIONS, CLEAN | DIRTY))
@CLAIM
def test_keys_that_no_template_names_and_their_order_change_nothing(policy: Policy, stamp: Stamp) -> None:
    other = Stamp({"A": "/", **dict(reversed(list(stamp.values.items()))), "STABLE_VERSIONS": "\n"})
    assert release_tags(policy.written, stamp) == release_tags(policy.written, other)


@given(POLICIES, st.builds(stamp_of, VERSIONS, CLEAN | DIRTY))
@CLAIM
def test_no_tag_is_twice_there_and_why_tags_are_withheld_is_one_line(policy: Policy, stamp: Stamp) -> None:
    tags = release_tags(policy.written, stamp)
    together = (*tags.immutable, *tags.moving)
    assert len(set(together)) == len(together)
    assert tags.withheld.isprintable()
    assert len(tags.withheld) < 250


@given(st.builds(stamp_of, BUILDS, CLEAN | DIRTY), st.booleans())
@CLAIM
def test_build_metadata_is_no_tag_in_any_build_and_an_alias_of_it_is_one(stamp: Stamp, moves: bool) -> None:
    templates = ("v{{STABLE_VERSION}}",)
    with pytest.raises(InputError) as caught:
        release_tags(TagPolicy((), templates) if moves else TagPolicy(templates), stamp)
    version = stamp.values["STABLE_VERSION"]
    assert caught.value.message.startswith(f"tag template {templates[0]!r} gives 'v{version}'")
    tags = release_tags(TagPolicy(("v{{STABLE_VERSION_MAJOR}}",)), stamp)
    released = not stamp.dirty and "-" not in version.partition("+")[0]
    assert (tags.immutable, tags.moving) == ((), (f"v{version.split('.')[0]}",) if released else ())


@given(
    st.sampled_from(["sha-", "", "d.", "_", "-", ".", "a b", "\u00e4", "x" * 64, "x" * 121]) | st.text(max_size=5),
    st.sampled_from([("sha256", 64), ("sha512", 128)]),
    st.sampled_from(SHORT_LENGTHS),
    st.integers(0, 2**512 - 1),
)
@CLAIM
def test_a_digest_tag_is_the_prefix_and_that_many_first_digits(
    prefix: str, kind: tuple[str, int], length: int, number: int
) -> None:
    algorithm, size = kind
    digits = f"{number:0128x}"[-size:]
    policy, digest = TagPolicy(digest_prefix=prefix, short_length=length), f"{algorithm}:{digits}"
    if is_legal(prefix + digits[:length]):
        assert digest_tag(policy, digest) == (prefix + digits[:length],)
        return
    with pytest.raises(InputError) as caught:
        digest_tag(policy, digest)
    assert caught.value.message.startswith(f"digest_prefix {prefix!r} gives ")
