"""The tag policy: which tags a release set gets for a stamp. docs/tag-policy.md is the user's page of it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from release_kit.errors import InputError
from release_kit.values import digest as digests
from release_kit.values import reference
from release_kit.values.stamp import Stamp

SHORT_LENGTHS = range(7, 65)
_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_VERSION_KEY = "STABLE_VERSION"


class TagPolicy(NamedTuple):
    """Templates that turn a stamp and a digest into tags; a template is text with `{{STABLE_KEY}}` in it."""

    immutable: tuple[str, ...] = ()
    """Templates of tags that never point at another digest once written."""
    moving: tuple[str, ...] = ()
    """Templates of tags that each release moves on."""
    digest_prefix: str | None = None
    """What stands before the digest's first digits in the digest tag; None for no digest tag."""
    short_length: int = 12
    """How many hexadecimal digits the digest tag has."""


class ReleaseTags(NamedTuple):
    """The tags that every image of a set gets, and why it gets no others."""

    immutable: tuple[str, ...]
    moving: tuple[str, ...]
    withheld: str
    """Why version tags or moving tags are withheld, with what would make it a release; empty for a release."""


def release_tags(policy: TagPolicy, stamp: Stamp) -> ReleaseTags:
    """Expands a policy for a stamp.

    Every template is expanded and checked, also those that this stamp withholds: a fault shows before release day.

    Raises:
        InputError: a template names a key that the stamp lacks, or gives no legal tag.
    """
    version = stamp.version
    immutable = {template: _expand(template, stamp.values) for template in policy.immutable}
    moving = {template: _expand(template, stamp.values) for template in policy.moving}
    if stamp.dirty:
        return ReleaseTags(_unique(tag for text, tag in immutable.items() if not _keys(text)), (), _dirty(stamp))
    if version is None:
        return ReleaseTags(
            _unique(tag for text, tag in immutable.items() if not _names_version(text)), (), _unreleased()
        )
    # A list and no set: the tags' order goes into the record, and must be the same in every process.
    aliases = [text for text, tag in immutable.items() if _names_version(text) and _bare(tag) in version.aliases()]
    fixed = _unique(tag for text, tag in immutable.items() if text not in aliases)
    if version.prerelease:
        return ReleaseTags(fixed, (), f"{stamp.version_text} is a pre-release: it moves no tag and gets no alias")
    return ReleaseTags(fixed, _unique((*(immutable[text] for text in aliases), *moving.values()), fixed), "")


def stamped_templates(policy: TagPolicy) -> Iterator[str]:
    """Yields the templates that name a key of the status file."""
    return (template for template in (*policy.immutable, *policy.moving) if _keys(template))


def _constant_templates(policy: TagPolicy) -> Iterator[str]:
    return (template for template in (*policy.immutable, *policy.moving) if not _keys(template))


def unstamped_tags(policy: TagPolicy) -> ReleaseTags:
    """Returns what a build without a stamp gets: no tag that names a key of the status file, and none that moves.

    Raises:
        InputError: a template without a key is no legal tag.
    """
    constant = {template: _expand(template, {}) for template in _constant_templates(policy)}
    fixed = _unique(constant[template] for template in policy.immutable if template in constant)
    return ReleaseTags(fixed, (), "unstamped build: no version or commit tag, nothing moves; build with --stamp")


def digest_tag(policy: TagPolicy, digest: str) -> tuple[str, ...]:
    """Returns the digest tag of an image as a tuple of one, or of none where the policy has no prefix.

    Raises:
        InputError: the prefix makes an illegal tag.
    """
    if policy.digest_prefix is None:
        return ()
    tag = policy.digest_prefix + digests.hexadecimal(digest)[: policy.short_length]
    return (_checked(tag, f"digest_prefix {policy.digest_prefix!r}"),)


def _expand(template: str, values: Mapping[str, str]) -> str:
    missing = [key for key in _keys(template) if key not in values]
    if missing:
        raise InputError(
            f"tag template {template!r}: the status file has no {missing[0]}",
            f"let workspace_status.sh print a line '{missing[0]} <value>', and name it in .bazelrc: "
            'common --workspace_status_command="bash workspace_status.sh"',
        )
    return _checked(_PLACEHOLDER.sub(lambda match: values[match[1]], template), f"tag template {template!r}")


def _checked(tag: str, origin: str) -> str:
    fault = reference.tag_fault(tag)
    if fault:
        raise InputError(f"{origin} gives {tag!r:.300}, which is no legal tag: it {fault}")
    return tag


def _keys(template: str) -> list[str]:
    return _PLACEHOLDER.findall(template)


def _names_version(template: str) -> bool:
    return any(key.startswith(_VERSION_KEY) for key in _keys(template))


def _bare(tag: str) -> str:
    return tag.lstrip("v")


def _unique(tags: Iterable[str], but: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(tag for tag in dict.fromkeys(tags) if tag not in but)


def _unreleased() -> str:
    return (
        "unreleased build (STABLE_VERSION is dev): no version tag, nothing moves; "
        "a release is made on a commit that carries the tag v<VERSION>, or with RELEASE_BUILD=1"
    )


def _dirty(stamp: Stamp) -> str:
    return (
        f"the work tree differs from its commit (STABLE_DIRTY is {stamp.values['STABLE_DIRTY']}): no version or commit "
        "tag, nothing moves; commit or stash the changes to make it a release"
    )
