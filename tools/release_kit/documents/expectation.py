"""What must come of a scenario."""

import re
from typing import NamedTuple

from release_kit.documents.fields import Fields
from release_kit.documents.scenario_words import duration, released, shown_duration, text, version_of
from release_kit.errors import InputError

NOTHING = "none"
"""Instead of a version: the environment has no release yet."""
_FORMS = ("never", "eventually", "finally")
_ORDER = re.compile(r"(\S+) before (\S+) on (\S+)")
_REMEDY = "say it such as `release before e2e on demo-staging`, or as {environment: demo, version: 1.1.0}"


class Expectation(NamedTuple):
    """One statement; which fields count depends on its form."""

    form: str
    """`order`, `never`, `eventually` or `finally`."""
    environment: str = ""
    """order, never: which must not get something."""
    version: str = ""
    """never: what it must not get."""
    gate: str = ""
    """order: what has to pass before."""
    on: str = ""
    """order: where it has to pass."""
    versions: tuple[tuple[str, str], ...] = ()
    """eventually, finally: environments with what they must have; NOTHING for no release."""
    within: int = 0
    """eventually: how many seconds after its release each has to be there; 0: any time."""

    def __str__(self) -> str:
        """Returns it as it is written."""
        if self.form == "order":
            return f"never: {self.environment} before {self.gate} on {self.on}"
        if self.form == "never":
            return f"never: {self.environment} has {self.version}"
        listed = ", ".join(f"{environment}: {version}" for environment, version in self.versions)
        within = f" within {shown_duration(self.within)}" if self.within else ""
        return f"{self.form}: {listed}{within}"


def expectation(fields: Fields) -> Expectation:
    """Reads one statement.

    Raises:
        InputError: it has no form, or two, or is not as its form is said.
    """
    forms = [form for form in _FORMS if fields.has(form)]
    if len(forms) != 1:
        found = " and ".join(forms) or "none"
        raise InputError(f"{fields.place}: expected one of {', '.join(_FORMS)}; found {found}")
    if forms[0] == "never":
        return _never(fields)
    versions = tuple(_versions(fields, forms[0]).items())
    within = duration(fields, "within") if fields.has("within") and forms[0] == "eventually" else 0
    if forms[0] == "eventually" and any(version == NOTHING for _, version in versions):
        expected = "expected versions; every environment begins with none"
        raise InputError(f"{fields.path('eventually')}: {expected}", "say it as `finally`, or name a version")
    return Expectation(forms[0], versions=versions, within=within)


def _never(fields: Fields) -> Expectation:
    if fields.is_string("never"):
        found = fields.string("never")
        match = _ORDER.fullmatch(found)
        if match is None:
            raise InputError(
                f"{fields.path('never')}: expected ENVIRONMENT before GATE on ENVIRONMENT, found {found!r:.200}",
                _REMEDY,
            )
        return Expectation("order", environment=match[1], gate=match[2], on=match[3])
    return fields.nested("never", _absent)


def _absent(fields: Fields) -> Expectation:
    name = text(fields, "environment", 100)
    return Expectation("never", name, released(fields, "version"))


def _versions(fields: Fields, key: str) -> dict[str, str]:
    found = fields.strings_by_name(key)
    if not found:
        raise InputError(f"{fields.path(key)}: expected environments with versions, such as {{demo: 1.0.0}}")
    place = fields.path(key)
    if odd := [name for name in found if not name.isprintable()]:
        raise InputError(f"{place}: there is no environment {odd[0]!r:.100}")
    return {name: v if v == NOTHING else version_of(v, f"{place}.{name:.100}") for name, v in found.items()}
