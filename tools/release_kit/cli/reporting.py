"""Reports of gates, for every command that makes some: on the results branch, and as the status of the commit."""

import argparse
import os
from typing import TYPE_CHECKING

from release_kit.cli import github_access
from release_kit.cli.console import Console
from release_kit.errors import InputError

if TYPE_CHECKING:
    from release_kit.engines.promotion.commit_status import Published
    from release_kit.engines.promotion.report import Released, Seen
    from release_kit.engines.promotion.setting import Setting

_RUN = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that commit statuses have."""
    parser.add_argument(
        "--commit-status", action="store_true", help="set the commit status of the gate on GitHub, too ($GITHUB_TOKEN)"
    )
    parser.add_argument("--take-over", action="store_true", help="though another run is at it")


def report(
    setting: "Setting", seen: "Seen", released: "Released", arguments: argparse.Namespace, console: Console
) -> "Published":
    """Writes down what somebody saw, sets the commit status if `arguments` want it, and says so.

    Without an address in `seen`, a commit status gets that of the run at GitHub Actions, and so does the result.

    Args:
        setting: the environments.
        seen: what was seen.
        released: the release that it was seen of; best named by its commit.
        arguments: those of `add_arguments` among them.
        console: where it is told.

    Raises:
        ReleaseError: it is refused, or GitHub refuses.
        InputError: it makes no sense, or the repository is not on GitHub, or there is no token.
    """
    from release_kit.engines.promotion import report as reports
    from release_kit.engines.promotion.commit_status import Published, publish

    if not arguments.commit_status:
        if arguments.take_over:
            raise InputError("--take-over is about commit statuses", "use it with --commit-status")
        published = Published(*reports.report(setting, seen, released))
    else:
        from release_kit.adapters.github.statuses import GitHubStatuses

        purpose, place = "--commit-status", setting.declared.repository
        github_access.check_provider(place.provider, purpose, "report without --commit-status: the result is enough")
        seen = seen._replace(url=seen.url or run_address())
        needs, variable = "write commit statuses of the repository", github_access.deploy_variable(setting.declared)
        with github_access.opened(place.domain, purpose, needs, variable) as api:
            published = publish(setting, seen, released, GitHubStatuses(place, api), arguments.take_over)
    _tell(setting, published, console)
    return published


def run_address() -> str:
    """Returns the page of this run at GitHub Actions; empty elsewhere.

    Raises:
        InputError: what GitHub Actions says makes no address.
    """
    import re

    from release_kit.values.web_address import is_web_address

    if os.environ.get("GITHUB_ACTIONS") != "true":
        return ""
    server, repository, number = (os.environ.get(name, "") for name in _RUN)
    address = f"{server}/{repository}/actions/runs/{number}"
    if is_web_address(address) and re.fullmatch(r"[\w.-]+/[\w.-]+", repository, re.ASCII) and number.isdecimal():
        return address
    raise InputError(f"{', '.join(_RUN)}: make no address of a run", "name it with --url")


def _tell(setting: "Setting", published: "Published", console: Console) -> None:
    result, status = published.result, published.status
    place = f"{result.key} of {setting.declared.name} {result.version} in {result.environment}"
    console.step(f"{place} is {result.phase}" if published.written else f"{place} was {result.phase} already")
    if status is not None:
        where = f"commit status {status.context} of {published.commit}"
        console.step(f"{where} {'is' if published.status_written else 'was already'} {status.state}")
