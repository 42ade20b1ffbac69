"""`bazel run` of a push with a signer: a Bazel target as the program, with what it brings along."""

import json
from pathlib import Path

import pytest

from tests.workspace.clones import Clone

BUILD = """\
load("@rules_shell//shell:sh_binary.bzl", "sh_binary")
load("//bazel:push_targets.bzl", "push_targets")

sh_binary(
    name = "signer",
    srcs = ["signer.sh"],
    data = ["key.txt"],
)

push_targets(
    name = "push",
    images = {"//docker/images:core": "signed/core"},
    signer = ":signer",
)
"""
SIGNER = """\
#!/usr/bin/env bash
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
{ printf '%s %s ' "$(cat "$here/key.txt")" "$1"; tr -d '\\n'; echo; } >>"$SIGNED"
"""


def test_the_signer_of_a_target_is_run_with_its_files(
    clone: Clone, tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = clone.folder / "signed"
    package.mkdir()
    (package / "BUILD.bazel").write_text(BUILD)
    (package / "key.txt").write_text("key")
    (package / "signer.sh").write_text(SIGNER)
    (package / "signer.sh").chmod(0o755)
    signed, record = tmp_path / "signed", tmp_path / "record.json"
    monkeypatch.setenv("SIGNED", str(signed))
    clone.bazel("run", "//signed:push", "--", "--registry", host, "--record", str(record))
    (image,) = json.loads(record.read_text())["images"]
    key, reference, statement = signed.read_text().split(" ", 2)
    assert (key, reference) == ("key", f"{host}/signed/core@{image['digest']}")
    assert json.loads(statement)["subject"][0]["digest"] == {"sha256": image["digest"].removeprefix("sha256:")}
