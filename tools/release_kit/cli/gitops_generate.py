"""`release-kit gitops generate`: writes the files for Argo CD and GitOps Promoter, or checks those that are there."""

import argparse
from pathlib import Path

from release_kit.cli import generated_files
from release_kit.cli.console import Console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    generated_files.add_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes or checks the files; returns the exit code."""
    from release_kit.adapters import environment_values
    from release_kit.documents import environments
    from release_kit.engines.gitops import origin, tree

    declared = environments.load(Path(arguments.environments))
    wanted = tree.files(declared, environment_values.load(declared))
    found = generated_files.look(arguments, wanted, tree.FOLDERS, origin.gitops(declared.name))
    generated_files.write_or_check(found._replace(programs=tree.PROGRAMS), arguments, console)
    return 0
