"""Waiting for the expected version, and the order of things around it; with a clock that only sleeping moves."""

from collections.abc import Callable, Iterator
from itertools import chain, cycle, repeat
from pathlib import Path

import pytest

from release_kit.documents.e2e_suite import Criteria, Health, Suite
from release_kit.engines.deadline import Deadline
from release_kit.engines.e2e import health
from release_kit.engines.e2e.gate import MAX_DESCRIPTION, Trial, Verdict, pass_gate
from release_kit.engines.e2e.health import Wanted
from release_kit.values.scenario_run import Answer, Event, Run
from tests.support.narrators import Kept

PAGE = Health("/health", ("version",))
API = Health("/api/health", ("version",))
NEW, OLD = Answer(200, {"version": "1.2.3"}), Answer(200, {"version": "1.2.2"})
FILES = ("test_a.py", "test_b.py")


class Clock:
    """Moves while somebody sleeps, or asks."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def deadline(self, seconds: float) -> Deadline:
        return Deadline(self.now + seconds, lambda: self.now, self.sleep)


class Answers:
    """Implements the port Deployment: answers each path with what is to come, the last again and again."""

    def __init__(self, clock: Clock, **coming: Iterator[Answer]) -> None:
        self.clock, self.coming = clock, coming
        self.asked: list[str] = []
        self.given: list[float] = []
        self.takes = 0.0

    def ask(self, path: str, seconds: float) -> Answer:
        self.asked.append(path)
        self.given.append(seconds)
        self.clock.now += self.takes
        return next(self.coming["api" if path == "/api/health" else "page"])


class Passing:
    """Implements the port Scenarios: one scenario a file, which passes; `then` happens after each."""

    def __init__(self, then: Callable[[str], None] = lambda _: None) -> None:
        self.then = then
        self.begun: list[tuple[str, float]] = []

    def run(self, file: str, seconds: float) -> Run:
        self.begun.append((file, seconds))
        self.then(file)
        name = f"{file}::test_it"
        phases = (Event(kind, name, "passed", 0.1) for kind in ("setup", "call", "teardown"))
        return Run(file, (Event("collected", name), *phases, Event("finished")), 0)


@pytest.fixture(name="clock")
def clock_fixture() -> Clock:
    return Clock()


def waited(clock: Clock, wanted: Wanted, answers: Answers, seconds: float = 600) -> list[str]:
    found = health.wait(wanted, answers, clock.deadline(seconds), Kept())
    return [text for each in found if (text := each.told(wanted))]


def suite(*addresses: Health, in_a_row: int = 1) -> Suite:
    return Suite("shop", Path(), FILES, addresses or (PAGE,), in_a_row, (), (), Criteria())


def test_the_expected_version_is_waited_for_as_often_in_a_row_as_is_asked(clock: Clock) -> None:
    answers = Answers(clock, page=chain([OLD, OLD], repeat(NEW)))
    assert waited(clock, Wanted((PAGE,), "1.2.3", 3), answers) == []
    assert len(answers.asked) == 5


def test_an_old_version_in_between_begins_the_count_anew(clock: Clock) -> None:
    answers = Answers(clock, page=chain([NEW, NEW, OLD], repeat(NEW)))
    assert waited(clock, Wanted((PAGE,), "1.2.3", 3), answers) == []
    assert len(answers.asked) == 6


def test_an_old_version_that_answers_forever_is_never_healthy(clock: Clock) -> None:
    answers = Answers(clock, page=repeat(OLD))
    assert waited(clock, Wanted((PAGE,), "1.2.3", 3), answers) == [
        "/health (version): version '1.2.2', expected '1.2.3'"
    ]
    assert clock.now == pytest.approx(1600, abs=1)


def test_versions_that_alternate_are_never_healthy(clock: Clock) -> None:
    answers = Answers(clock, page=cycle([NEW, OLD]))
    (fault,) = waited(clock, Wanted((PAGE,), "1.2.3", 3), answers)
    assert "1.2.3 came 1 times in a row, expected 3" in fault


def test_every_address_has_to_answer_the_version(clock: Clock) -> None:
    answers = Answers(clock, page=repeat(NEW), api=repeat(OLD))
    assert waited(clock, Wanted((PAGE, API), "1.2.3", 1), answers) == [
        "/api/health (version): version '1.2.2', expected '1.2.3'"
    ]


def test_an_address_that_is_late_is_waited_for(clock: Clock) -> None:
    answers = Answers(clock, page=repeat(NEW), api=chain([OLD] * 5, repeat(NEW)))
    assert waited(clock, Wanted((PAGE, API), "1.2.3", 1), answers) == []
    assert len(answers.asked) == 12


def test_each_address_has_a_count_of_its_own_but_all_are_right_at_the_end(clock: Clock) -> None:
    answers = Answers(clock, page=chain([NEW, NEW, OLD], repeat(NEW)), api=repeat(NEW))
    assert waited(clock, Wanted((PAGE, API), "1.2.3", 2), answers) == []
    assert answers.asked == ["/health", "/api/health"] * 2


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer(404), "answered 404, expected 200"),
        (Answer(404, {"version": "1.2.3"}), "answered 404, expected 200"),
        (Answer(503, {"version": "1.2.3"}), "answered 503, expected 200"),
        (Answer(204, {"version": "1.2.3"}), "answered 204, expected 200"),
        (Answer(302, fault="a redirect to login.example"), "answered 302 (a redirect to login.example), expected 200"),
        (Answer(200, fault="answered with what is no JSON"), "answered with what is no JSON"),
        (Answer(fault="refuses the connection"), "refuses the connection"),
        (Answer(200, {}), "version none, expected '1.2.3'"),
        (Answer(200, "1.2.3"), "version none, expected '1.2.3'"),
        (Answer(200, {"version": {"v": "1.2.3"}}), "version a dictionary, expected '1.2.3'"),
        (Answer(200, {"version": 1}), "version 1, expected '1.2.3'"),
        (Answer(200, {"version": "1.2.3-rc.1"}), "version '1.2.3-rc.1', expected '1.2.3'"),
        (Answer(200, {"version": "1.2.3\x1b[2J\n"}), r"version '1.2.3\x1b[2J\n', expected '1.2.3'"),
    ],
)
def test_no_other_answer_is_healthy(clock: Clock, answer: Answer, fault: str) -> None:
    answers = Answers(clock, page=repeat(answer))
    assert waited(clock, Wanted((PAGE,), "1.2.3", 1), answers, 60) == [f"/health (version): {fault}"]
    assert len(answers.asked) > 5


def test_the_version_may_stand_anywhere_in_the_answer(clock: Clock) -> None:
    deep = Health("/health", ("parts", "1", "version"))
    answers = Answers(clock, page=repeat(Answer(200, {"parts": [{}, {"version": "1.2.3"}]})))
    assert waited(clock, Wanted((deep,), "1.2.3", 1), answers) == []
    for index in ("2", "-1", "x", "²"):
        beyond = Health("/health", ("parts", index, "version"))
        assert waited(clock, Wanted((beyond,), "1.2.3", 1), answers, 1)


def test_another_service_that_answers_with_the_version_is_not_healthy(clock: Clock) -> None:
    web = Health("/health", ("version",), "web")
    core = Answer(200, {"version": "1.2.3", "service": "core"})
    answers = Answers(clock, page=repeat(core))
    assert waited(clock, Wanted((web,), "1.2.3", 1), answers, 60) == [
        "/health (version): is answered by service 'core', expected 'web'"
    ]


def test_looks_become_rarer_with_jitter_and_stop_at_the_deadline(clock: Clock) -> None:
    waited(clock, Wanted((PAGE,), "1.2.3", 1), Answers(clock, page=repeat(OLD)))
    assert 0.25 <= clock.slept[0] <= 0.5
    assert max(clock.slept) <= 15
    assert len(clock.slept) < 100
    assert len(set(clock.slept)) > len(clock.slept) // 2
    assert sum(clock.slept) <= 600


def test_right_answers_are_not_waited_for_long(clock: Clock) -> None:
    waited(clock, Wanted((PAGE,), "1.2.3", 10), Answers(clock, page=repeat(NEW)))
    assert len(clock.slept) == 9
    assert max(clock.slept) <= 0.5


def test_no_answer_is_waited_for_beyond_the_deadline(clock: Clock) -> None:
    answers = Answers(clock, page=repeat(OLD))
    answers.takes = 7.0
    waited(clock, Wanted((PAGE,), "1.2.3", 1), answers, 30)
    assert all(0 < given <= 30 for given in answers.given)
    assert answers.given == sorted(answers.given, reverse=True)


def test_each_new_fault_is_told_once(clock: Clock) -> None:
    narrator = Kept()
    answers = Answers(clock, page=chain([OLD] * 9, [Answer(404)] * 9, repeat(NEW)))
    health.wait(Wanted((PAGE,), "1.2.3", 1), answers, clock.deadline(600), narrator)
    assert narrator.said == [
        "waits: /health (version): version '1.2.2', expected '1.2.3'",
        "waits: /health (version): answered 404, expected 200",
    ]


def test_no_scenario_runs_before_the_version_is_there(clock: Clock) -> None:
    scenarios = Passing()
    trial = Trial(suite(), "1.2.3", Answers(clock, page=repeat(OLD)), scenarios, clock.deadline(60))
    verdict = pass_gate(trial, Kept())
    assert not verdict.passed
    assert scenarios.begun == []
    assert verdict.description == ("nothing ran; 1.2.3: /health (version): version '1.2.2', expected '1.2.3'")


def test_all_files_run_and_the_version_is_looked_at_again(clock: Clock) -> None:
    answers, scenarios = Answers(clock, page=repeat(NEW)), Passing()
    verdict = pass_gate(Trial(suite(in_a_row=2), "1.2.3", answers, scenarios, clock.deadline(60)), Kept())
    assert verdict.passed
    assert [file for file, _ in scenarios.begun] == list(FILES)
    assert len(answers.asked) == 4
    assert verdict.description == "2 of 2 passed; 1.2.3"


@pytest.mark.parametrize("later", [OLD, Answer(200, {"version": "1.2.4"}), Answer(503), Answer(fault="gone")])
def test_another_version_after_the_scenarios_is_a_fault_of_results_that_passed(clock: Clock, later: Answer) -> None:
    answers = Answers(clock, page=chain([NEW], repeat(later)))
    verdict = pass_gate(Trial(suite(), "1.2.3", answers, Passing(), clock.deadline(60)), Kept())
    (fault,) = verdict.faults
    assert fault.message.startswith("after the scenarios: /health (version): ")
    assert verdict.description.startswith("2 of 2 passed; 1.2.3: after the scenarios: ")


def test_one_new_answer_of_an_alternating_deployment_after_the_scenarios_is_not_enough(clock: Clock) -> None:
    answers = Answers(clock, page=chain([NEW] * 4, cycle([OLD, NEW])))
    verdict = pass_gate(Trial(suite(in_a_row=3), "1.2.3", answers, Passing(), clock.deadline(60)), Kept())
    assert not verdict.passed


def test_a_file_for_which_no_time_is_left_is_a_fault(clock: Clock) -> None:
    def use_up(file: str) -> None:
        clock.now += 100

    scenarios = Passing(use_up)
    verdict = pass_gate(
        Trial(suite(), "1.2.3", Answers(clock, page=repeat(NEW)), scenarios, clock.deadline(60)), Kept()
    )
    assert [file for file, _ in scenarios.begun] == ["test_a.py"]
    assert [str(fault) for fault in verdict.faults] == [
        "after the scenarios: /health (version): was not asked: no time was left before the deadline",
        "test_b.py: did not run: no time was left before the deadline",
    ]


def test_scenarios_are_given_the_time_that_is_left(clock: Clock) -> None:
    def take(file: str) -> None:
        clock.now += 20

    scenarios = Passing(take)
    pass_gate(Trial(suite(), "1.2.3", Answers(clock, page=repeat(NEW)), scenarios, clock.deadline(60)), Kept())
    assert [round(seconds) for _, seconds in scenarios.begun] == [60, 40]


def test_a_description_is_one_line_that_github_takes() -> None:
    from release_kit.engines.e2e.judge import Fault

    verdict = Verdict("1.2.3", (), faults=(Fault("x" * 500, "y"), Fault("", "z")))
    assert len(verdict.description) == MAX_DESCRIPTION == 140
    two = Verdict("1.2.3", (), faults=(Fault("a", "b"), Fault("", "z")))
    assert two.description == "nothing ran; 1.2.3: a: b and 1 more"
