"""Several files at once: what was there is there again when one of them can't be written or removed."""

from pathlib import Path

import pytest

from release_kit.adapters.file_set import write_all
from release_kit.errors import InputError


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() if path.is_file() else "/" for path in folder.rglob("*")}


def test_new_files_go_and_old_ones_come_back_when_one_has_no_place(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("as it was")
    before = contents(tmp_path)
    # The place of the third becomes a folder, for the fourth.
    names = ("new", "old", "place", "place/inside")
    with pytest.raises(InputError, match="no file was changed"):
        write_all({tmp_path / name: b"changed" for name in names})
    assert contents(tmp_path) == before


def test_removed_files_come_back_when_another_can_not_be_removed(tmp_path: Path) -> None:
    (tmp_path / "stale").write_text("as it was")
    before = contents(tmp_path)
    with pytest.raises(InputError, match="no file was changed"):
        write_all({tmp_path / "folder/new": b"new"}, [tmp_path / "stale", tmp_path / "stale"])
    assert contents(tmp_path) == before


def test_folders_are_made_and_go_with_their_last_file(tmp_path: Path) -> None:
    write_all({tmp_path / "a/b/c": b"content"}, programs=[tmp_path / "a/b/c"])
    assert (tmp_path / "a/b/c").stat().st_mode & 0o111
    write_all({}, [tmp_path / "a/b/c"])
    assert contents(tmp_path) == {"a": "/"}


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "file").chmod(0o640)
    write_all({tmp_path / "file": b"new"})
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640
    assert contents(tmp_path) == {"file": "new"}
