"""Chart.yaml, requirements.yaml and Chart.lock as Helm keeps them: the keys that it knows, cleaned and checked."""

import calendar
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from release_kit.engines.chart.go_fields import anything, compact, decode, flag, listed, mapped, record, text
from release_kit.errors import InputError

CHART_FILE = "Chart.yaml"
LOCK_FILE = "Chart.lock"
V1_DEPENDENCIES = "requirements.yaml"
V1_LOCK = "requirements.lock"
V1, V2 = "v1", "v2"
MAX_VERSION_LENGTH = 256
_MAX_NUMBER = 1 << 64
_TYPES = ("", "application", "library")
_ALIAS = re.compile(r"[a-zA-Z0-9_-]+")
_VERSION = re.compile(
    r"v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_LEADING_ZERO = re.compile(r"(?:^|\.)0[0-9]+(?:\.|$)")
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[-+](\d\d):(\d\d))", re.ASCII)
_WHITE_SPACE = re.compile(r"[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_NEVER_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"})

_MAINTAINER = {"name": text, "email": text, "url": text}
_DEPENDENCY = {
    "name": text,
    "version": text,
    "repository": text,
    "condition": text,
    "tags": listed(text),
    "enabled": flag,
    "import-values": listed(anything),
    "alias": text,
}
_DEPENDENCIES = listed(record(_DEPENDENCY))
_CHART = {
    "name": text,
    "home": text,
    "sources": listed(text),
    "version": text,
    "description": text,
    "keywords": listed(text),
    "maintainers": listed(record(_MAINTAINER)),
    "icon": text,
    "apiVersion": text,
    "condition": text,
    "tags": text,
    "appVersion": text,
    "deprecated": flag,
    "annotations": mapped(text),
    "kubeVersion": text,
    "dependencies": _DEPENDENCIES,
    "type": text,
}
_CLEANED = ("name", "description", "home", "icon", "condition", "tags", "appVersion", "kubeVersion")
_DEPENDENCY_CLEANED = ("name", "version", "repository", "condition")
_LOCK = {"generated": anything, "digest": text, "dependencies": _DEPENDENCIES}
_NEVER = "0001-01-01T00:00:00Z"
_NAMED = {"name": "", "repository": ""}


def read(chart_file: bytes, requirements: bytes | None, place: str) -> dict[str, Any]:
    """Reads the metadata of a chart.

    Args:
        chart_file: Chart.yaml.
        requirements: requirements.yaml, where charts of apiVersion v1 name their dependencies.
        place: the chart's folder, for errors.

    Returns:
        What Helm keeps of it, in the order of Helm's JSON.

    Raises:
        InputError: Helm refuses it.
    """
    found = decode(chart_file, _CHART, {}, f"{place}{CHART_FILE}")
    found["apiVersion"] = found.get("apiVersion") or V1
    if requirements is not None:
        found = decode(requirements, _CHART, found, f"{place}{V1_DEPENDENCIES}")
    return checked(found, place)


def check_api_version(chart_file: bytes, place: str) -> None:
    """Refuses a chart of an apiVersion that is neither v1 nor v2; a chart of none is one of v1.

    Raises:
        InputError: it is another, or Chart.yaml can't be read.
    """
    version = decode(chart_file, {"apiVersion": text}, {}, f"{place}{CHART_FILE}").get("apiVersion", "")
    if version not in ("", V1, V2):
        raise InputError(f"{place}{CHART_FILE}: apiVersion: expected {V2} or {V1}, found {version!r:.100}")


def checked(found: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Cleans and checks metadata as Helm does before it packs a chart.

    Raises:
        InputError: Helm refuses it.
    """
    metadata = _cleaned(found, _CLEANED, ("sources", "keywords"))
    for fault in _faults(metadata):
        raise InputError(f"{place}{CHART_FILE}: {fault}")
    metadata["maintainers"] = [
        compact(_cleaned(maintainer, tuple(_MAINTAINER), ()), _MAINTAINER, {})
        for maintainer in metadata.get("maintainers") or ()
    ]
    metadata["dependencies"] = [
        compact(_cleaned(dependency, _DEPENDENCY_CLEANED, ("tags",)), _DEPENDENCY, _NAMED)
        for dependency in metadata.get("dependencies") or ()
    ]
    return compact(metadata, _CHART, {})


def read_lock(content: bytes, place: str) -> dict[str, Any] | None:
    """Reads Chart.lock or requirements.lock; None where it is empty.

    Raises:
        InputError: it is none.
    """
    found = decode(content, _LOCK, None, place)
    if found is None:
        return None
    locked = found.get("dependencies")
    return {
        "generated": _time(found.get("generated"), place),
        "digest": found.get("digest", ""),
        "dependencies": locked and [None if entry is None else compact(entry, _DEPENDENCY, _NAMED) for entry in locked],
    }


def _cleaned(found: Mapping[str, Any], texts: tuple[str, ...], lists: tuple[str, ...]) -> dict[str, Any]:
    """Makes one line of each text, and leaves out what can't be seen."""
    cleaned: dict[str, Any] = {name: _clean(found.get(name, "")) for name in texts}
    cleaned |= {name: [_clean(item) for item in found.get(name) or ()] for name in lists}
    return {**found, **cleaned}


def _clean(value: str) -> str:
    if value.isascii() and value.isprintable():
        return value
    return "".join(filter(_is_seen, _WHITE_SPACE.sub(" ", value)))


def _is_seen(character: str) -> bool:
    """Tells whether Go prints a character; what Unicode has not assigned yet, as far as this Python knows, is kept."""
    noncharacter = ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"
    return character == " " or not (noncharacter or unicodedata.category(character) in _NEVER_SHOWN)


def _faults(metadata: Mapping[str, Any]) -> Iterator[str]:
    name, version, kind = (metadata.get(field, "") for field in ("name", "version", "type"))
    if not name:
        yield "name: expected the chart's name, found none"
    if "/" in name or name in (".", ".."):
        yield f"name: expected a name without slashes, found {name!r:.100}"
    if not version:
        yield "version: expected the chart's version, found none"
    if not is_version(version):
        yield f"version: expected a version such as 1.2.3 (SemVer), found {version!r:.100}"
    if kind not in _TYPES:
        yield f"type: expected application or library, found {kind!r:.100}"
    if None in (metadata.get("maintainers") or ()):
        yield "maintainers: expected a name each, found an empty one"
    yield from _dependency_faults(metadata.get("dependencies") or ())


def _dependency_faults(dependencies: Iterable[Mapping[str, Any] | None]) -> Iterator[str]:
    known = set()
    for position, dependency in enumerate(dependencies):
        if dependency is None:
            yield f"dependencies[{position}]: expected a dependency, found an empty one"
            return
        alias = dependency.get("alias", "")
        if alias and not _ALIAS.fullmatch(alias):
            yield f"dependencies[{position}].alias: expected letters, digits, _ and -, found {alias!r:.100}"
        key = alias or _clean(dependency.get("name", ""))
        if key in known:
            yield f"dependencies[{position}]: expected each name or alias once, found {key!r:.100} again"
        known.add(key)


def is_version(version: str) -> bool:
    """Tells whether Helm takes a text for a version: SemVer 2, but `v1.2` and `01.2.3` pass, too."""
    match = _VERSION.fullmatch(version)
    if match is None or len(version) > MAX_VERSION_LENGTH:
        return False
    *numbers, prerelease = match.groups(default="")
    return all(int(number or "0") < _MAX_NUMBER for number in numbers) and not _LEADING_ZERO.search(prerelease)


def _time(value: Any, place: str) -> str:
    """Returns a time as Go writes it (RFC 3339, no zeros at the end of a fraction)."""
    if value is None:
        return _NEVER
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None or not _is_real([int(group or "0") for group in match.group(1, 2, 3, 4, 5, 6, 9, 10)]):
        remedy = "run `helm dependency update`, which writes it anew"
        raise InputError(f"{place}: generated: expected a time such as {_NEVER}, found {value!r:.100}", remedy)
    fraction = (match[7] or "")[:10].rstrip("0").rstrip(".")
    zone = "Z" if match.group(9, 10) == ("00", "00") else match[8]
    return f"{value[:19]}{fraction}{zone}"


def _is_real(numbers: list[int]) -> bool:
    """Tells whether year, month, day, hour, minute, second and the zone's hours and minutes are of a calendar."""
    year, month, day, *clock = numbers
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year or 4, month)[1]):
        return False
    return all(number < limit for number, limit in zip(clock, (24, 60, 60, 24, 60), strict=True))
