"""Starts a command from a Bazel target: the target's own arguments first, then the user's."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from release_kit.cli import app

RUNFILES = "{runfiles}"


def launch(main_file: str, main_path: str, arguments: Sequence[str]) -> int:
    """Runs a command whose documents are runfiles; relative paths of the user count from where `bazel run` was called.

    Args:
        main_file: `__file__` of the target's main file.
        main_path: where that file is below the runfiles.
        arguments: the target's arguments; `{runfiles}` stands for the folder of the runfiles.

    Returns:
        The exit code.
    """
    depth = len(Path(main_path).parts)
    runfiles = str(Path(os.path.abspath(main_file)).parents[depth - 1])
    os.chdir(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    sys.argv[1:1] = [argument.replace(RUNFILES, runfiles) for argument in arguments]
    return app.command()
