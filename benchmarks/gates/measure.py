"""Runs the commands, interleaved round by round, and checks after each run that it did its job."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import timing
from benchmarks.gates import charts, schemas, tools
from benchmarks.gates.charts import Chart
from benchmarks.gates.results import Case, Run

WARM_UP = 0


class Plan(NamedTuple):
    """What to measure."""

    charts: list[Chart]
    programs: tools.Programs
    kube_version: str
    layouts: list[str]
    """How kubeconform's schemas are laid out; the first one is what release-kit is compared with."""
    rounds: int
    timeout: float


class _Job(NamedTuple):
    """A command of a case."""

    case: Case
    tool: str
    command: list[str]


def measure(plan: Plan, work: Path, say: Callable[[str], None]) -> Iterator[Run]:
    """Yields each run as it ends, those of the warm-up only where they do not count; `say` gets a line of each."""
    jobs = [job for chart in plan.charts for job in _jobs(plan, chart, work, say)]
    for number in range(WARM_UP, plan.rounds + 1):
        for job in jobs:
            run = _run(plan, job, number, work)
            say(_line(run))
            if number != WARM_UP or run.problem:
                yield run


def _jobs(plan: Plan, chart: Chart, work: Path, say: Callable[[str], None]) -> Iterator[_Job]:
    """Yields the commands for a chart: all of them for each values file, and ours for several files at once."""
    say(f"{chart.name}: rendering, for kubeconform and for the images")
    folder = work / chart.name
    folder.mkdir()
    everything = len(timing.processors())
    rendered = [_rendered(plan, chart, values, folder / f"{number}.yaml") for number, values in enumerate(chart.values)]
    images = charts.repositories("\n".join(file.read_text() for file in rendered))
    config = folder / "GATES.json"
    config.write_text(charts.gates(chart, plan.kube_version, images))
    locations = {layout: _location(plan, layout, work) for layout in plan.layouts}
    for values, file in zip(chart.values, rendered, strict=True):
        case = Case(chart.name, (chart.shown(values),), everything)
        yield _Job(case, tools.LINT, tools.lint(plan.programs, chart, values, plan.kube_version))
        yield _Job(case, tools.TEMPLATE, tools.template(plan.programs, chart, values, plan.kube_version))
        for layout, location in locations.items():
            command = tools.kubeconform(plan.programs, file, location, plan.kube_version)
            yield _Job(case, tool_of(layout), command)
        yield _Job(case, tools.OURS, tools.gate(plan.programs, chart, [values], config))
    for count in _counts(len(chart.values)):
        several = chart.values[:count]
        for cores in dict.fromkeys((1, everything)):
            case = Case(chart.name, tuple(map(chart.shown, several)), cores)
            if len(several) > 1 or cores != everything:
                yield _Job(case, tools.OURS, tools.gate(plan.programs, chart, several, config))


def tool_of(layout: str) -> str:
    """Returns what kubeconform is called with a layout of schemas."""
    return tools.KUBECONFORM if layout == schemas.STANDALONE else f"{tools.KUBECONFORM}, {layout} schemas"


def _counts(number: int) -> Sequence[int]:
    """Returns 1, 2, 4, ... and all."""
    return [*(1 << power for power in range(number.bit_length()) if 1 << power < number), number] if number > 1 else []


def _rendered(plan: Plan, chart: Chart, values: Path, output: Path) -> Path:
    place = timing.Place(output.parent, tools.environment(output.parents[1]), len(timing.processors()), plan.timeout)
    usage = timing.run(tools.template(plan.programs, chart, values, plan.kube_version), place)
    if usage.exit_code:
        raise ValueError(f"{chart.name}: does not render with {values}: {(place.folder / 'stderr').read_text()[-400:]}")
    return (output.parent / "stdout").rename(output)


def _location(plan: Plan, layout: str, work: Path) -> str:
    folder = work / "schemas" / layout
    if folder.exists():
        return schemas.location(folder)
    return schemas.make(layout, plan.kube_version, folder)


def _run(plan: Plan, job: _Job, number: int, work: Path) -> Run:
    place = timing.Place(work, tools.environment(work), job.case.cores, plan.timeout)
    usage = timing.run(job.command, place)
    out, err = ((work / name).read_text(errors="replace") for name in ("stdout", "stderr"))
    verdict = tools.judged(job.tool, usage.exit_code, out, err)
    figures = (usage.wall, usage.cpu, usage.peak_memory, usage.exit_code)
    return Run(job.case, job.tool, number, *figures, verdict.said, verdict.problem)


def _line(run: Run) -> str:
    values = "+".join(run.case.values)
    figures = f"{run.wall:.2f} s, {run.cpu:.2f} s CPU, {run.said}"
    where = f"{run.case.chart} {values}, {run.case.cores} core{'s' * (run.case.cores > 1)}"
    return f"round {run.round or 'of warming up'}: {where}: {run.tool}: {run.problem or figures}"
