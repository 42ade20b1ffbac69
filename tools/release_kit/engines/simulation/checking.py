"""Refuses a scenario that names what the declaration does not have."""

from collections.abc import Collection, Iterable, Iterator

from release_kit.documents.environments import Environments
from release_kit.documents.expectation import NOTHING, Expectation
from release_kit.documents.scenario import Scenario
from release_kit.documents.scenario_event import Event
from release_kit.errors import InputError
from release_kit.values.promotion_gate import Kind

_BY_TIME = (Kind.TIMER, Kind.SCHEDULE)


def check(scenario: Scenario, declared: Environments) -> None:
    """Checks all names.

    Raises:
        InputError: an environment, gate or version is none; names the place.
    """
    for event in scenario.events:
        _check_event(event, declared)
    _check_reporters(scenario, declared)
    released = {event.value for event in scenario.events if event.action == "release"}
    for event in [event for event in scenario.events if event.action == "gate"]:
        _check_released([event.version], released, event.place)
    for position, each in enumerate(scenario.expect):
        place = f"expect[{position}]"
        for name in _environments(each):
            declared.environment(name, place)
        if each.gate:
            _check_gate(declared, [each.on], each.gate, place, by_time=True)
        _check_released([each.version, *(version for _, version in each.versions)], released, place)


def _check_reporters(scenario: Scenario, declared: Environments) -> None:
    first: dict[tuple[str, str], int] = {}
    for position, reporter in enumerate(scenario.reporters):
        names = [reporter.environment] if reporter.environment else [each.name for each in declared.environments]
        place = f"reporters[{position}]"
        _check_gate(declared, names, reporter.gate, place)
        if first.setdefault((reporter.gate, reporter.environment), position) != position:
            earlier = f"reporters[{first[reporter.gate, reporter.environment]}]"
            raise InputError(f"{place}: {earlier} reports {reporter.gate} already", "name another environment in one")


def _check_released(versions: Iterable[str], released: Collection[str], place: str) -> None:
    """Refuses what no release of the scenario can ever be: nothing would come of it, whatever happens."""
    for version in versions:
        if version not in ("", NOTHING, *released):
            raise InputError(f"{place}: the scenario never releases {version}", "correct the version")


def _check_event(event: Event, declared: Environments) -> None:
    place = event.place
    if event.action == "gate":
        declared.environment(event.environments[0], place)
        _check_gate(declared, event.environments, event.value, place)
    elif event.action == "change":
        for name in event.environments:
            declared.environment(name, place)
    elif event.action == "release":
        _check_skipping(event, declared)
    elif declared.environment(event.value, place).tracks:
        remedy = "let it pin one version (no tracks), or take the event out"
        raise InputError(f"{place}: {event.value} tracks versions: nobody can {event.action} it", remedy)


def _check_skipping(event: Event, declared: Environments) -> None:
    """Refuses to skip what there is not: it would make no difference."""
    if event.skip_staging and not any(environment.staging for environment in declared.environments):
        remedy = "say `staging` of the environments that a hotfix does not wait for"
        raise InputError(f"{event.place}: no environment is declared as staging: there is nothing to skip", remedy)


def _check_gate(
    declared: Environments, names: tuple[str, ...] | list[str], key: str, place: str, by_time: bool = False
) -> None:
    """Refuses a gate that none of the environments has, or that is a matter of time unless `by_time`."""
    gates = {gate.key: gate for name in names for gate in declared.gates_of(declared.environment(name, place))}
    if key not in gates:
        known = ", ".join(gates) or "none"
        raise InputError(f"{place}: {' and '.join(names)} has no gate {key!r:.100}", f"its gates are {known}")
    if not by_time and gates[key].kind in _BY_TIME:
        remedy = "take it out: when it opens follows from the scenario's times"
        raise InputError(f"{place}: {key} is a {gates[key].kind}: the time alone opens it, nobody reports it", remedy)


def _environments(each: Expectation) -> Iterator[str]:
    yield from filter(None, (each.environment, each.on))
    yield from (name for name, _ in each.versions)
