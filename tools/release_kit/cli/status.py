"""`release-kit status`: tells of each environment what runs, and what the next release waits for."""

import argparse
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from release_kit.cli import promotion_setting
from release_kit.cli.console import Console

if TYPE_CHECKING:
    from release_kit.engines.promotion.model import Hydrated
    from release_kit.engines.promotion.status.overview import Overview, Situation

EVENTS = 8
"""How many of the last events of each environment are read."""
Table = tuple[Sequence[str], Sequence[Sequence[str]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    promotion_setting.add_arguments(parser)
    parser.add_argument("--html", metavar="FILE", help="write a page, too: one file that needs nothing else")
    parser.add_argument("--now", metavar="TIME", help="as if it were this time, such as 2026-11-23T12:10:00Z")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Tells the status; returns 0, however the environments stand."""
    from release_kit.adapters.files import write_atomically
    from release_kit.engines.promotion.status.overview import document

    seen = _seen(arguments, console)
    if arguments.html:
        from release_kit.engines.promotion.status.page import page

        write_atomically(Path(arguments.html), page(seen))
        console.note(f"the page is in {arguments.html}")
    if arguments.json:
        parts = document(seen)
        console.result(promotion_setting.document(parts.pop("schema"), **parts))
    else:
        _show(seen, console)
    return 0


def _seen(arguments: argparse.Namespace, console: Console) -> "Overview":
    import time

    from release_kit.engines.promotion import state
    from release_kit.engines.promotion.status.history import events
    from release_kit.engines.promotion.status.overview import overview
    from release_kit.engines.promotion.status.wording import seconds_of

    now = seconds_of(arguments.now, "--now") if arguments.now else int(time.time())
    with promotion_setting.opened(arguments, console) as setting:
        declared = setting.declared
        snapshot = state.read(declared, setting.repository, now)
        happened = {each.name: events(setting.repository, each, EVENTS) for each in declared.pinned}
        return overview(declared, snapshot, happened, now)


def _show(seen: "Overview", console: Console) -> None:
    """Prints tables as wide as they are; where the terminal is narrower, a small one for each environment."""
    tables = [_environments(seen), _gates(seen), _waits(seen)]
    width = shutil.get_terminal_size((0, 0)).columns
    if width and max(map(_width, tables)) > width:
        tables = list(_narrow(seen))
    for i, (header, rows) in enumerate(each for each in tables if each[1]):
        if i:
            console.result("")
        console.table(header, rows)


def _width(table: Table) -> int:
    header, rows = table
    columns = zip(header, *rows, strict=True)
    return sum(max(map(len, column)) + 2 for column in columns) - 2


def _environments(seen: "Overview") -> Table:
    from release_kit.engines.promotion.status.wording import short

    rows = [
        (
            each.environment.name,
            _version(each.active),
            short(each.source),
            short(each.active.record),
            _since(each.active.since, seen),
            _standing(each),
            _version(each.proposed),
        )
        for each in seen.situations
    ]
    return ("ENVIRONMENT", "VERSION", "COMMIT", "RECORD", "SINCE", "STATE", "NEXT"), rows


def _version(content: "Hydrated") -> str:
    from release_kit.engines.promotion.status.wording import SKIPS_STAGING, shown

    mark = f" ({SKIPS_STAGING})" if content.skip_staging else ""
    return f"{shown(content.version, 60)}{mark}" if content.version else "-"


def _standing(situation: "Situation") -> str:
    """Returns such as `waiting`, with what makes an environment special."""
    from release_kit.engines.promotion.status.history import EventKind
    from release_kit.engines.promotion.status.wording import shown

    arrival, marks = situation.arrival, []
    if situation.environment.tracks:
        marks.append(f"follows {shown(situation.environment.tracks, 60)}")
    if arrival and arrival.kind is EventKind.ROLLED_BACK:
        marks.append(f"back from {shown(arrival.before, 60)}")
    return f"{situation.standing} ({', '.join(marks)})" if marks else str(situation.standing)


def _since(when: int, seen: "Overview") -> str:
    from release_kit.engines.promotion.status.wording import ago, moment

    return f"{moment(when)} ({ago(when, seen.now)})" if when else "-"


def _gates(seen: "Overview") -> Table:
    rows = [(each.environment.name, *row) for each in seen.situations for row in _gate_rows(each, seen)]
    return ("ENVIRONMENT", "GATE", "OF", "RESULT", "SINCE", "REPORTED BY"), rows


def _gate_rows(situation: "Situation", seen: "Overview") -> Iterator[Sequence[str]]:
    from release_kit.engines.promotion.status.wording import shown

    held = ((situation.active, situation.active_gates), (situation.proposed, situation.proposed_gates))
    for content, states in held:
        for state in states:
            version = shown(content.version, 60) or "-"
            yield state.gate.key, version, str(state.phase), _since(state.since, seen), str(state.gate.reporter)


def _waits(seen: "Overview") -> Table:
    rows = [(each.environment.name, *row) for each in seen.situations for row in _wait_rows(each)]
    return ("NEXT STEP OF", "WAITS BECAUSE", "UP TO"), rows


def _wait_rows(situation: "Situation") -> Iterator[Sequence[str]]:
    from release_kit.engines.promotion.status.wording import shown

    return ((shown(each.reason), shown(each.reporter)) for each in situation.blockers)


def _narrow(seen: "Overview") -> Iterator[Table]:
    """Returns a table of two columns for each environment."""
    header, rows = _environments(seen)
    for row, situation in zip(rows, seen.situations, strict=True):
        lines = [*zip((name.lower() for name in header[2:]), row[2:], strict=True)]
        lines += [(gate, f"{phase} ({reporter})") for gate, _, phase, _, reporter in _gate_rows(situation, seen)]
        lines += [("waits", reason) for reason, _ in _wait_rows(situation)]
        yield row[:2], lines
