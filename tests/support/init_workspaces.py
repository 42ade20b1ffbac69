"""A workspace, and a program that answers for bazel, which can't run inside of its own tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import release_kit

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

PUSH = """\
load("@rules_release//bazel:push_targets.bzl", "push_targets")

# bazel run //release:push releases all of it; -- --dry-run shows what it would do.
push_targets(
    name = "push",
    images = {"//docker:core": "shop/core"},
    registry = "ghcr.io/acme",
)
"""
LINE = 'build --workspace_status_command="bash workspace_status.sh"\n'
PUBLISHED = Path(release_kit.__file__).with_name("workspace_status.sh")


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
        self.says(*(rule(label, kind, visibility=[visibility]) for label, kind in rules))

    def says(self, *rules: str) -> None:
        """Lets bazel find these rules."""
        self._answer.write_text("".join(rules))

    def fails(self, script: str) -> None:
        """Lets bazel be another program."""
        self._bazel.write_text(f"#!{sys.executable}\n{script}\n")

    def files(self) -> dict[str, str]:
        places = (place for place in self.folder.rglob("*") if place.is_file() and ".git" not in place.parts)
        return {place.relative_to(self.folder).as_posix(): place.read_bytes().decode() for place in places}

    def arguments(self, *more: str) -> list[str]:
        """Returns the arguments of release-kit."""
        return ["init", str(self.folder), "--bazel", str(self._bazel), *more]

    def init(self, *arguments: str, code: int = 0, seat: int | None = None) -> "subprocess.CompletedProcess[str]":
        """Runs `release-kit init`, at a terminal if that is given."""
        done = subprocess.run(
            [sys.executable, "-m", "release_kit", *self.arguments(*arguments)],
            env=environment(),
            stdin=subprocess.DEVNULL if seat is None else seat,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if seat is None else seat,
            check=False,
        )
        # A carriage return is what it is.
        told = subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), (done.stderr or b"").decode()
        )
        assert told.returncode == code, told.stderr
        return told


def environment() -> dict[str, str]:
    """Returns the environment in which Python finds release_kit."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONSAFEPATH": "1"}


def rule(label: str, kind: str, inputs: tuple[str, ...] = (), **attributes: str | list[str]) -> str:
    """Returns a line as `bazel query --output=streamed_jsonproto` prints it."""
    found = [
        {"name": name, "stringListValue": value} if isinstance(value, list) else {"name": name, "stringValue": value}
        for name, value in attributes.items()
    ]
    said = {"name": label, "ruleClass": kind, "attribute": [{"name": "deprecation"}, *found], "ruleInput": [*inputs]}
    return json.dumps({"type": "RULE", "rule": said}) + "\n"
