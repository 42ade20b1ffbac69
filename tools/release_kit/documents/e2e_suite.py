"""End-to-end suites: which scenarios have to pass on what is deployed, and by which criteria. Starlark writes it."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from release_kit.documents.fields import Fields, read_document
from release_kit.documents.places import label
from release_kit.documents.scenario_words import duration
from release_kit.errors import InputError

SCHEMA = "rules_release/e2e-suite/v1"
DEADLINE = "10m"
MAX_CONSECUTIVE = 100
_FILE = re.compile(r"(?![.-])[\w.-]+(?:/(?![.-])[\w.-]+)*\.py", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_RESERVED = re.compile(r"(?:PYTHON|PYTEST|LD_|DYLD_|RELEASE_KIT_).*|PATH|HOME|TMPDIR", re.IGNORECASE)
"""What programs take orders from; none of it is a credential."""
_PATH = re.compile(r"/(?!/)[!-\"$-~]*", re.ASCII)


class Health(NamedTuple):
    """An address that says which version is deployed."""

    path: str
    """Below the deployment's address, such as `/api/health`."""
    version: tuple[str, ...]
    """The way to the version in the JSON that it answers."""
    service: str = ""
    """What the field `service` of the answer has to be; empty: anything."""

    def __str__(self) -> str:
        """Returns such as `/health (version)`: several may look at one path."""
        return f"{self.path} ({'.'.join(self.version)})"


class Required(NamedTuple):
    """A scenario that has to be there, to run and to pass."""

    scenario: str
    """Such as `test_login.py::test_login`; each of its parameters is meant."""
    budget: int | None = None
    """How many seconds each may take; None: any number."""

    def covers(self, scenario: str) -> bool:
        """Tells whether it means a scenario, or one of its parameters."""
        return scenario == self.scenario or scenario.startswith(f"{self.scenario}[")


class Criteria(NamedTuple):
    """What has to hold of the results."""

    required: tuple[Required, ...] = ()
    allowed_skips: int = 0
    budget: int | None = None
    """How many seconds all scenarios may take together; None: any number."""
    deadline: int = 600
    """After how many seconds waiting and running are over."""


class Suite(NamedTuple):
    """The whole document."""

    name: str
    folder: Path
    """What the scenarios' paths are relative to."""
    scenarios: tuple[str, ...]
    health: tuple[Health, ...]
    consecutive: int
    """How many answers in a row each address has to give of the expected version: load balancers alternate."""
    credentials: tuple[str, ...]
    """Names of environment variables that scenarios may read and nobody may see."""
    variables: tuple[str, ...]
    """Names of those that anybody may see."""
    criteria: Criteria


def load(path: Path) -> Suite:
    """Reads and checks a suite; the paths in it are relative to its own folder.

    Raises:
        InputError: it is no such document, contradicts itself, or names a scenario file that is not there.
    """
    suite = read_document(path, lambda fields: _from_fields(fields, path.parent))
    for file in suite.scenarios:
        if not (suite.folder / file).is_file():
            raise InputError(f"{path}: scenarios: {suite.folder / file} is no file", "name the files that are there")
    return suite


def _from_fields(fields: Fields, folder: Path) -> Suite:
    fields.schema(SCHEMA)
    suite = Suite(
        name=label(fields, "name"),
        folder=folder,
        scenarios=tuple(
            _matching(text, _FILE, "a path such as test_login.py", "scenarios") for text in fields.strings("scenarios")
        ),
        health=fields.objects("health", _health, required=True),
        consecutive=_number(fields, "consecutive", 3, 1, MAX_CONSECUTIVE),
        credentials=_variables(fields, "credentials"),
        variables=_variables(fields, "variables"),
        criteria=fields.nested("criteria", _criteria),
    )
    for fault, remedy in _faults(suite):
        raise InputError(fault, remedy)
    return suite


def _health(fields: Fields) -> Health:
    path = _matching(fields.string("path"), _PATH, "a path such as /health", fields.path("path"))
    return Health(path, _way(fields), fields.string("service", ""))


def _way(fields: Fields) -> tuple[str, ...]:
    """Takes a way into JSON: a pointer (RFC 6901), or names with dots between them."""
    text = fields.string("version", "version")
    if text.startswith("/"):
        steps = tuple(part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/"))
    else:
        steps = tuple(text.split("."))
    if not all(steps) or not text.isprintable() or len(text) > 200:
        expected = "such as version, datasvc.version or /datasvc/version"
        raise InputError(f"{fields.path('version')}: expected {expected}, found {text!r:.100}")
    return steps


def _criteria(fields: Fields) -> Criteria:
    deadline = duration(fields, "deadline", DEADLINE)
    if not deadline:
        raise InputError(f"{fields.path('deadline')}: expected some time, found none", "say it such as 10m")
    return Criteria(
        required=fields.objects("required", _required),
        allowed_skips=_number(fields, "allowed_skips", 0, 0, 10_000),
        budget=_budget(fields),
        deadline=deadline,
    )


def _required(fields: Fields) -> Required:
    text = fields.string("scenario")
    file, _, name = text.partition("::")
    if not name or not _FILE.fullmatch(file) or not text.isprintable() or len(text) > 500:
        expected = "such as test_login.py::test_login"
        raise InputError(f"{fields.path('scenario')}: expected {expected}, found {text!r:.200}")
    return Required(text, _budget(fields))


def _budget(fields: Fields) -> int | None:
    return duration(fields, "budget") if fields.has("budget") else None


def _variables(fields: Fields, key: str) -> tuple[str, ...]:
    names = fields.strings(key)
    for position, name in enumerate(names):
        place = f"{fields.path(key)}[{position}]"
        _matching(name, _VARIABLE, "the name of an environment variable", place)
        if _RESERVED.fullmatch(name):
            raise InputError(f"{place}: programs take orders from {name}", "give the variable a name of its own")
    return names


def _number(fields: Fields, key: str, default: int, least: int, most: int) -> int:
    found = fields.integer(key, default)
    if not least <= found <= most:
        raise InputError(f"{fields.path(key)}: expected {least} to {most}, found {found}")
    return found


def _matching(text: str, pattern: re.Pattern[str], expected: str, place: str) -> str:
    if not pattern.fullmatch(text):
        raise InputError(f"{place}: expected {expected}, found {text!r:.200}")
    return text


def _faults(suite: Suite) -> Iterator[tuple[str, str]]:
    """Finds what contradicts itself; each as what is wrong, and what to do about it."""
    if not suite.scenarios:
        yield "scenarios: expected at least one file, found none", "name the files of the scenarios"
    if not suite.health:
        yield "health: expected at least one address, found none", "name an address that says the deployed version"
    required = [each.scenario for each in suite.criteria.required]
    listed = (("scenarios", suite.scenarios), ("criteria.required", required))
    for place, names in (*listed, ("credentials and variables", (*suite.credentials, *suite.variables))):
        for name, count in Counter(names).items():
            if count > 1:
                yield f"{place}: {name} stands there {count} times", "name it once"
    for name in required:
        if name.partition("::")[0] not in suite.scenarios:
            yield f"criteria.required: {name} is in none of the scenario files", "add its file to `scenarios`"
