"""Whatever happens, in whatever order: what must never be, told apart from the rules that the simulator works by."""

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from release_kit.documents.promotion_gates import seconds
from release_kit.engines.simulation.timeline import ARRIVALS, Entry, Kind
from release_kit.values.promotion_gate import Kind as GateKind
from release_kit.values.promotion_gate import Target
from tests.support.simulations import APPROVAL, E2E, HEALTH, CountingWriter, Played, declaration, simulate

NAMES = ("one", "two", "three")
TIMER = {"kind": "timer", "duration": "7m"}
GATES = st.lists(st.sampled_from([E2E, APPROVAL, TIMER]), unique_by=lambda gate: str(gate["kind"]), max_size=3)
REPORTERS = st.fixed_dictionaries(
    {"after": st.sampled_from(["0s", "1m", "4m", "20m"]), "phase": st.sampled_from(["success", "failure", "never"])}
)


def flows() -> st.SearchStrategy[list[dict[str, Any]]]:
    environment = st.fixed_dictionaries({"gates": GATES, "automatic": st.booleans()})
    return st.lists(environment, min_size=3, max_size=3).map(
        lambda found: [{"name": name, **each} for name, each in zip(NAMES, found, strict=True)]
    )


def events() -> st.SearchStrategy[list[dict[str, Any]]]:
    names = st.sampled_from(NAMES)
    kinds = st.one_of(
        st.just({"release": ""}),
        st.lists(names, min_size=1, unique=True).map(lambda chosen: {"change": chosen}),
        st.builds(lambda name: {"merge": name}, names),
        st.builds(lambda name: {"merge": name, "again": True}, names),
        st.builds(lambda name: {"rollback": name}, names),
        st.builds(lambda name: {"hold": name}, names),
        st.builds(lambda name: {"resume": name}, names),
        st.builds(
            lambda name, phase: {"gate": "argocd-health", "environment": name, "phase": phase},
            names,
            st.sampled_from(["success", "failure", "pending"]),
        ),
    )
    return st.lists(st.tuples(st.integers(0, 12), kinds), min_size=1, max_size=25).map(_timed)


def _timed(steps: list[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Lets each event come some minutes after the one before; releases are numbered."""
    now, found = 0, []
    for number, (minutes, event) in enumerate(steps):
        now += minutes
        found.append({"at": f"{now}m", **event, **({"release": f"1.{number}.0"} if "release" in event else {})})
    return found


class Seen:
    """What a reader of the timeline knows, entry by entry, without knowing any rule."""

    def __init__(self, played: Played) -> None:
        self.played = played
        self.active: dict[str, str] = {}
        self.since: dict[str, int] = {}
        self.proposed: dict[str, str] = {}
        self.stands_for: dict[tuple[str, str], str] = {}
        self.results: dict[tuple[str, str, str], Kind] = {}

    def walk(self) -> Iterator[Entry]:
        """Yields each arrival before it is taken in."""
        for entry in self.played.result.entries:
            if entry.kind in ARRIVALS:
                yield entry
                self.active[entry.environment], self.since[entry.environment] = entry.dry, entry.time
            elif entry.kind is Kind.PROPOSED:
                self.proposed[entry.environment] = self.stands_for[entry.environment, entry.dry] = entry.dry
            elif entry.kind is Kind.UNCHANGED:
                self.stands_for[entry.environment, entry.dry] = self.proposed[entry.environment]
            elif entry.kind in (Kind.PASSED, Kind.FAILED, Kind.PENDING):
                self.results[entry.environment, entry.gate, entry.dry] = entry.kind

    def unmet(self, entry: Entry) -> Iterator[str]:
        """Yields what was not as it has to be when an environment was promoted."""
        environments = self.played.declared.environments
        position = [each.name for each in environments].index(entry.environment)
        own = environments[position]
        for gate in self.played.declared.gates_of(own, Target.PROPOSED):
            if self.results.get((own.name, gate.key, entry.dry)) is not Kind.PASSED:
                yield f"{gate.key} of {own.name}"
        if position:
            before = environments[position - 1]
            newest = max((dry for name, dry in self.stands_for if name == own.name), key=lambda dry: int(dry, 16))
            content = self.stands_for.get((before.name, newest), "not hydrated")
            if self.active.get(before.name) != content:
                yield f"{before.name} has something else"
            for gate in self.played.declared.gates_of(before, Target.ACTIVE):
                is_timer = gate.kind is GateKind.TIMER
                waited = is_timer and self.since.get(before.name, entry.time) + seconds(gate.duration) <= entry.time
                if not waited and self.results.get((before.name, gate.key, content)) is not Kind.PASSED:
                    yield f"{gate.key} of {before.name}"


def play(flow: list[dict[str, Any]], steps: list[dict[str, Any]], reporters: Mapping[str, Any]) -> Played:
    keys = {"argocd-health", *(gate.get("key", gate["kind"]) for each in flow for gate in each["gates"])} - {"timer"}
    said = [{"gate": key, **reporters} for key in sorted(keys)]
    return simulate(steps, declaration(flow, gates=[HEALTH]), reporters=said)


PLAYED = st.builds(play, flows(), events(), REPORTERS)
DEEP = settings(deadline=None, max_examples=150)


@DEEP
@given(PLAYED)
def test_no_environment_gets_what_the_one_before_has_not_passed(played: Played) -> None:
    seen = Seen(played)
    for entry in seen.walk():
        if entry.kind is Kind.PROMOTED:
            assert list(seen.unmet(entry)) == []


@DEEP
@given(PLAYED)
def test_versions_go_back_by_a_rollback_only(played: Played) -> None:
    last: dict[str, int] = {}
    for entry in played.result.merges:
        number = int(entry.version.split(".")[1])
        assert entry.kind is Kind.ROLLED_BACK or number >= last.get(entry.environment, -1)
        last[entry.environment] = number


@DEEP
@given(PLAYED)
def test_what_is_held_or_by_hand_gets_what_a_person_brings(played: Played) -> None:
    automatic = {each.name: each.automatic for each in played.declared.environments}
    for entry in played.result.entries:
        if entry.kind in (Kind.HELD, Kind.RESUMED):
            automatic[entry.environment] = entry.kind is Kind.RESUMED
        elif entry.kind is Kind.PROMOTED:
            assert automatic[entry.environment] or entry.cause.startswith(f"merge: {entry.environment}")


@DEEP
@given(PLAYED)
def test_every_environment_is_always_offered_the_newest(played: Played) -> None:
    newest = {state.proposed.effective for state in played.result.states}
    assert len(newest) == 1


@DEEP
@given(PLAYED)
def test_branches_only_grow(played: Played) -> None:
    """Each commit follows the head of its branch, and none is older than it."""
    assert isinstance(played.writer, CountingWriter)
    made = played.writer.made
    heads = {new.ref.removesuffix("-next"): sha for sha, new in made.items() if not new.parents}
    heads |= {f"{ref}-next": sha for ref, sha in heads.items()}
    for sha, new in made.items():
        if new.parents:
            assert new.parents[0] == heads[new.ref]
            assert made[heads[new.ref]].time <= new.time
        heads[new.ref] = sha


@DEEP
@given(PLAYED)
def test_the_timeline_never_goes_back(played: Played) -> None:
    times = [entry.time for entry in played.result.entries]
    assert times == sorted(times)
