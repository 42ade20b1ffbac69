"""`release-kit e2e`: tests what is deployed, by HTTP, and tells whether it may go on."""

import argparse
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from release_kit.cli import e2e_gate
from release_kit.cli.console import Console
from release_kit.cli.e2e_gate import Target
from release_kit.errors import InputError, ReleaseError

if TYPE_CHECKING:
    from release_kit.adapters.e2e.runner import PytestScenarios
    from release_kit.documents.e2e_suite import Suite
    from release_kit.engines.deadline import Deadline
    from release_kit.engines.e2e.gate import Verdict


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("suite", metavar="SUITE.json", help="the scenarios and their criteria, written by e2e_suite")
    parser.add_argument("--url", metavar="URL", default="", help="where it is deployed")
    parser.add_argument("--version", metavar="VERSION", default="", help="which version has to be there")
    e2e_gate.add_arguments(parser)
    parser.add_argument("--deadline", metavar="DURATION", default="", help="how long all may take; the suite says it")
    parser.add_argument("--junit", metavar="FILE", help="write the results as JUnit, too")
    parser.add_argument("--results", metavar="FILE", help="write the results as JSON, too")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--insecure", action="store_true", help="speak plain HTTP to a host that is not on loopback")
    parser.add_argument("--collect-only", action="store_true", help="look whether all scenarios are there; run none")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Tests; returns 0 if all criteria hold.

    Raises:
        ReleaseError: some do not; they have been printed.
    """
    from release_kit.documents import e2e_suite
    from release_kit.engines import deadline

    suite = e2e_suite.load(Path(arguments.suite))
    limit = deadline.within(_seconds(arguments.deadline) if arguments.deadline else suite.criteria.deadline)
    if arguments.collect_only:
        return _collected(suite, limit, console)
    variables = _variables(suite)
    with ExitStack() as stack:
        target = e2e_gate.target(arguments, console, stack)
        scenarios = _scenarios(suite, target, variables)
        target.reports.begin(f"{suite.name} is tested")
        try:
            verdict = _verdict(suite, target, scenarios, limit, console)
        except BaseException as error:
            _broken_off(target, error, console)
            raise
        try:
            _show(suite, target, verdict, arguments, console)
        finally:
            target.reports.end(verdict.passed, verdict.description)
    if not verdict.passed:
        message = f"{suite.name} {target.version} at {target.url} has not passed: {len(verdict.faults)} faults"
        raise ReleaseError(message.replace(": 1 faults", ": 1 fault"), "see above; docs/e2e.md says what each means")
    console.step(f"{suite.name} {target.version} at {target.url}: {verdict.description}")
    return 0


def _seconds(text: str) -> int:
    from release_kit.documents.fields import Fields
    from release_kit.documents.scenario_words import duration

    return duration(Fields({"--deadline": text}, ""), "--deadline")


def _variables(suite: "Suite") -> dict[str, str]:
    """Returns what the environment has of what the suite declares.

    Raises:
        InputError: something is not set, or empty.
    """
    found = {name: os.environ.get(name, "") for name in (*suite.credentials, *suite.variables)}
    if missing := [name for name, text in found.items() if not text]:
        names = ", ".join(missing)
        raise InputError(
            f"not set, or empty: {names}", f"the scenarios of {suite.name} read them: set them and try again"
        )
    return found


def _scenarios(suite: "Suite", target: Target, variables: Mapping[str, str]) -> "PytestScenarios":
    from release_kit.adapters.e2e.runner import PytestScenarios

    secrets = [variables[name] for name in suite.credentials if name in variables]
    order = {"url": target.url, "version": target.version}
    return PytestScenarios(suite.folder, order, variables, secrets)


def _verdict(
    suite: "Suite", target: Target, scenarios: "PytestScenarios", limit: "Deadline", console: Console
) -> "Verdict":
    from release_kit.adapters.e2e.probe import HttpDeployment
    from release_kit.engines.e2e.gate import Trial, pass_gate

    return pass_gate(Trial(suite, target.version, HttpDeployment(target.url), scenarios, limit), console)


def _show(suite: "Suite", target: Target, verdict: "Verdict", arguments: argparse.Namespace, console: Console) -> None:
    """Prints the results, and writes them where they are asked for."""
    from release_kit.adapters.files import append_text, write_atomically
    from release_kit.cli import e2e_results

    text = e2e_results.document(suite, target, verdict)
    if arguments.results:
        write_atomically(Path(arguments.results), text)
    if arguments.junit:
        write_atomically(Path(arguments.junit), e2e_results.junit(suite, verdict))
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        append_text(Path(page), e2e_results.markdown(suite, target, verdict))
    e2e_results.tell(verdict, console)
    if arguments.json:
        console.result(text)
    else:
        e2e_results.show(suite, verdict, console)


def _collected(suite: "Suite", limit: "Deadline", console: Console) -> int:
    """Looks whether every scenario is there."""
    from release_kit.engines.e2e.gate import collect

    target = Target("http://127.0.0.1", "0.0.0")
    found = collect(suite, _scenarios(suite, target, {}).only_collecting(), limit, console)
    console.result("\n".join(result.scenario for result in found.results) or "no scenario")
    for fault in found.faults:
        console.note(f"FAIL {fault}")
    if found.faults:
        raise ReleaseError(f"{suite.name}: the scenarios are not as the suite has them", "see above")
    return 0


def _broken_off(target: Target, error: BaseException, console: Console) -> None:
    """Reports that there is no result; what came in between is what is told at last."""
    from release_kit.cli import app

    if isinstance(error, KeyboardInterrupt):
        app.calm()
    try:
        target.reports.end(False, f"not tested to the end: {_words(error)}")
    except ReleaseError as another:
        console.error(another)


def _words(error: BaseException) -> str:
    if isinstance(error, ReleaseError):
        return error.message
    return "interrupted" if isinstance(error, KeyboardInterrupt) else type(error).__name__
