"""`release-kit gitops diff`: shows what another release of GitOps Promoter or Argo CD changes."""

import argparse
import json
from pathlib import Path

from release_kit.cli.console import Console, escaped
from release_kit.errors import InputError

SCHEMA = "rules_release/gitops-diff/v1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("environments", metavar="ENVIRONMENTS.json", help="the declaration of the environments")
    parser.add_argument("--promoter-release", metavar="VERSION", help="of GitOps Promoter, such as 0.39.0")
    parser.add_argument("--argocd-release", metavar="VERSION", help="of Argo CD, such as 3.5.1")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Prints the changes as a patch, and what to do in which order; returns the exit code."""
    from release_kit.adapters import environment_values
    from release_kit.documents import environments
    from release_kit.engines.gitops import migration, tree
    from release_kit.values import release_number

    old = new = environments.load(Path(arguments.environments))
    if not arguments.promoter_release and not arguments.argocd_release:
        raise InputError("no release is named", "say which with --promoter-release or --argocd-release")
    if arguments.promoter_release:
        release = release_number.parse(arguments.promoter_release, "--promoter-release")
        new = new._replace(promoter=new.promoter._replace(release=release))
    if arguments.argocd_release:
        release = release_number.parse(arguments.argocd_release, "--argocd-release")
        new = new._replace(argocd=new.argocd._replace(release=release))
    values = environment_values.load(old)
    patch = migration.difference(tree.files(old, values), tree.files(new, values))
    steps = migration.steps(old, new)
    if arguments.json:
        console.result(json.dumps({"schema": SCHEMA, "steps": steps, "diff": patch}, indent=2))
        return 0
    if not steps:
        console.step("nothing changes: these are the declared releases")
        return 0
    console.result(escaped(patch))
    console.result("\n".join(f"{number}. {text}" for number, text in enumerate(steps, 1)))
    return 0
