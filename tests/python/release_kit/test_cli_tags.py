"""`release-kit tags`: the tag file that container_tags makes."""

import json
from pathlib import Path
from typing import Any

import pytest

from release_kit.cli.app import main
from tests.support import layouts, releases


def policy(folder: Path, **changes: Any) -> str:
    path = folder / "policy.json"
    path.write_text(json.dumps({"schema": "rules_release/tag-policy/v1", **releases.TAGS, **changes}))
    return str(path)


def test_a_stamped_build_writes_one_tag_a_line(tmp_path: Path) -> None:
    layout = layouts.image(tmp_path / "image", b"layer")
    output = tmp_path / "tags.txt"
    stamped = ["--status-file", str(releases.write_status(tmp_path))]
    assert main(["tags", policy(tmp_path), "--layout", str(layout), "--output", str(output), *stamped]) == 0
    digest = layouts.root_digest(layout)
    assert output.read_text().split("\n") == [f"sha-{releases.COMMIT}", "v1.2.3", f"sha-{digest[7:19]}", "latest", ""]


def test_an_unstamped_build_writes_the_digest_tag_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layout = layouts.image(tmp_path / "image", b"layer")
    assert main(["tags", policy(tmp_path), "--layout", str(layout)]) == 0
    assert capsys.readouterr().out == f"sha-{layouts.root_digest(layout)[7:19]}\n"


def test_no_tag_at_all_is_an_empty_file(tmp_path: Path) -> None:
    output = tmp_path / "tags.txt"
    assert main(["tags", policy(tmp_path), "--output", str(output)]) == 0
    assert output.read_bytes() == b""


def test_an_illegal_tag_names_template_and_value_and_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "tags.txt"
    stamped = ["--status-file", str(releases.write_status(tmp_path))]
    faulty = policy(tmp_path, immutable=["v{{STABLE_VERSION}}", "by {{BUILD_USER}}"])
    assert main(["tags", faulty, "--output", str(output), *stamped]) == 2
    assert "tag template 'by {{BUILD_USER}}' gives 'by me'" in capsys.readouterr().err
    assert not output.exists()


def test_a_place_that_can_not_be_written_is_one_clear_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["tags", policy(tmp_path), "--output", str(tmp_path / "file" / "tags.txt")]) == 2
    assert "tags.txt: can't be written" in capsys.readouterr().err
