#!/usr/bin/env python3
"""Writes what a release page says: PYTHONPATH=tools scripts/release_notes.py ARCHIVE WHEEL.

The changelog's section of the version that VERSION names, and how a module depends on it: from the Bazel Central
Registry, or on this very archive. Needs nothing but Python >= 3.11.
"""

import base64
import hashlib
import sys
from pathlib import Path

from release_kit.engines.cut.changelog import section
from release_kit.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
REPOSITORY = "https://github.com/rules-release/rules_release"
_NOTES = """\
{changes}

## Use it

In `MODULE.bazel`, once the [Bazel Central Registry](https://registry.bazel.build/modules/rules_release) has it:

```starlark
bazel_dep(name = "rules_release", version = "{version}")
```

Until then, or without that registry, the archive of this page:

```starlark
bazel_dep(name = "rules_release")
archive_override(
    module_name = "rules_release",
    integrity = "{integrity}",
    strip_prefix = "rules_release-{version}",
    urls = ["{repository}/releases/download/v{version}/{archive}"],
)
```

Without Bazel, on Python 3.11 or newer:

```console
$ pipx run --spec {repository}/releases/download/v{version}/{wheel} release-kit --version
```
"""


def notes(changelog: str, version: str, archive: Path, wheel: str) -> str:
    """Returns the text of the page.

    Args:
        changelog: the whole changelog.
        version: the version, such as `1.2.3`.
        archive: what `scripts/archive.sh` has made.
        wheel: the wheel's file name.

    Raises:
        InputError: the archive is of another version, or the changelog has nothing of this one.
    """
    expected = f"rules_release-v{version}.tar.gz"
    if archive.name != expected:
        raise InputError(f"{archive}: expected {expected}, as VERSION is {version}", "make it with scripts/archive.sh")
    changes = section(changelog, version)
    if not changes:
        raise InputError(f"CHANGELOG.md: no section of {version}", "release-kit cut writes it")
    return _NOTES.format(
        archive=archive.name,
        changes=changes,
        integrity=integrity(archive.read_bytes()),
        repository=REPOSITORY,
        version=version,
        wheel=wheel,
    )


def integrity(content: bytes) -> str:
    """Returns a digest as Bazel and browsers write it (w3.org/TR/SRI)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}"


def main(arguments: list[str]) -> int:
    """Prints the notes; returns the exit code."""
    if len(arguments) != 2:
        sys.stderr.write("usage: scripts/release_notes.py ARCHIVE WHEEL\n")
        return 2
    version = (ROOT / "VERSION").read_text(encoding="ascii").strip()
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    try:
        sys.stdout.write(notes(changelog, version, Path(arguments[0]), Path(arguments[1]).name))
    except (InputError, OSError) as error:
        sys.stderr.write(f"release_notes: error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
