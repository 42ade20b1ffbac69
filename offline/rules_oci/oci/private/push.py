#!/usr/bin/python3 -I
"""Pushes an image layout by digest, then tags it, with crane.

Usage: push [-r|--repository REPOSITORY] [-t|--tag TAG]... [--insecure] [-v|--verbose] [--platform P] [crane push flags]

The program runs under the name of an `oci_push` target and finds `<name>.push.json` beside itself:
`{"layout", "repository", "repository_file", "tags_file"}`, paths relative to the runfiles.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path


class PushError(Exception):
    """The push cannot start; the text says what is missing."""


def _runfiles(program: Path) -> Path:
    """Returns the runfiles folder: the program's own, one it lies in, or the caller's."""
    own = program.with_name(program.name + ".runfiles")
    if own.is_dir():
        return own
    for parent in program.parents:
        if parent.name.endswith(".runfiles"):
            return parent
    if "RUNFILES_DIR" in os.environ:
        return Path(os.environ["RUNFILES_DIR"])
    raise PushError(f"found no runfiles for {program}: run it with `bazel run`")


def _options(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(description="Push an image by digest, then tag it.", allow_abbrev=False)
    parser.add_argument("-r", "--repository")
    parser.add_argument("-t", "--tag", action="append", default=[])
    parser.add_argument("--platform")
    for flags in (("--allow-nondistributable-artifacts",), ("--insecure",), ("-v", "--verbose")):
        parser.add_argument(*flags, action="store_true")
    return parser.parse_known_args(arguments)


def _global_flags(options: argparse.Namespace) -> list[str]:
    names = ("allow_nondistributable_artifacts", "insecure", "verbose")
    flags = ["--" + name.replace("_", "-") for name in names if getattr(options, name)]
    return flags + (["--platform", options.platform] if options.platform else [])


def _crane(flags: list[str], *arguments: str) -> None:
    program = shutil.which("crane")
    if not program:
        raise PushError("crane is not on PATH: install it to push")
    subprocess.run([program, arguments[0], *flags, *arguments[1:]], check=True)


def push(program: Path, arguments: list[str]) -> None:
    """Pushes and tags; raises PushError or CalledProcessError at the first failure."""
    parameters = json.loads(program.with_name(program.name + ".push.json").read_text())
    runfiles = _runfiles(program)
    options, rest = _options(arguments)

    def text(key: str) -> str:
        return (runfiles / parameters[key]).read_text() if parameters[key] else ""

    repository = options.repository or parameters["repository"] or text("repository_file").replace("\n", "")
    if not repository:
        raise PushError("no repository: pass --repository, or set the attribute repository or repository_file")
    layout = runfiles / parameters["layout"]
    digest = json.loads((layout / "index.json").read_text())["manifests"][0]["digest"]
    reference, flags = f"{repository}@{digest}", _global_flags(options)
    _crane(flags, "push", str(layout), reference, *rest)
    for tag in [*options.tag, *text("tags_file").split()]:
        _crane(flags, "tag", reference, tag)


def main() -> int:
    """Runs the push; returns the exit code."""
    try:
        push(Path(sys.argv[0]).absolute(), sys.argv[1:])
    except PushError as error:
        print(f"push: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
