"""Holds what is downloaded to its rules: exact versions, hashes, licences; docs/licences.md is what it finds.

python3 .ci/audit.py FOLDER            FOLDER: where tests/lint_requirements_lock.txt is installed (pip --target)
python3 .ci/audit.py FOLDER --write    writes docs/licences.md anew
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from email.parser import HeaderParser
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"
RELEASE_KIT = "tools/requirements_lock.txt"
LOCKS = (RELEASE_KIT, "tests/requirements_lock.txt", "tests/lint_requirements_lock.txt")
ALLOWED = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Unlicense"}
)
GO_LICENCES = {
    "github.com/bazelbuild/buildtools": "Apache-2.0",
    "github.com/distribution/distribution": "Apache-2.0",
    "github.com/rhysd/actionlint": "MIT",
    "helm.sh/helm": "Apache-2.0",
}
"""Read from the licence file of each, at the pinned version, on 2026-11-24."""
TESTS_ONLY = {"yamllint": "GPL-3.0-or-later"}
"""Tests compare findings with its own; no release has any of it, nor needs it."""
ELSEWHERE = {"colorama": "BSD-3-Clause"}
"""Read by hand from the wheel of what only other systems install."""
_CLASSIFIERS = {
    "Apache": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_PINNED = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[0-9][0-9a-z.]*)(?: ; [^\\]+?)?(?P<hashes>(?: \\\n    --hash=.*)*)"
)
_HASH = re.compile(r" \\\n    --hash=sha256:[0-9a-f]{64}")
_TOOL = re.compile(
    r"(?P<name>[\w-]+) (?P<package>[\w./-]+) (?P<version>v\d+\.\d+\.\d+(?:-\d{14}-[0-9a-f]{12})?)(?: .*)?"
)
_LIBRARY = re.compile(r'py_library\(\n    name = "(release_kit\w*)",(.*?)\n\)', re.DOTALL)
_HEAD = """\
# Licences

What is downloaded from PyPI, and the programs in Go, and by whom. `.ci/audit.py` writes this page from the locks and
from what each package says of itself, and CI holds it to them: exact versions, a hash for every file, and one of the
licences
{allowed}.

"""


class Package(NamedTuple):
    """A pinned package."""

    name: str
    version: str


def packages(text: str, place: str, faults: list[str]) -> list[Package]:
    """Reads a lock; whatever is not one pinned package with hashes is a fault."""
    lines = [line for line in text.split("\n") if not line.lstrip().startswith("#")]
    found = []
    for entry in re.split(r"\n(?! )", "\n".join(lines).strip()):
        match = _PINNED.fullmatch(entry)
        if match is None or not match["hashes"] or _HASH.sub("", match["hashes"]):
            faults.append(f"{place}: {entry!r:.80}: expected NAME==VERSION and its sha256 hashes")
        else:
            found.append(Package(match["name"], match["version"]))
    return found


def licence(metadata: str) -> str:
    """Returns what a package's METADATA says of its licence (core metadata 2.4, or its classifiers)."""
    headers = HeaderParser().parsestr(metadata)
    if expression := headers.get("License-Expression"):
        return str(expression)
    names = [each.rpartition(" :: ")[2] for each in headers.get_all("Classifier", []) if each.startswith("License ::")]
    known = [_CLASSIFIERS[name] for name in names if name in _CLASSIFIERS]
    said = str(headers.get("License", "unknown")).split("\n")[0]
    return " OR ".join(known) or _CLASSIFIERS.get(said, said)


def is_allowed(expression: str) -> bool:
    """Tells whether a licence may be used: each part of AND, and one of OR (SPDX, without brackets)."""
    choices = [choice.split(" AND ") for choice in expression.split(" OR ")]
    return any(all(part.strip() in ALLOWED for part in choice) for choice in choices)


def needs(metadata: str) -> set[str]:
    """Returns which packages a package needs, whatever the system; extras are left out."""
    wanted = HeaderParser().parsestr(metadata).get_all("Requires-Dist", [])
    return {_normal(re.split(r"[ ;<>=!~(\[]", each)[0]) for each in wanted if "extra ==" not in each}


def users(build: str, metadata: Mapping[str, str]) -> dict[str, list[str]]:
    """Returns which library of //tools downloads a package first; what `release_kit` has, all others have."""
    found: dict[str, list[str]] = {}
    for name, body in _LIBRARY.findall(build):
        waiting = [_normal(each) for each in re.findall(r'"@pypi//(\w+)"', body)]
        seen: set[str] = set()
        while waiting:
            package = waiting.pop()
            if package not in seen:
                seen.add(package)
                waiting += needs(metadata.get(package, ""))
        for package in seen:
            found.setdefault(package, []).append(name)
    return found


def page(locks: Mapping[str, list[Package]], metadata: Mapping[str, str], build: str, tools: str) -> Iterator[str]:
    """Yields the page."""
    yield _HEAD.format(allowed=", ".join(sorted(ALLOWED)))
    by = users(build, metadata)
    ours = locks[RELEASE_KIT]
    yield "## With release-kit\n\nA consumer's build downloads what the libraries need that its targets use.\n\n"
    yield "| package | version | licence | downloaded for |\n| --- | --- | --- | --- |\n"
    for each in ours:
        where = ", ".join(by.get(each.name, ["other systems only"]))
        yield f"| {each.name} | {each.version} | {_said(each.name, metadata)} | {where} |\n"
    yield "\n## For developing only\n\nNone of it is in a release. What has another licence is for tests only: "
    yield f"{', '.join(TESTS_ONLY)}.\n\n"
    yield "| package | version | licence |\n| --- | --- | --- |\n"
    for each in sorted({each for lock in locks.values() for each in lock} - set(ours)):
        yield f"| {each.name} | {each.version} | {_said(each.name, metadata)} |\n"
    for line in _lines(tools):
        if match := _TOOL.fullmatch(line):
            yield f"| {match['package']} | {match['version']} | {_go_licence(match['package'])} |\n"


def audit(folder: Path, write: bool) -> list[str]:
    """Returns what is wrong."""
    faults: list[str] = []
    locks = {name: packages((ROOT / name).read_text(), name, faults) for name in LOCKS}
    files = folder.glob("*.dist-info/METADATA")
    metadata = {_normal(file.parent.name.partition("-")[0]): file.read_text() for file in files}
    tools = (ROOT / "offline" / "tools.txt").read_text()
    said = {name: _said(name, metadata) for name in _names(locks)} | _tools(tools, faults)
    faults += _differing(locks)
    shipped = {each.name for each in locks[RELEASE_KIT]}
    exempt = {item for item in TESTS_ONLY.items() if item[0] not in shipped}
    odd = {name: found for name, found in said.items() if not is_allowed(found) and (name, found) not in exempt}
    faults += [f"{name}: the licence {found!r:.80} is not allowed" for name, found in odd.items()]
    text = "".join(page(locks, metadata, (ROOT / "tools" / "BUILD.bazel").read_text(), tools))
    if write:
        PAGE.write_text(text)
    elif not PAGE.exists() or PAGE.read_text() != text:
        faults.append("docs/licences.md: is not what the locks say; run: python3 .ci/audit.py FOLDER --write")
    return faults


def _tools(text: str, faults: list[str]) -> dict[str, str]:
    """Returns the licence of each Go program."""
    matches = {line: _TOOL.fullmatch(line) for line in _lines(text)}
    faults += [
        f"offline/tools.txt: {line!r:.80}: expected NAME PACKAGE VERSION" for line in matches if not matches[line]
    ]
    return {match["package"]: _go_licence(match["package"]) for match in matches.values() if match}


def _differing(locks: Mapping[str, Iterable[Package]]) -> list[str]:
    """Returns which packages are pinned to several versions: what is tested is what runs."""
    versions: dict[str, set[str]] = {}
    for lock in locks.values():
        for each in lock:
            versions.setdefault(each.name, set()).add(each.version)
    return [
        f"{name}: several versions: {', '.join(sorted(found))}" for name, found in versions.items() if len(found) > 1
    ]


def _names(locks: Mapping[str, Iterable[Package]]) -> list[str]:
    return sorted({each.name for lock in locks.values() for each in lock})


def _said(name: str, metadata: Mapping[str, str]) -> str:
    return licence(metadata[name]) if name in metadata else ELSEWHERE.get(name, "unknown")


def _go_licence(package: str) -> str:
    return next((found for module, found in GO_LICENCES.items() if package.startswith(f"{module}/")), "unknown")


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(arguments: list[str]) -> int:
    """Audits, says what is wrong, and returns the exit code."""
    faults = audit(Path(arguments[0]), "--write" in arguments[1:])
    well = "every download is pinned, and has a licence that is allowed\n"
    sys.stdout.write("".join(f"{fault}\n" for fault in faults) or well)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
