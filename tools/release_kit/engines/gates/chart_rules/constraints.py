"""Versions and constraints as Helm reads them: `^1.2`, `>=1.2 <2`, `1.x || 2.x`, `1.2 - 1.4`.

The rules are those of github.com/Masterminds/semver 3.4: a pre-release satisfies only what names a pre-release itself.
"""

import re
from typing import NamedTuple

_PRERELEASE = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_SUFFIX = rf"(?:-({_PRERELEASE}))?(?:\+{_PRERELEASE})?"
_VERSION = re.compile(rf"v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?{_SUFFIX}", re.ASCII)
_NUMBER = r"([0-9]+|[xX*])"
_OPERATOR = r"(!=|>=|=>|<=|=<|~>|[=><~^]|)"
_TERM = re.compile(rf"{_OPERATOR}v?{_NUMBER}(?:\.{_NUMBER})?(?:\.{_NUMBER})?{_SUFFIX}", re.ASCII)
_BOUND = r"v?(?:[0-9]+|[xX*])[0-9A-Za-z.*+-]*"
_HYPHEN_RANGE = re.compile(rf"\s*({_BOUND})\s+-\s+({_BOUND})\s*", re.ASCII)
_GAP_AFTER_OPERATOR = re.compile(r"(?<=[=><~^])\s+(?=[v0-9xX*])", re.ASCII)
_SEPARATOR = re.compile(r"\s*,\s*|\s+", re.ASCII)
_MAX_LENGTH = 256
_MAX_NUMBER = 2**64 - 1

Rank = tuple[tuple[int, int, str], ...]
_RELEASE: Rank = ((2, 0, ""),)
_LOWEST: Rank = ()


class LooseVersion(NamedTuple):
    """A version as Helm reads one, where `v1` and `1.2` are versions too. Comparing compares precedence."""

    major: int
    minor: int
    patch: int
    rank: Rank = _RELEASE
    """Of the pre-release, in the order of SemVer; a release ranks above all of them."""


class _Term(NamedTuple):
    """One comparison: from `low` on and below `high`, or not so."""

    low: LooseVersion
    high: LooseVersion
    negated: bool = False

    def holds(self, version: LooseVersion) -> bool:
        return (self.low <= version < self.high) != self.negated


class _Group(NamedTuple):
    """Comparisons that must all hold."""

    terms: tuple[_Term, ...]
    prereleases: bool
    """Whether one of them names a pre-release."""

    def holds(self, version: LooseVersion) -> bool:
        if version.rank != _RELEASE and not self.prereleases:
            return False
        return all(term.holds(version) for term in self.terms)


class Constraint(NamedTuple):
    """Groups of comparisons, of which one must hold."""

    groups: tuple[_Group, ...]

    def allows(self, version: LooseVersion) -> bool:
        """Tells whether a version satisfies it."""
        return any(group.holds(version) for group in self.groups)


def parse_version(text: str) -> LooseVersion | None:
    """Reads a version; None for what Helm does not take for one."""
    match = _VERSION.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if match is None:
        return None
    major, minor, patch, prerelease = match.groups()
    return _version((major, minor or "0", patch or "0"), prerelease)


def parse_constraint(text: str) -> Constraint | None:
    """Reads a constraint; None for what Helm refuses."""
    if len(text) > _MAX_LENGTH:
        return None
    groups = [_group(part) for part in _HYPHEN_RANGE.sub(r">=\1, <=\2 ", text).split("||")]
    known = tuple(group for group in groups if group is not None)
    return Constraint(known) if len(known) == len(groups) else None


def _group(text: str) -> _Group | None:
    matches = [_TERM.fullmatch(part) for part in _SEPARATOR.split(_GAP_AFTER_OPERATOR.sub("", text.strip()))]
    terms = [None if match is None else _term(match) for match in matches]
    known = tuple(term for term in terms if term is not None)
    if len(known) < len(terms):
        return None
    return _Group(known, any(match is not None and match[5] for match in matches))


def _term(match: re.Match[str]) -> _Term | None:
    operator, *numbers, prerelease = match.groups()
    given = [number for number in numbers if number is not None]
    known = next((position for position, number in enumerate(given) if number in "xX*"), len(given))
    bound = _version((*given[:known], *"000"[known:]), prerelease)
    return None if bound is None else _COMPARISONS[operator](bound, known)


def _version(numbers: tuple[str, ...], prerelease: str | None) -> LooseVersion | None:
    major, minor, patch = (int(number) for number in numbers)
    identifiers = prerelease.split(".") if prerelease else []
    leading_zero = any(part.isdigit() and len(part) > 1 and part[0] == "0" for part in identifiers)
    if max(major, minor, patch) > _MAX_NUMBER or leading_zero:
        return None
    rank = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in identifiers)
    return LooseVersion(major, minor, patch, rank or _RELEASE)


_FIRST = LooseVersion(0, 0, 0, _LOWEST)
_LAST = LooseVersion(_MAX_NUMBER + 1, 0, 0)


def _after(version: LooseVersion, known: int) -> LooseVersion:
    """Returns what comes after all versions that share the first `known` numbers, pre-releases of the next included."""
    if known == 1:
        return LooseVersion(version.major + 1, 0, 0, _LOWEST)
    if known == 2:
        return LooseVersion(version.major, version.minor + 1, 0, _LOWEST)
    return LooseVersion(version.major, version.minor, version.patch + 1, _LOWEST)


def _next(version: LooseVersion) -> LooseVersion:
    """Returns the least version above another."""
    if version.rank == _RELEASE:
        return _after(version, 3)
    return version._replace(rank=(*version.rank, (-1, 0, "")))


def _equal(bound: LooseVersion, known: int) -> _Term:
    return _Term(bound, _next(bound)) if known == 3 else _tilde(bound, known)


def _not_equal(bound: LooseVersion, known: int) -> _Term:
    if known == 1:
        return _Term(bound._replace(rank=_LOWEST), _after(bound, 1), negated=True)
    if known == 2:
        return _Term(bound._replace(rank=_RELEASE), _after(bound, 2), negated=True)
    return _Term(bound, _next(bound), negated=True)


def _greater(bound: LooseVersion, known: int) -> _Term:
    return _Term(_after(bound, known) if 0 < known < 3 else _next(bound), _LAST)


def _greater_or_equal(bound: LooseVersion, _known: int) -> _Term:
    return _Term(bound, _LAST)


def _less(bound: LooseVersion, _known: int) -> _Term:
    return _Term(_FIRST, bound)


def _less_or_equal(bound: LooseVersion, known: int) -> _Term:
    if known == 3:
        return _Term(_FIRST, _next(bound))
    return _Term(_FIRST, _after(bound, known or 2))


def _tilde(bound: LooseVersion, known: int) -> _Term:
    if known == 0 or (known == 3 and bound[:3] == (0, 0, 0)):
        return _Term(bound, _LAST)
    return _Term(bound, _after(bound, min(known, 2)))


def _caret(bound: LooseVersion, known: int) -> _Term:
    if bound.major > 0 or known == 1:
        return _Term(bound, _after(bound, 1))
    if bound.minor > 0 or known == 2:
        return _Term(bound, _after(bound, 2))
    return _Term(bound, _after(bound, 3))


_COMPARISONS = {
    "": _equal,
    "=": _equal,
    "!=": _not_equal,
    ">": _greater,
    "<": _less,
    ">=": _greater_or_equal,
    "=>": _greater_or_equal,
    "<=": _less_or_equal,
    "=<": _less_or_equal,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}
