"""`release-kit argocd wait`: waits until Argo CD has deployed what an environment runs."""

import argparse
import os
from typing import TYPE_CHECKING

from release_kit.cli import promotion_setting, reporting, wanted
from release_kit.cli.console import Console
from release_kit.errors import GitError, InputError, ReleaseError

if TYPE_CHECKING:
    from release_kit.adapters.argocd import HttpApplications
    from release_kit.documents.environments import Environments
    from release_kit.engines.promotion.deployment import Aim, Outcome
    from release_kit.engines.promotion.setting import Setting
    from release_kit.values.promotion_gate import Phase

SCHEMA = "rules_release/argocd-wait/v1"
SERVER = "ARGOCD_SERVER"
"""The environment variable that names the server; the program argocd reads the same."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    promotion_setting.add_arguments(parser)
    parser.add_argument("--environment", required=True, metavar="NAME", help="what has to be deployed there")
    wanted.add_arguments(parser)
    parser.add_argument("--server", metavar="HOST[:PORT]|URL", default="", help=f"Argo CD, instead of {SERVER}")
    parser.add_argument("--deadline", metavar="DURATION", default="15m", help="how long to wait at most; 15m")
    parser.add_argument("--report", action="store_true", help="report the gate: pending, then success or failure")
    parser.add_argument("--reporter", metavar="WHO", default="", help="who saw it, if not the declared reporter")
    parser.add_argument("--url", metavar="URL", default="", help="where more of it is; the run's page, or Argo CD's")
    parser.add_argument("--insecure", action="store_true", help="speak plain HTTP to a server that is not on loopback")
    reporting.add_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Waits; returns 0 once it is deployed and healthy.

    Raises:
        ReleaseError: Argo CD has given up, the deadline is over, or something newer came.
    """
    from contextlib import closing

    from release_kit.engines.deadline import within
    from release_kit.engines.promotion import deployment

    limit, named = _seconds(arguments.deadline), wanted.released(arguments)
    with promotion_setting.opened(arguments, console) as setting:
        with closing(_applications(setting.declared, arguments)) as applications:
            aimed = deployment.aim(setting, arguments.environment, named)
            teller = _Teller(setting, aimed, applications.page(aimed.application), arguments, console)
            console.step(f"wait: {aimed.application} at {setting.declared.name} {aimed.version} ({aimed.revision})")
            watch = deployment.Watch(within(limit), teller.is_superseded, teller.saw)
            outcome = deployment.wait(aimed, applications, watch)
        return teller.ended(outcome)


def _seconds(text: str) -> int:
    from release_kit.documents.fields import Fields
    from release_kit.documents.scenario_words import duration

    return duration(Fields({"--deadline": text}, ""), "--deadline")


def _applications(declared: "Environments", arguments: argparse.Namespace) -> "HttpApplications":
    from release_kit.adapters.argocd import TOKEN, HttpApplications, address, checked_token

    named = arguments.server or os.environ.get(SERVER, "")
    if not named:
        raise InputError("no Argo CD is named", f"say it with --server or in {SERVER}: HOST[:PORT] or https://...")
    server = address(named, "--server" if arguments.server else SERVER, arguments.insecure)
    return HttpApplications(server, declared.argocd, checked_token(os.environ.get(TOKEN, "")))


class _Teller:
    """Tells what is seen: on stderr, and where that is asked for on the results branch."""

    def __init__(
        self, setting: "Setting", aimed: "Aim", page: str, arguments: argparse.Namespace, console: Console
    ) -> None:
        from release_kit.engines.promotion.deployment import gates

        self._setting, self._aimed, self._page = setting, aimed, page
        self._arguments, self._console = arguments, console
        is_wanted = arguments.report or arguments.commit_status or arguments.take_over
        self._gates = gates(setting.declared, aimed.environment) if is_wanted else ()
        self._has_begun = False

    def is_superseded(self) -> bool:
        """Looks whether the environment has something newer; while the repository can't be read, nobody knows."""
        from release_kit.engines.promotion.deployment import aim

        try:
            self._setting.repository.fetch()
        except GitError as error:
            self._console.note(error.message)
            return False
        return aim(self._setting, self._aimed.environment.name).revision != self._aimed.revision

    def saw(self, text: str) -> None:
        """Says what is seen; the first time, the gates are pending from then on."""
        from release_kit.values.promotion_gate import Phase

        self._console.note(text)
        if not self._has_begun:
            self._has_begun = True
            self._report(Phase.PENDING, text)

    def ended(self, outcome: "Outcome") -> int:
        """Says how it ended; returns 0, or raises what went wrong. What was superseded is neither good nor bad."""
        from release_kit.engines.promotion.deployment import End, description
        from release_kit.values.promotion_gate import Phase

        said = description(outcome, self._aimed)
        self._show(outcome, said)
        if outcome.end is not End.SUPERSEDED:
            if self._gates and self._has_begun:
                self._setting.repository.fetch()
            self._report(Phase.SUCCESS if outcome.end is End.HEALTHY else Phase.FAILURE, said)
        place = f"{self._aimed.application} at {self._aimed.version}"
        if outcome.end is not End.HEALTHY:
            raise ReleaseError(f"{place}: {said}", self._remedy(outcome.end is End.SUPERSEDED))
        self._console.step(f"{place}: {said}")
        return 0

    def _report(self, phase: "Phase", text: str) -> None:
        from release_kit.engines.promotion.report import Seen

        url = self._arguments.url or reporting.run_address() or self._page
        for gate in self._gates:
            seen = Seen(self._aimed.environment, gate, phase, text, url, self._arguments.reporter)
            reporting.report(self._setting, seen, self._aimed.released, self._arguments, self._console)

    def _show(self, outcome: "Outcome", said: str) -> None:
        if not self._arguments.json:
            return
        seen, operation = outcome.seen, outcome.seen.operation
        parts = {
            "environment": self._aimed.environment.name,
            "application": self._aimed.application,
            "version": self._aimed.version,
            "revision": self._aimed.revision,
            "end": outcome.end,
            "description": said,
            "url": self._page,
            "seconds": round(outcome.seconds, 1),
            "seen": {**seen._asdict(), "operation": operation._asdict()},
            "reported": [gate.key for gate in self._gates],
        }
        self._console.result(promotion_setting.document(SCHEMA, **parts))

    def _remedy(self, is_superseded: bool) -> str:
        name = self._aimed.environment.name
        if is_superseded:
            return f"wait again: {name} has something newer now, of which nothing is known yet"
        back = f"{self._arguments.way.format(command='rollback')} --environment {name}"
        return f"look at {self._page}; what ran before comes back by: {back}"
