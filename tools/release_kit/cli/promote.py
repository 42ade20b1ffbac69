"""`release-kit promote`: lets a release go on to the next environment."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from release_kit.cli import github_access, promotion_setting, wanted
from release_kit.cli.console import Console
from release_kit.errors import InputError, ReleaseError

if TYPE_CHECKING:
    from release_kit.engines.promotion.promote import Order, Outcome, Waiting
    from release_kit.engines.promotion.setting import Setting
    from release_kit.values.pull_request import PullRequest

SCHEMA = "rules_release/promotion/v1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    promotion_setting.add_arguments(parser)
    parser.add_argument("--from", dest="source", metavar="NAME", default="", help="the environment before it")
    parser.add_argument(
        "--to", metavar="NAME", default="", help="the environment; by default all that need no person to promote"
    )
    parser.add_argument("--again", action="store_true", help="though the release was rolled back there")
    wanted.add_arguments(parser)
    parser.add_argument("--pull-request", action="store_true", help="open a pull request on GitHub ($GITHUB_TOKEN)")
    parser.add_argument("--dry-run", action="store_true", help="write nothing; say what would be done")
    promotion_setting.add_registry_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Promotes; returns 0, also if nothing had to be done.

    Raises:
        ReleaseError: it is refused; the reasons have been printed.
    """
    from release_kit.engines.promotion.refusals import RefusedError

    _check(arguments)
    try:
        with promotion_setting.opened(arguments, console) as setting:
            return _one(setting, arguments, console) if arguments.to else _all(setting, arguments, console)
    except RefusedError as error:
        promotion_setting.show_refusals(error, arguments, console, SCHEMA)
        raise


def _check(arguments: argparse.Namespace) -> None:
    """Refuses what is about one environment, where none is named.

    Raises:
        InputError: it is about one.
    """
    if arguments.to:
        return
    if arguments.source or arguments.again or arguments.pull_request:
        raise InputError(
            "--from, --again and --pull-request say how to promote to one environment", "name it with --to"
        )
    if arguments.release or arguments.record:
        raise InputError("--release and --record say what to promote to one environment", "name it with --to")


def _one(setting: "Setting", arguments: argparse.Namespace, console: Console) -> int:
    from release_kit.engines.promotion import promote

    order = promote.order(setting, arguments.to, arguments.source, arguments.again, arguments.dry_run)
    order = order._replace(released=wanted.released(arguments))
    if arguments.pull_request:
        return _proposed(setting, order, arguments, console)
    outcome = promote.promote(setting, order)
    _show([outcome], [], arguments, console)
    return 0


def _proposed(setting: "Setting", order: "Order", arguments: argparse.Namespace, console: Console) -> int:
    from release_kit.adapters.github.pull_requests import GitHubPullRequests
    from release_kit.engines.promotion.proposal import propose

    purpose, repository = "--pull-request", setting.declared.repository
    remedy = "promote without --pull-request: that works on any git server"
    github_access.check_provider(repository.provider, purpose, remedy)
    needs, variable = "write pull requests of the repository", github_access.deploy_variable(setting.declared)
    with github_access.opened(repository.domain, purpose, needs, variable) as api:
        outcome, request = propose(setting, order, GitHubPullRequests(repository, api))
    if request:
        console.step(f"pull request {request.number} {'is open now' if request.opened else 'was open already'}")
    _show([outcome], [], arguments, console, request)
    return 0


def _all(setting: "Setting", arguments: argparse.Namespace, console: Console) -> int:
    from release_kit.engines.promotion.promote import promote_all

    done, waiting = promote_all(setting, arguments.dry_run)
    _show(done, waiting, arguments, console)
    if failed := [each for each in waiting if each.failed]:
        names = ", ".join(each.environment for each in failed)
        raise ReleaseError(
            f"not promoted, whatever the gates say: {names}", "do what the table names, then run it again"
        )
    return 0


def _show(
    done: "Sequence[Outcome]",
    waiting: "Sequence[Waiting]",
    arguments: argparse.Namespace,
    console: Console,
    request: "PullRequest | None" = None,
) -> None:
    """Tells what was promoted and what waits."""
    for each in done:
        console.step(_told(each, arguments.dry_run, request is not None))
    if arguments.json:
        console.result(_json(done, waiting, arguments.way, request))
        return
    if request:
        console.result(request.url)
    elif done:
        rows = [(each.environment, each.before or "-", each.version, each.record, each.commit or "-") for each in done]
        console.table(("ENVIRONMENT", "BEFORE", "NOW", "RECORD", "COMMIT"), rows)
    if waiting:
        _show_waiting(waiting, arguments, console)
    elif not done:
        console.step("nothing to promote: every environment has what is proposed for it")


def _show_waiting(waiting: "Sequence[Waiting]", arguments: argparse.Namespace, console: Console) -> None:
    lines = [(each, refusal) for each in waiting for refusal in each.refusals]
    rows = [
        (each.environment, each.version, no.reason, no.who, promotion_setting.command(no, arguments.way))
        for each, no in lines
    ]
    console.table(("ENVIRONMENT", "PROPOSED", "WAITS BECAUSE", "WHO", "COMMAND"), rows)


def _told(outcome: "Outcome", dry_run: bool, is_proposal: bool) -> str:
    name, version = outcome.environment, outcome.version
    if outcome.done:
        return f"{name} is at {version} now (was {outcome.before or 'empty'}){_skipping(outcome)}"
    if is_proposal:
        return f"{name} goes to {version} once the pull request is merged{_skipping(outcome)}"
    if outcome.commit or not dry_run:
        return f"{name} is at {version} already"
    return f"{name} would go from {outcome.before or 'nothing'} to {version}{_skipping(outcome)}"


def _skipping(outcome: "Outcome") -> str:
    """Says whom the release did not wait for."""
    return f"; it skips staging and has not passed {', '.join(outcome.skipped)}" if outcome.skipped else ""


def _json(done: "Sequence[Outcome]", waiting: "Sequence[Waiting]", way: str, request: "PullRequest | None") -> str:
    return promotion_setting.document(
        SCHEMA,
        promotions=[each._asdict() for each in done],
        waiting=[{**each._asdict(), "refusals": promotion_setting.as_json(each.refusals, way)} for each in waiting],
        **({"pull_request": request._asdict()} if request else {}),
    )
