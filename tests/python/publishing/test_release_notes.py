"""scripts/release_notes.py: what the release page says of a version, and how it is depended on."""

import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

import release_kit

SCRIPT = Path("scripts/release_notes.py").resolve()
CHANGELOG = """\
# Changelog

## Unreleased

- Later.

## 1.2.3 - 2026-01-31

- A thing.

## 1.2.2 - 2026-01-01

- Old.
"""
VERSION = "1.2.3"
CONTENT = b"an archive"


@pytest.fixture(name="root")
def root_fixture(tmp_path: Path) -> Path:
    """A repository at 1.2.3, and its archive."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/release_notes.py").write_text(SCRIPT.read_text())
    (tmp_path / "VERSION").write_text("1.2.3\n")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "rules_release-v1.2.3.tar.gz").write_bytes(CONTENT)
    return tmp_path


def notes(root: Path, archive: str = "rules_release-v1.2.3.tar.gz") -> "subprocess.CompletedProcess[str]":
    tools = str(Path(release_kit.__file__).parents[1])
    wheel = "dist/release_kit-1.2.3-py3-none-any.whl"
    command = [sys.executable, "scripts/release_notes.py", archive, wheel]
    return subprocess.run(command, cwd=root, env={"PYTHONPATH": tools}, capture_output=True, text=True, check=False)


def test_they_are_the_changes_of_the_version_and_no_other(root: Path) -> None:
    made = notes(root).stdout
    assert made.startswith("- A thing.\n")
    assert "Later" not in made
    assert "Old" not in made


def test_they_say_how_a_module_depends_on_the_version(root: Path) -> None:
    assert f'bazel_dep(name = "rules_release", version = "{VERSION}")\n' in notes(root).stdout


def test_they_have_the_digest_of_the_very_archive(root: Path) -> None:
    digest = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    made = notes(root).stdout
    assert f'    integrity = "sha256-{digest}",\n    strip_prefix = "rules_release-1.2.3",\n' in made
    assert '/releases/download/v1.2.3/rules_release-v1.2.3.tar.gz"]' in made


def test_they_name_the_wheel_for_those_without_bazel(root: Path) -> None:
    assert "/releases/download/v1.2.3/release_kit-1.2.3-py3-none-any.whl release-kit" in notes(root).stdout


def test_an_archive_of_another_version_is_refused(root: Path) -> None:
    (root / "VERSION").write_text("1.2.4\n")
    done = notes(root)
    assert (done.returncode, done.stdout) == (2, "")
    assert "expected rules_release-v1.2.4.tar.gz, as VERSION is 1.2.4" in done.stderr


def test_a_version_without_changes_is_refused(root: Path) -> None:
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- Later.\n")
    done = notes(root)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no section of 1.2.3" in done.stderr


def test_an_archive_that_is_not_there_is_refused(root: Path) -> None:
    (root / "rules_release-v1.2.3.tar.gz").unlink()
    done = notes(root)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
