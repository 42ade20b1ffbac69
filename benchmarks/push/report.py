"""Renders results as Markdown that also reads well on a terminal."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from benchmarks.push.clients import OURS
from benchmarks.push.measure import PHASES
from benchmarks.push.registry import DIRECT
from benchmarks.push.results import Case, Measure, Results, Run, Spread, spread

MB = 1_000_000
NOTHING = "-"

METHOD = """\
Each client pushes every set to a fresh, empty registry (cold), again (unchanged), and with two new tags an image (new
version); then comes the next client, and after the last one the next round. Four tags an image. Registry, images and
clients share the machine; images and the registry's storage are on tmpfs. After each run every tag is compared with
the built digest: a run that left a wrong one does not count. Requests and bytes (of request bodies) are counted by a
proxy that adds the delay to each request without limiting how many are under way; `direct` is without a proxy. CPU is
user and system time of all processes of the client, peak memory that of its largest process. Figures are medians,
walls with the minimum in brackets."""


@dataclass(frozen=True)
class Column:
    """A column: what it shows of which setting."""

    title: str
    setting: str
    measure: Measure
    show: Callable[[float], str]


def seconds(value: float) -> str:
    """Shows seconds."""
    return f"{value:.2f}"


def whole(value: float) -> str:
    """Shows a count."""
    return f"{value:.0f}"


def megabytes(value: float) -> str:
    """Shows bytes as MB, and small ones with two digits that count."""
    return f"{value / MB:.1f}" if value >= MB or not value else f"{value / MB:.2g}"


def _wall(run: Run) -> float:
    return run.wall


def _columns(settings: list[str]) -> list[Column]:
    """Returns the columns; counts come from a setting with a proxy, CPU and memory from one without, where there is."""
    counted = next((s for s in settings if s != DIRECT), None)
    plain = DIRECT if DIRECT in settings else settings[0]
    counts = []
    if counted:
        counts = [
            Column("requests", counted, lambda run: run.request_count, whole),
            Column("MB sent", counted, lambda run: run.uploaded, megabytes),
        ]
    walls = [Column(f"wall {setting}, s", setting, _wall, seconds) for setting in settings]
    cpu = Column("CPU, s", plain, lambda run: run.cpu, seconds)
    return [*counts, *walls, cpu, Column("peak MB", plain, lambda run: run.peak_memory, megabytes)]


def markdown(results: Results, plot: str = "") -> str:
    """Returns the whole section.

    Args:
        results: what to show.
        plot: the plot's file name, if there is one.
    """
    parts = [f"## Push, {results.date}", METHOD, _proxy_line(results), _facts(results)]
    if plot:
        parts.append(f"![Wall time of each client, set and phase]({plot})")
    parts += tables(results)
    parts += _problems(results)
    return "\n\n".join(filter(None, parts)) + "\n"


def tables(results: Results) -> list[str]:
    """Returns the tables, with their headings."""
    parts = []
    for registry in dict.fromkeys(case.registry for case in results.cases()):
        if OURS in results.clients():
            parts += [f"### {OURS} and the best peer of each figure, {registry}", _ratios(results, registry)]
        parts += [f"### Every client, {registry}", _everything(results, registry)]
    return parts


def _rows(results: Results, registry: str) -> list[Case]:
    """Returns a case for each set and phase, whatever the setting."""
    names = dict.fromkeys(case.images for case in results.cases() if case.registry == registry)
    return [Case(registry, name, phase, "") for name in names for phase in PHASES]


def _settings(results: Results) -> list[str]:
    return sorted(dict.fromkeys(case.setting for case in results.cases()), key=lambda name: name == DIRECT)


def _figure(results: Results, case: Case, client: str, column: Column) -> Spread | None:
    return spread(results.of(replace(case, setting=column.setting), client), column.measure)


def _everything(results: Results, registry: str) -> str:
    columns = _columns(_settings(results))
    lines = [["set", "phase", "client", *(column.title for column in columns)]]
    for case in _rows(results, registry):
        for client in results.clients():
            figures = [(column, _figure(results, case, client, column)) for column in columns]
            if any(figure for _, figure in figures):
                lines.append([case.images, case.phase, client, *(_cell(*pair) for pair in figures)])
    return table(lines, left=3)


def _cell(column: Column, figure: Spread | None) -> str:
    if not figure:
        return NOTHING
    least = f" ({column.show(figure.minimum)})" if column.measure is _wall else ""
    return column.show(figure.median) + least


def _ratios(results: Results, registry: str) -> str:
    columns = _columns(_settings(results))
    lines = [["set", "phase", *(column.title for column in columns)]]
    for case in _rows(results, registry):
        lines.append([case.images, case.phase, *(_ratio(results, case, column) for column in columns)])
    return table(lines, left=2)


def _ratio(results: Results, case: Case, column: Column) -> str:
    """Returns our median, and its ratio to the least median of the peers."""
    ours = _figure(results, case, OURS, column)
    peers = {name: _figure(results, case, name, column) for name in results.clients() if name != OURS}
    found = {name: figure.median for name, figure in peers.items() if figure}
    if not ours:
        return NOTHING
    if not found:
        return column.show(ours.median)
    best = min(found, key=lambda name: found[name])
    if not found[best]:
        return column.show(ours.median)
    return f"{column.show(ours.median)}, {ours.median / found[best]:.2f}x {best} {column.show(found[best])}"


def table(lines: list[list[str]], left: int) -> str:
    """Returns an aligned Markdown table; the first `left` columns are aligned to the left."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    rule = [("-" * width if i < left else "-" * (width - 1) + ":") for i, width in enumerate(widths)]
    header, *body = lines
    return "\n".join(_line(line, widths, left) for line in [header, rule, *body])


def _line(cells: Iterable[str], widths: list[int], left: int) -> str:
    padded = [c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
    return f"| {' | '.join(padded)} |"


def _facts(results: Results) -> str:
    rounds = max((run.round for run in results.runs), default=0)
    facts = {**results.machine, "rounds": str(rounds), **results.versions}
    return table([["what", "value"], *([name, value] for name, value in facts.items())], left=2)


def _proxy_line(results: Results) -> str:
    runs = [run for run in results.runs if run.proxy_cpu is not None and not run.problem]
    if not runs:
        return ""
    busiest = max(runs, key=_proxy_share)
    return (
        f"The proxy was on a CPU for at most {_proxy_share(busiest):.0%} of a run's wall "
        f"({busiest.client}, {busiest.case.images} {busiest.case.phase}, {busiest.case.setting})."
    )


def _proxy_share(run: Run) -> float:
    return (run.proxy_cpu or 0) / run.wall


def _problems(results: Results) -> list[str]:
    bad = [run for run in results.runs if run.problem]
    return ["### Runs that do not count", "\n".join(map(_problem, bad))] if bad else []


def _problem(run: Run) -> str:
    case = run.case
    where = f"{case.images} {case.phase}, {case.setting}, {case.registry}, round {run.round}"
    return f"- {run.client}, {where}: {' '.join(run.problem.split())}"
