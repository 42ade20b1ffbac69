"""What is tested, where a declaration and its repository say it; and the reports of how it went."""

import argparse
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from release_kit.cli import promotion_setting, reporting, wanted
from release_kit.cli.console import Console
from release_kit.errors import InputError, ReleaseError

if TYPE_CHECKING:
    from release_kit.documents.environments import Environment
    from release_kit.engines.promotion.model import Hydrated
    from release_kit.engines.promotion.report import Released, Seen
    from release_kit.engines.promotion.setting import Setting
    from release_kit.values.promotion_gate import Phase


class Reports:
    """Tells nobody."""

    def begin(self, description: str) -> None:
        """Says that the test has begun."""

    def end(self, passed: bool, description: str) -> None:
        """Says how it ended."""


class Target(NamedTuple):
    """What is tested."""

    url: str
    """Without a slash at its end."""
    version: str
    environment: str = ""
    commit: str = ""
    """Of the environment's branch."""
    reports: Reports = Reports()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that name an environment."""
    parser.add_argument("--environments", metavar="ENVIRONMENTS.json", help="the declaration of the environments")
    parser.add_argument("--environment", metavar="NAME", default="", help="test what runs there; it says where")
    wanted.add_arguments(parser)
    parser.add_argument("--repository", metavar="URL", help="where the branches are, instead of the declaration's")
    parser.add_argument("--report", action="store_true", help="report the gate: pending, then success or failure")
    parser.add_argument("--gate", metavar="KEY", default="", help="which; by default the only one of the kind e2e")
    reporting.add_arguments(parser)


def target(arguments: argparse.Namespace, console: Console, stack: ExitStack) -> Target:
    """Returns what is tested; the copy of the repository lives as long as `stack`.

    Raises:
        InputError: the arguments do not fit together.
        ReleaseError: nothing runs in the environment, or another release than the one that is wanted.
        GitError: the repository can't be read.
    """
    from release_kit.engines.e2e.health import check_version

    if not arguments.environment:
        if _is_about_a_gate(arguments):
            options = "--report, --commit-status, --take-over and --gate"
            raise InputError(f"{options} are about an environment", "name it: --environment")
        if arguments.release or arguments.record:
            raise InputError("--release and --record are about an environment", "name it: --environment")
        url = _checked(arguments.url, "--url", arguments.insecure)
        return Target(url, check_version(arguments.version, "--version"))
    if not arguments.environments:
        raise InputError("--environment: where is it declared?", "name the declaration: --environments")
    if arguments.version:
        raise InputError("--version: the environment says which version it is", "name one of both")
    setting = stack.enter_context(promotion_setting.opened(arguments, console))
    return _declared(setting, arguments, console)


def _declared(setting: "Setting", arguments: argparse.Namespace, console: Console) -> Target:
    """Reads what runs in an environment."""
    from release_kit.engines.e2e.health import check_version
    from release_kit.engines.promotion.wanted import check_active

    environment = setting.declared.environment(arguments.environment, "--environment")
    place = "--url" if arguments.url else f"environment {environment.name}: url"
    url = _checked(arguments.url or environment.url, place, arguments.insecure)
    active = setting.read().state(environment).active
    if not active.record:
        raise ReleaseError(f"no release runs in {environment.name}", "hydrate and promote one first")
    check_active(wanted.released(arguments), environment.name, active)
    version = check_version(active.version, f"environment {environment.name}: version")
    reports = _reports(setting, environment, active, arguments, console)
    return Target(url, version, environment.name, "" if environment.tracks else active.commit, reports)


def _reports(
    setting: "Setting", environment: "Environment", active: "Hydrated", arguments: argparse.Namespace, console: Console
) -> Reports:
    """Returns what reports the gate, if that is asked for."""
    from release_kit.engines.promotion.report import Released, Seen, gate_of
    from release_kit.values.promotion_gate import Phase

    if not _is_about_a_gate(arguments):
        return Reports()
    _, gate = gate_of(setting, environment.name, arguments.gate or _only_gate(setting, environment))
    if not (arguments.report or arguments.commit_status):
        raise InputError("--gate and --take-over are about reports", "use them with --report")
    released = Released(version=active.version) if environment.tracks else Released(commit=active.commit)
    seen = Seen(environment, gate, Phase.PENDING, url=reporting.run_address())
    return GateReports(setting, seen, released, arguments, console)


def _is_about_a_gate(arguments: argparse.Namespace) -> bool:
    return bool(arguments.report or arguments.commit_status or arguments.take_over or arguments.gate)


def _only_gate(setting: "Setting", environment: "Environment") -> str:
    from release_kit.values.promotion_gate import Kind

    keys = [gate.key for gate in setting.declared.gates_of(environment) if gate.kind is Kind.E2E]
    if len(keys) != 1:
        found = f"has the gates {', '.join(keys)} of the kind e2e" if keys else "has no gate of the kind e2e"
        remedy = "say which one is meant: --gate" if keys else "declare gate.e2e(), or test without --report"
        raise InputError(f"{environment.name} {found}", remedy)
    return keys[0]


def _checked(url: str, place: str, insecure: bool) -> str:
    """Returns an address without a slash at its end.

    Raises:
        InputError: it is none, or credentials would go there in plain text.
    """
    from urllib.parse import urlsplit

    from release_kit.values.reference import is_loopback
    from release_kit.values.web_address import is_web_address

    if not url:
        raise InputError(f"{place}: nobody says where it is deployed", "name it: --url https://...")
    if not is_web_address(url) or "?" in url or "#" in url or len(url) > 2000:
        # Not shown: somebody may have put a password into it.
        expected = "https://HOST[:PORT][/PREFIX], without user, password, query or fragment"
        raise InputError(f"{place}: expected {expected}, found something else")
    parts = urlsplit(url)
    if parts.scheme == "http" and not insecure and not is_loopback(parts.netloc):
        remedy = "use https, or allow it with --insecure"
        raise InputError(f"{place}: {parts.netloc} would get credentials in plain text", remedy)
    return url.rstrip("/")


class GateReports(Reports):
    """Reports the gate for exactly what is tested, whatever comes to the environment meanwhile."""

    def __init__(
        self,
        setting: "Setting",
        seen: "Seen",
        released: "Released",
        arguments: argparse.Namespace,
        console: Console,
    ) -> None:
        """Reports nothing yet; phase and description of `seen` are those of each report."""
        self._setting, self._seen, self._released = setting, seen, released
        self._arguments, self._console = arguments, console

    def begin(self, description: str) -> None:
        """Reports that the gate is pending."""
        from release_kit.values.promotion_gate import Phase

        self._report(Phase.PENDING, description)

    def end(self, passed: bool, description: str) -> None:
        """Reports success or failure; the repository is read anew, since the test took its time."""
        from release_kit.values.promotion_gate import Phase

        self._setting.repository.fetch()
        self._report(Phase.SUCCESS if passed else Phase.FAILURE, description)

    def _report(self, phase: "Phase", description: str) -> None:
        seen = self._seen._replace(phase=phase, description=description)
        reporting.report(self._setting, seen, self._released, self._arguments, self._console)
