"""`release-kit report`: writes down what somebody saw of a gate."""

import argparse
from typing import TYPE_CHECKING

from release_kit.cli import promotion_setting, reporting, wanted
from release_kit.cli.console import Console

if TYPE_CHECKING:
    from release_kit.engines.promotion.commit_status import Published

SCHEMA = "rules_release/report/v1"
PHASES = ("pending", "success", "failure")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    promotion_setting.add_arguments(parser)
    parser.add_argument("--environment", required=True, metavar="NAME", help="where it was seen")
    parser.add_argument("--gate", required=True, metavar="KEY", help="the gate's key")
    parser.add_argument("--phase", required=True, choices=PHASES, help="what was seen")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--commit", metavar="SHA", default="", help="the commit of the branch that was looked at")
    which.add_argument("--release", metavar="VERSION", default="", help="the release that was looked at")
    which.add_argument("--record", metavar="RECORD.json", help="the record of the release that was looked at")
    parser.add_argument("--description", metavar="TEXT", default="", help="what was seen, in one line")
    parser.add_argument("--url", metavar="URL", default="", help="where more of it is")
    parser.add_argument("--reporter", metavar="WHO", default="", help="who saw it, if not the declared reporter")
    reporting.add_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Reports; returns 0, also if it was so already."""
    from release_kit.engines.promotion.report import Seen, gate_of
    from release_kit.values.promotion_gate import Phase

    released = wanted.released(arguments)._replace(commit=arguments.commit)
    with promotion_setting.opened(arguments, console) as setting:
        environment, gate = gate_of(setting, arguments.environment, arguments.gate)
        phase = Phase(arguments.phase)
        seen = Seen(environment, gate, phase, arguments.description, arguments.url, arguments.reporter)
        published = reporting.report(setting, seen, released, arguments, console)
    if arguments.json:
        console.result(_json(published))
    return 0


def _json(published: "Published") -> str:
    parts = {"result": published.result._asdict(), "written": published.written}
    if (status := published.status) is not None:
        said: dict[str, object] = {"context": status.context, "commit": published.commit, "state": status.state}
        said |= {"description": status.description, "url": status.url, "written": published.status_written}
        parts["commit_status"] = said
    return promotion_setting.document(SCHEMA, **parts)
