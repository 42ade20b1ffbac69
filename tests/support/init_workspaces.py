"""A workspace, and a program that answers for bazel, which can't run inside of its own tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

MODULE = 'module(name = "shop")\n\nbazel_dep(name = "rules_release", version = "0.1.0")\n'
BUILD = 'oci_image(\n    name = "core",\n    tars = [":layer"],\n)\n'
CHART = "apiVersion: v2\nname: shop\nversion: 0.1.0\nmaintainers:\n- name: acme\n  email: acme@example.com\n"
VALUES = """\
images:
  core:
    repository: ghcr.io/acme/shop/core
    tag: latest
other:
  repository: docker.io/busybox
"""


class Workspace:
    """A repository with one image."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "shop"
        self._bazel, self._answer = folder / "bazel", folder / "answer.json"
        self.write("MODULE.bazel", MODULE)
        self.write("docker/BUILD.bazel", BUILD)
        self._bazel.write_text(f"#!{sys.executable}\nprint(open({str(self._answer)!r}).read(), end='')\n")
        self._bazel.chmod(0o755)
        self.git("init", "--quiet")
        self.git("remote", "add", "origin", "https://github.com/acme/shop.git")
        self.has(("//docker:core", "oci_image"))

    def write(self, path: str, text: str) -> Path:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, check=True, capture_output=True)

    def has(self, *rules: tuple[str, str], visibility: str = "//visibility:private") -> None:
        """Lets bazel find these targets, each a label and a kind."""
        attribute = [{"name": "visibility", "stringListValue": [visibility]}]
        found = ({"name": label, "ruleClass": kind, "attribute": attribute} for label, kind in rules)
        self._answer.write_text("\n".join(json.dumps({"type": "RULE", "rule": each}) for each in found))

    def fails(self, script: str) -> None:
        """Lets bazel be another program."""
        self._bazel.write_text(f"#!{sys.executable}\n{script}\n")

    def files(self) -> dict[str, str]:
        places = (place for place in self.folder.rglob("*") if place.is_file() and ".git" not in place.parts)
        return {place.relative_to(self.folder).as_posix(): place.read_text() for place in places}

    def init(self, *arguments: str, code: int = 0, seat: int | None = None) -> "subprocess.CompletedProcess[str]":
        """Runs `release-kit init`, at a terminal if that is given."""
        command = [
            sys.executable,
            "-m",
            "release_kit",
            "init",
            str(self.folder),
            "--bazel",
            str(self._bazel),
            *arguments,
        ]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONSAFEPATH": "1"}
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL if seat is None else seat,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if seat is None else seat,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done
