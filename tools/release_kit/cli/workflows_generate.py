"""`release-kit workflows generate`: writes the workflows of a pipeline, or checks those that are there."""

import argparse
from pathlib import Path

from release_kit.cli import generated_files
from release_kit.cli.console import Console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    generated_files.add_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes or checks the files; returns the exit code."""
    from release_kit.documents import environments
    from release_kit.engines.workflows import stages, tree

    declared = environments.load(Path(arguments.environments))
    wanted = tree.files(declared)
    for note in stages.notes(declared):
        console.note(note)
    found = generated_files.look(arguments, wanted, tree.FOLDERS, tree.origin(declared))
    generated_files.write_or_check(found, arguments, console)
    return 0
