"""`release-kit workflows check`: holds workflows of GitHub Actions to a policy (docs/workflows.md)."""

import argparse
import json
from pathlib import Path

from release_kit.cli.console import Console
from release_kit.errors import InputError

SCHEMA = "rules_release/workflow-policy/v1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="workflows, and folders with such")
    parser.add_argument(
        "--environments", metavar="ENVIRONMENTS.json", help="the declaration: environments, secrets and gates are its"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Checks; returns 0 if there is no finding, 1 if there are some."""
    from release_kit.adapters import yaml_files
    from release_kit.cli.findings import lines
    from release_kit.documents import environments
    from release_kit.engines.workflows.policy.run import check

    found = yaml_files.read([Path(path) for path in arguments.paths])
    if not found.texts and not found.unreadable:
        raise InputError(f"{', '.join(arguments.paths)}: there is no workflow", "name such as .github/workflows")
    declared = environments.load(Path(arguments.environments)) if arguments.environments else None
    findings = check(found.texts, found.unreadable, declared)
    if arguments.json:
        report = {"schema": SCHEMA, "files": [*found.texts], "findings": [each._asdict() for each in findings]}
        console.result(json.dumps(report, indent=2))
    elif findings:
        console.result("\n".join(lines(findings)))
    console.step(f"{len(findings)} findings in {len(found.texts)} workflows")
    return int(bool(findings))
