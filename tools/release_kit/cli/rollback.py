"""`release-kit rollback`: brings an earlier release of an environment back."""

import argparse
from typing import TYPE_CHECKING

from release_kit.cli import promotion_setting
from release_kit.cli.console import Console

if TYPE_CHECKING:
    from release_kit.engines.promotion.rollback import Outcome

SCHEMA = "rules_release/rollback/v1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    promotion_setting.add_arguments(parser)
    parser.add_argument("--environment", required=True, metavar="NAME", help="what is rolled back")
    parser.add_argument(
        "--to", metavar="VERSION", default="", help="a release that ran there; by default the last good"
    )
    parser.add_argument("--reason", metavar="TEXT", default="", help="for those who read the history")
    parser.add_argument("--dry-run", action="store_true", help="write nothing; say what would be done")
    promotion_setting.add_registry_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Rolls back; returns 0, also if it was done already.

    Raises:
        ReleaseError: it is refused; the reasons have been printed.
    """
    from release_kit.engines.promotion import rollback
    from release_kit.engines.promotion.refusals import RefusedError

    try:
        with promotion_setting.opened(arguments, console) as setting:
            order = rollback.order(
                setting, arguments.environment, arguments.to, arguments.reason, dry_run=arguments.dry_run
            )
            outcome = rollback.roll_back(setting, order)
    except RefusedError as error:
        promotion_setting.show_refusals(error, arguments, console, SCHEMA)
        raise
    console.step(_told(outcome))
    if arguments.json:
        console.result(promotion_setting.document(SCHEMA, rollback=outcome._asdict()))
    else:
        rows = [(outcome.environment, outcome.before or "-", outcome.version, outcome.record, outcome.commit or "-")]
        console.table(("ENVIRONMENT", "BEFORE", "NOW", "RECORD", "COMMIT"), rows)
    return 0


def _told(outcome: "Outcome") -> str:
    name, version = outcome.environment, outcome.version
    if outcome.done:
        return f"{name} is back at {version}; {outcome.before} stays out until it is promoted with --again"
    if not outcome.commit:
        return f"{name} would go back from {outcome.before} to {version}"
    return f"{name} is at {version} already" + (f", back from {outcome.before}" if outcome.before else "")
