"""Renders results as Markdown that also reads well on a terminal."""

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.gates import tools
from benchmarks.gates.results import Case, Results, Run
from benchmarks.timing import Spread, table

MB = 1_000_000
NOTHING = "-"
SEPARATE = (tools.LINT, tools.TEMPLATE)

METHOD = """\
Each command is a process of its own, started anew each time; each round has one run of each of them, one after
another, and a round before the first is not counted. `release-kit chart gate` runs all gates but the golden: it lints,
renders two to four times and validates, as the three do, and holds the chart to its image policy, its release set, the
chart rules, its values and the packer. Findings are no failure; a command that fails otherwise, or validates nothing,
does not count. kubeconform has as many workers as it takes by itself, and its schemas in the layout that it fetches by
default, each file standing alone, made of the schemas that release-kit has; `bundled` is those schemas as the package
kubernetes-validate lays them out, with one file of definitions. A resource without a schema is left out by both. CPU
is user and system time of all processes of a command, peak memory that of its largest process. Figures are medians,
walls with the minimum in brackets; a sum is that of each round."""


class _Figure(NamedTuple):
    """A column of figures: of which tools, one after another, and how it is shown."""

    title: str
    tools: tuple[str, ...]
    measure: Callable[[Run], float]
    show: Callable[[Spread], str]


def markdown(results: Results) -> str:
    """Returns the whole section."""
    parts = [f"## Chart gates, {results.date}", METHOD, _facts(results), *tables(results), *_problems(results)]
    return "\n\n".join(parts) + "\n"


def tables(results: Results) -> list[str]:
    """Returns the tables, with their headings."""
    layouts = sorted({run.tool for run in results.runs if run.tool.startswith(tools.KUBECONFORM)})
    parts = []
    for layout in layouts:
        aside = layout.removeprefix(tools.KUBECONFORM).removeprefix(", ")
        heading = "### All gates, and the three commands one after another"
        parts += [f"{heading}: kubeconform with {aside}" if aside else heading, _singles(results, (*SEPARATE, layout))]
    several = _several(results)
    return [*parts, "### Several values files in one process", several] if several else parts


def _singles(results: Results, three: tuple[str, ...]) -> str:
    walls = [_Figure(f"{tool}, s", (tool,), _wall, _both) for tool in three]
    figures = [
        *walls,
        _Figure("the three, s", three, _wall, _both),
        _Figure("all gates, s", (tools.OURS,), _wall, _both),
    ]
    after = [
        _Figure("CPU: the three, s", three, _cpu, _median),
        _Figure("all gates, s", (tools.OURS,), _cpu, _median),
        _Figure("peak MB", (tools.OURS,), _memory, _megabytes),
    ]
    header = ["chart", "values", "lines", *(figure.title for figure in figures), "ratio", *(f.title for f in after)]
    lines = [header]
    for case in results.cases():
        if results.of(case, tools.LINT) or results.of(case, tools.TEMPLATE):
            cells = [_cell(results, case, figure) for figure in figures]
            rest = [_cell(results, case, figure) for figure in after]
            lines.append([case.chart, *case.values, _lines(results, case), *cells, _ratio(results, case, three), *rest])
    return table(lines, left=2)


def _several(results: Results) -> str:
    cases = [case for case in results.cases() if case.cores == 1 and results.of(case, tools.OURS)]
    if not cases:
        return ""
    everything = max(case.cores for case in results.cases())
    walls = ["wall on 1 core, s", f"on {everything} cores, s"]
    lines = [["chart", "values files", *walls, "faster by", "a file, s", "CPU, s", "peak MB"]]
    for case in cases:
        lines.append(_several_line(results, case, case._replace(cores=everything)))
    return table(lines, left=1)


def _several_line(results: Results, one: Case, every: Case) -> list[str]:
    ours = (tools.OURS,)
    narrow, wide = (results.figure(case, ours, _wall) for case in (one, every))
    count = len(one.values)
    gain = f"{narrow.median / wide.median:.2f}x" if narrow and wide else NOTHING
    each = f"{wide.median / count:.2f}" if wide else NOTHING
    figures = [_Figure("", ours, _cpu, _median), _Figure("", ours, _memory, _megabytes)]
    walls = [_both(figure) if figure else NOTHING for figure in (narrow, wide)]
    return [one.chart, str(count), *walls, gain, each, *(_cell(results, every, figure) for figure in figures)]


def _cell(results: Results, case: Case, figure: _Figure) -> str:
    found = results.figure(case, figure.tools, figure.measure)
    return figure.show(found) if found else NOTHING


def _ratio(results: Results, case: Case, three: tuple[str, ...]) -> str:
    ours, theirs = results.figure(case, (tools.OURS,), _wall), results.figure(case, three, _wall)
    if not ours or not theirs:
        return NOTHING
    return f"{ours.median / theirs.median:.2f} ({ours.minimum / theirs.minimum:.2f})"


def _lines(results: Results, case: Case) -> str:
    said = next((run.said for run in results.of(case, tools.TEMPLATE).values()), "")
    return said.removesuffix(" lines") or NOTHING


def _wall(run: Run) -> float:
    return run.wall


def _cpu(run: Run) -> float:
    return run.cpu


def _memory(run: Run) -> float:
    return run.peak_memory


def _both(figure: Spread) -> str:
    return f"{figure.median:.2f} ({figure.minimum:.2f})"


def _median(figure: Spread) -> str:
    return f"{figure.median:.2f}"


def _megabytes(figure: Spread) -> str:
    return f"{figure.median / MB:.0f}"


def _facts(results: Results) -> str:
    rounds = max((run.round for run in results.runs), default=0)
    facts = {**results.machine, "rounds": str(rounds), **results.versions}
    return table([["what", "value"], *([name, value] for name, value in facts.items())], left=2)


def _problems(results: Results) -> list[str]:
    bad = [run for run in results.runs if run.problem]
    return ["### Runs that do not count", "\n".join(map(_problem, bad))] if bad else []


def _problem(run: Run) -> str:
    where = f"{run.case.chart} {'+'.join(run.case.values)}, {run.case.cores} cores, round {run.round}"
    return f"- {run.tool}, {where}: {' '.join(run.problem.split())}"
