"""The gate: waits for the expected version, lets the scenarios run, judges them, and looks at the version once more."""

from collections.abc import Sequence
from typing import NamedTuple

from release_kit.documents.e2e_suite import Suite
from release_kit.engines.deadline import Deadline
from release_kit.engines.e2e import health
from release_kit.engines.e2e.health import Seen, Wanted
from release_kit.engines.e2e.judge import Fault, Judgement, judge, judge_collection
from release_kit.engines.e2e.outcomes import Outcome, ScenarioResult
from release_kit.ports import Deployment, Narrator, Scenarios
from release_kit.values.scenario_run import Run

MAX_DESCRIPTION = 140
"""As long as GitHub takes for a commit status (docs.github.com/rest/commits/statuses)."""


class Verdict(NamedTuple):
    """What came of it."""

    version: str
    """The expected one."""
    seen: tuple[Seen, ...]
    """What each address for health said last."""
    results: tuple[ScenarioResult, ...] = ()
    faults: tuple[Fault, ...] = ()
    """Empty: it has passed."""

    @property
    def passed(self) -> bool:
        """Whether all criteria hold."""
        return not self.faults

    @property
    def description(self) -> str:
        """What came of it in one line, such as `5 of 5 passed; 1.2.3`."""
        passed = sum(each.outcome is Outcome.PASSED for each in self.results)
        counted = f"{passed} of {len(self.results)} passed" if self.results else "nothing ran"
        first = f": {self.faults[0]}" if self.faults else ""
        more = f" and {len(self.faults) - 1} more" if len(self.faults) > 1 else ""
        told = f"{counted}; {self.version}{first}{more}"
        return told if len(told) <= MAX_DESCRIPTION else f"{told[: MAX_DESCRIPTION - 1]}…"


class Trial(NamedTuple):
    """What is tested, and with what."""

    suite: Suite
    version: str
    deployment: Deployment
    scenarios: Scenarios
    deadline: Deadline
    """Waiting and running are over then."""

    @property
    def wanted(self) -> Wanted:
        """What the addresses for health have to answer."""
        return Wanted(self.suite.health, self.version, self.suite.consecutive)


def pass_gate(trial: Trial, narrator: Narrator) -> Verdict:
    """Tests what is deployed."""
    wanted = trial.wanted
    places = ", ".join(map(str, wanted.addresses))
    narrator.step(f"wait for {trial.suite.name} {trial.version}: {places}, {wanted.in_a_row} times in a row")
    seen = health.wait(wanted, trial.deployment, trial.deadline, narrator)
    if faults := _told(seen, wanted):
        return Verdict(trial.version, seen, faults=faults)
    judged = judge(trial.suite.criteria, _runs(trial.suite, trial.scenarios, trial.deadline, narrator))
    seen = health.again(wanted, trial.deployment, trial.deadline)
    mixed = (fault._replace(message=f"after the scenarios: {fault.message}") for fault in _told(seen, wanted))
    return Verdict(trial.version, seen, judged.results, (*mixed, *judged.faults))


def collect(suite: Suite, scenarios: Scenarios, deadline: Deadline, narrator: Narrator) -> Judgement:
    """Finds the scenarios of a suite without running them."""
    return judge_collection(suite.criteria, _runs(suite, scenarios, deadline, narrator))


def _runs(suite: Suite, scenarios: Scenarios, deadline: Deadline, narrator: Narrator) -> Sequence[Run]:
    runs = []
    for file in suite.scenarios:
        narrator.step(f"run {file}")
        run = scenarios.run(file, deadline.left) if deadline.left else Run(file, is_begun=False)
        runs.append(run)
    return runs


def _told(seen: Sequence[Seen], wanted: Wanted) -> tuple[Fault, ...]:
    told = (each.told(wanted) for each in seen)
    return tuple(Fault("", text) for text in told if text)
