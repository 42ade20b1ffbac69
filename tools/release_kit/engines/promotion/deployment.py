"""Waits until Argo CD has deployed what an environment runs: where no GitOps Promoter reports its health.

The rules are those of its ArgoCDCommitStatus (internal/controller/argocdcommitstatus_controller.go, v0.36.0:
calculateApplicationPhase), but for two: *Degraded* is no end, since a rollout may recover; and what looks done counts
only once Argo CD has looked again, since an Application's sync and its health are not written at one moment.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import count
from typing import NamedTuple

from release_kit.documents.environments import Environment, Environments
from release_kit.documents.scenario_words import shown_duration
from release_kit.engines.argocd_repository import Form
from release_kit.engines.deadline import Deadline
from release_kit.engines.gitops.applications import application_name, branch_application_name
from release_kit.engines.promotion import state
from release_kit.engines.promotion.model import Hydrated
from release_kit.engines.promotion.report import Released
from release_kit.engines.promotion.setting import Setting
from release_kit.engines.promotion.wanted import ANYTHING, check_active
from release_kit.errors import InputError, ReleaseError
from release_kit.ports import Applications
from release_kit.values.application import FAILED, HEALTHY, RUNNING, SYNCED, ApplicationState, UnavailableError
from release_kit.values.promotion_gate import Kind, PromotionGate

REFRESH_SECONDS = 60.0
"""How often Argo CD is told to look at the repository while it has not seen the commit."""
MAX_WORDS = 600
_SHOWN_DIGITS = 12
_DIGITS = re.compile(r"[0-9a-f]{40,}", re.ASCII)


class Aim(NamedTuple):
    """What is waited for."""

    environment: Environment
    application: str
    revision: str
    """What the Application has to be in sync with: a commit; the chart's version or digest where the environment
    tracks versions."""
    version: str
    released: Released
    """What a result is about."""
    child: str = ""
    """The Application that this one applies, whose health has to count for it; empty where it applies the objects."""


class End(StrEnum):
    """How a wait ends."""

    HEALTHY = "healthy"
    FAILED = "failed"
    """Argo CD has given the sync up."""
    DEADLINE = "deadline"
    SUPERSEDED = "superseded"
    """The environment has something newer by now: nothing is known of what was waited for."""


class Outcome(NamedTuple):
    """What came of it."""

    end: End
    seen: ApplicationState
    seconds: float


class Watch(NamedTuple):
    """How long to wait, and with what."""

    deadline: Deadline
    """After it no further look is begun; one that is under way may outlast it."""
    is_superseded: Callable[[], bool]
    """Tells whether the environment has something newer than what is waited for."""
    tell: Callable[[str], None]
    """Is told what is seen, each time that it is something else."""


def aim(setting: Setting, name: str, wanted: Released = ANYTHING) -> Aim:
    """Returns what an environment has to run, as of the last fetch.

    Args:
        setting: the environments.
        name: of the environment.
        wanted: the release that it has to be; empty for whatever is there.

    Raises:
        InputError: there is no such environment.
        ReleaseError: nothing is there to wait for, or another release.
    """
    environment = setting.declared.environment(name, "--environment")
    if environment.tracks:
        return _tracking(setting, environment, wanted)
    active = setting.read().state(environment).active
    if not active.record:
        message = f"{name}: no release is on the branch {environment.branch}, so there is nothing to wait for"
        raise ReleaseError(message, "hydrate and promote a release first")
    check_active(wanted, name, active)
    application = branch_application_name(setting.declared, environment)
    own = application_name(setting.declared, environment)
    child = own if own != application else ""
    return Aim(environment, application, active.commit, active.version, Released(commit=active.commit), child)


def _tracking(setting: Setting, environment: Environment, wanted: Released) -> Aim:
    """Finds what Argo CD takes by a constraint: a Helm repository tells its version, an OCI artifact its digest."""
    declared = setting.declared
    found = state.tracked(environment.tracks, state.releases(declared, setting.repository, state.MAX_RELEASES))
    if found is None:
        message = f"{environment.name}: no release on {declared.dry_branch} is one of {environment.tracks}"
        raise ReleaseError(message, "hydrate a release first")
    check_active(wanted, environment.name, Hydrated(record=found.identity, version=found.version))
    for chart in found.record.charts:
        if chart.name == declared.chart.name:
            revision = chart.digest if Form(declared.chart.form) is Form.NATIVE else chart.version
            name = application_name(declared, environment)
            return Aim(environment, name, revision, found.version, Released(record=found.record))
    message = f"{environment.name}: the record of {found.version} has no chart {declared.chart.name!r:.100}"
    raise ReleaseError(message, "push the release with its chart, and hydrate it again")


def gates(declared: Environments, environment: Environment) -> tuple[PromotionGate, ...]:
    """Returns the gates that a wait is the answer to.

    Raises:
        InputError: there are none.
    """
    found = tuple(gate for gate in declared.gates_of(environment) if gate.kind is Kind.ARGOCD_HEALTH)
    if not found:
        remedy = "declare gate.argocd_health(), or wait without --report and --commit-status"
        raise InputError(f"{environment.name} has no gate of the kind {Kind.ARGOCD_HEALTH}", remedy)
    return found


def wait(aimed: Aim, applications: Applications, watch: Watch) -> Outcome:
    """Waits until the Application is in sync with exactly what is aimed at, and healthy.

    Raises:
        ReleaseError: Argo CD refuses, or has not answered once before the deadline.
    """
    begun, looks = watch.deadline.clock(), _Looks(aimed, applications, watch)
    for attempt in count(1):
        end = looks.look()
        if end is None and looks.is_elsewhere() and watch.is_superseded():
            end = End.SUPERSEDED
        if end is None and not watch.deadline.rest(attempt):
            end = End.DEADLINE
        if end is not None:
            return Outcome(end, looks.last(end), watch.deadline.clock() - begun)
    raise AssertionError("a wait ends")


class _Looks:
    """Looks at one Application again and again."""

    def __init__(self, aimed: Aim, applications: Applications, watch: Watch) -> None:
        self._aimed, self._applications, self._watch = aimed, applications, watch
        self._seen: ApplicationState | None = None
        self._fault = ReleaseError("nobody has looked yet")
        self._refreshed: float | None = None
        self._told = ""

    def look(self) -> End | None:
        """Looks once, and again where that might be too old; returns how it ends, None where that is open."""
        try:
            self._seen = found = self._ask(self._is_refresh_due())
        except UnavailableError as error:
            self._fault = error
            self._tell(error.message)
            return None
        if has_failed(found, self._aimed):
            return End.FAILED
        if is_done(found, self._aimed):
            return End.HEALTHY
        self._tell(words(found, self._aimed))
        return None

    def is_elsewhere(self) -> bool:
        """Tells whether Argo CD has not compared the Application with what is aimed at, as far as is known."""
        return self._seen is None or self._aimed.revision not in self._seen.revisions

    def last(self, end: End) -> ApplicationState:
        """Returns what was seen last; an error where nothing was until the deadline."""
        if self._seen is None and end is End.DEADLINE:
            raise self._fault
        return self._seen or ApplicationState()

    def _ask(self, refresh: bool) -> ApplicationState:
        if refresh:
            self._refreshed = self._watch.deadline.clock()
        found = self._applications.look(self._aimed.application, refresh)
        return self._ask(refresh=True) if is_done(found, self._aimed) and not refresh else found

    def _is_refresh_due(self) -> bool:
        if self._refreshed is None:
            return True
        return self.is_elsewhere() and self._watch.deadline.clock() - self._refreshed >= REFRESH_SECONDS

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._watch.tell(text)


def has_failed(seen: ApplicationState, aimed: Aim) -> bool:
    """Tells whether Argo CD has given up the sync of exactly what is aimed at, be it healthy or not."""
    return seen.operation.phase in FAILED and aimed.revision in seen.operation.revisions


def is_done(seen: ApplicationState, aimed: Aim) -> bool:
    """Tells whether the Application is in sync with exactly what is aimed at, healthy, and not being synced."""
    is_there = seen.sync == SYNCED and aimed.revision in seen.revisions
    is_well = seen.health == HEALTHY and not (aimed.child and aimed.child in seen.unjudged)
    return is_there and is_well and seen.operation.phase not in RUNNING and not has_failed(seen, aimed)


def description(outcome: Outcome, aimed: Aim) -> str:
    """Returns how it ended, in one line."""
    said = {
        End.HEALTHY: "",
        End.FAILED: "Argo CD has given up: ",
        End.DEADLINE: f"not deployed after {shown_duration(round(outcome.seconds))}: ",
        End.SUPERSEDED: f"superseded, {aimed.environment.name} has something newer: ",
    }
    return f"{said[outcome.end]}{words(outcome.seen, aimed)}"


def words(seen: ApplicationState, aimed: Aim) -> str:
    """Returns what was seen, in Argo CD's words."""
    return "; ".join(_words(seen, aimed))[:MAX_WORDS]


def _words(seen: ApplicationState, aimed: Aim) -> Iterator[str]:
    at = " and ".join(map(_short, dict.fromkeys(seen.revisions)))
    health = ": ".join(filter(None, (seen.health or "of unknown health", seen.message)))
    yield f"{seen.sync or 'not compared yet'}{' at ' if at else ''}{at}, {health}"
    if seen.operation.phase:
        yield ": ".join(filter(None, (f"sync {seen.operation.phase}", seen.operation.message)))
    if aimed.child and aimed.child in seen.unjudged:
        yield f"Argo CD gives the Application {aimed.child} no health: argocd/health.yaml is not applied"
    yield from seen.conditions


def _short(revision: str) -> str:
    """Returns the first digits of a commit or digest, and a version as it is."""
    digits = revision.removeprefix("sha256:")
    return digits[:_SHOWN_DIGITS] if _DIGITS.fullmatch(digits) else revision
