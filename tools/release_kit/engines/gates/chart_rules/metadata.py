"""What the values of Chart.yaml must be, besides of the right type."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from release_kit.engines.gates.chart_rules.addresses import is_absolute_url, is_email, is_web_address
from release_kit.engines.gates.chart_rules.constraints import parse_constraint, parse_version
from release_kit.engines.gates.chart_rules.source import Source, quoted
from release_kit.errors import InputError
from release_kit.values import version as versions
from release_kit.values.finding import Finding
from release_kit.values.yaml_source import Path

V1, V2 = "v1", "v2"
_NAME = re.compile(r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*")
_LOWEST = "0.0.0-0"
"""Helm takes this version for none."""


def check(chart: Source) -> Iterator[Finding]:
    """Yields what Helm or `ct lint` refuse in the values of Chart.yaml; values of another type are left to shapes."""
    for field, rule in _RULES.items():
        value = chart.values.get(field)
        if isinstance(value, str) and (value or field in _NEVER_EMPTY):
            yield from rule(chart, (field,), value)
    if "appVersion" in chart.values and chart.values["appVersion"] is None:
        yield chart.finding(
            ("appVersion",), "expected a string, found nothing", "write it in quotes, or remove the key"
        )
    yield from _sources(chart)
    yield from _maintainers(chart)
    yield from _fields_of_v2(chart)


def check_raised(chart: Source, previous: str | None) -> Iterator[Finding]:
    """Yields the version if it is not higher than the one that was released last.

    Raises:
        InputError: the previous version is none.
    """
    own = chart.values.get("version")
    before = None if previous is None else parse_version(previous)
    if previous is not None and before is None:
        raise InputError(f"previous.version: expected a version such as 1.2.3, found {quoted(previous)}")
    found = parse_version(own) if isinstance(own, str) else None
    if before is None or found is None or found > before:
        return
    order = "the same as" if found == before else "lower than"
    message = f"not raised: {own} is {order} {previous}, which was released last"
    yield chart.finding(("version",), message, f"raise it above {previous}")


def _api_version(chart: Source, path: Path, value: str) -> Iterator[Finding]:
    if value not in (V1, V2):
        yield chart.finding(path, f"expected v2 (or v1, for Helm 2), found {quoted(value)}", "write apiVersion: v2")


def _name(chart: Source, path: Path, value: str) -> Iterator[Finding]:
    if not _NAME.fullmatch(value):
        message = f"expected lower-case letters and digits with single . _ or - between them, found {quoted(value)}"
        yield chart.finding(path, message, "rename the chart: its name becomes part of a repository in the registry")


def _version(chart: Source, path: Path, value: str) -> Iterator[Finding]:
    try:
        versions.parse(value, "version")
    except InputError:
        message = f"expected a version such as 1.2.3 or 1.2.3-rc.1 (SemVer 2, no leading v), found {quoted(value)}"
        yield chart.finding(path, message, "write all three numbers")
    else:
        if value == _LOWEST:
            yield chart.finding(path, f"{value} is no version to Helm", "write a higher one, such as 0.1.0")


def _kube_version(chart: Source, path: Path, value: str) -> Iterator[Finding]:
    if parse_constraint(value) is None:
        message = f"expected a constraint such as >=1.25.0-0, found {quoted(value)}"
        yield chart.finding(path, message, "Helm refuses to install the chart anywhere: correct it")


def _type(chart: Source, path: Path, value: str) -> Iterator[Finding]:
    if value not in ("application", "library"):
        yield chart.finding(path, f"expected application or library, found {quoted(value)}", "write type: application")


def _url(chart: Source, path: Path, value: str) -> Iterator[Finding]:
    if not is_absolute_url(value):
        yield chart.finding(path, f"expected a URL, found {quoted(value)}", "write it with its scheme: https://...")


_RULES: dict[str, Callable[[Source, Path, str], Iterator[Finding]]] = {
    "apiVersion": _api_version,
    "name": _name,
    "version": _version,
    "kubeVersion": _kube_version,
    "type": _type,
    "home": _url,
    "icon": _url,
}
_NEVER_EMPTY = ("apiVersion", "name", "version")


def _sources(chart: Source) -> Iterator[Finding]:
    for position, value in enumerate(items(chart, "sources")):
        if isinstance(value, str):
            yield from _url(chart, ("sources", position), value)


def _maintainers(chart: Source) -> Iterator[Finding]:
    maintainers = items(chart, "maintainers")
    deprecated = chart.values.get("deprecated") is True
    if deprecated and maintainers:
        yield chart.finding(("maintainers",), "a deprecated chart must have none", "remove them, or deprecated")
    elif not deprecated and not maintainers and not chart.values.get("maintainers"):
        remedy = "add maintainers: with a name, and an e-mail address or a URL"
        yield chart.finding(("maintainers",), "expected at least one, found none", remedy)
    for position, maintainer in enumerate(maintainers):
        if isinstance(maintainer, dict):
            yield from _maintainer(chart, ("maintainers", position), maintainer)


def _maintainer(chart: Source, path: Path, maintainer: dict[str, Any]) -> Iterator[Finding]:
    name, email, url = (maintainer.get(key) for key in ("name", "email", "url"))
    if name == "":
        yield chart.finding((*path, "name"), "expected a name, found an empty string", "write the maintainer's name")
    if isinstance(email, str) and email and not is_email(email):
        message = f"expected an e-mail address, found {quoted(email)}"
        yield chart.finding((*path, "email"), message, "write it as name@example.com")
    if isinstance(url, str) and url and not is_web_address(url):
        message = f"expected a URL, found {quoted(url)}"
        yield chart.finding((*path, "url"), message, "write it with its scheme: https://...")


def _fields_of_v2(chart: Source) -> Iterator[Finding]:
    there = [field for field in ("dependencies", "type") if chart.values.get(field)]
    if there and chart.values.get("apiVersion") == V1:
        message = f"expected v2, found v1, which does not have {' and '.join(there)}"
        yield chart.finding(("apiVersion",), message, "write apiVersion: v2")


def items(source: Source, field: str) -> list[Any]:
    """Returns the items of a list of the file; none where it is no list."""
    value = source.values.get(field)
    return value if isinstance(value, list) else []
