"""Rules for the way of a release: no environment without the gates of the one before, and what is last comes last."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from release_kit.documents.environments import Environment, Environments
from release_kit.engines.validation.rule import Rule
from release_kit.engines.validation.tree import TreeFinding
from release_kit.engines.workflows.policy import calls, expressions, flow
from release_kit.engines.workflows.policy.calls import Call
from release_kit.engines.workflows.policy.source import Job, Workflow
from release_kit.values.promotion_gate import Kind, PromotionGate

_SOURCE = "docs/workflows.md"
MISSING = Rule(
    "gate-missing",
    "a promotion without the job that reports a gate of the environment before, such as its end-to-end tests",
    "the promotion is refused, or takes what somebody reported of another day",
    _SOURCE,
    "let the job that promotes need the one that tests and reports",
)
BYPASSED = Rule(
    "gate-bypassed",
    "a promotion, or publishing, that may happen though what comes before it failed or did not run",
    "a release goes on that nobody has seen to work",
    _SOURCE,
    "let it run on success only; where staging may be skipped, on the output skip-staging of the push",
)
ASSERTED = Rule(
    "gate-asserted",
    "a report of success that nobody has seen: of a gate that is no person's, or where nobody was asked",
    "the gate is open whatever happens",
    _SOURCE,
    "let what sees it report it, and name reviewers of the environment",
)
EARLY = Rule(
    "publish-early",
    "publishing before the last environment runs the release, or a promotion after it",
    "moving tags and the release page tell of what may never run",
    _SOURCE,
    "publish in the last step of the last environment's job",
)
RULES = (MISSING, BYPASSED, ASSERTED, EARLY)
_REPORTERS = {Kind.E2E: "e2e", Kind.ARGOCD_HEALTH: "argocd-wait"}
"""Which command sees and reports a gate."""
_MOVES = frozenset({"promote", "publish", "report", "e2e", "argocd-wait", "hydrate"})
_ENDINGS = (flow.FAILURE, flow.CANCELLED, flow.SKIPPED)


class Way:
    """All workflows, and the commands in them."""

    def __init__(self, workflows: Iterable[Workflow], declared: Environments) -> None:
        """Takes the workflows that belong together."""
        self.workflows = {workflow.name: workflow for workflow in workflows}
        self.declared = declared
        self.calls = {name: tuple(calls.calls(each, declared)) for name, each in self.workflows.items()}

    def of(self, job: Job, *names: str) -> list[Call]:
        """Returns the commands of some names in a job."""
        return [call for call in self.calls[job.workflow.name] if call.name in names and call.step.job is job]

    def called(self, job: Job) -> Workflow | None:
        """Returns the workflow that a job calls, if it is one of these."""
        return self.workflows.get(job.uses.rpartition("/")[2]) if job.uses.startswith("./") else None

    def reports(self, job: Job, environment: Environment, gate: PromotionGate) -> list[Call]:
        """Returns the commands in a job, or in what it calls, that see and report a gate of an environment."""
        called = self.called(job)
        within = self.calls[called.name] if called else self.calls[job.workflow.name]
        jobs = list(called.jobs.values()) if called else [job]
        names = {environment.name}
        if called and environment.name in calls.called_with(job, called):
            names |= {inner.environment for inner in jobs}
        return [
            call
            for call in within
            if call.step.job in jobs
            and call.name == _REPORTERS[gate.kind]
            and "--report" in call.options
            and call.environment in names
            and call.options.get("--gate", gate.key) == gate.key
        ]

    def is_push(self, job: Job, step: str) -> bool:
        """Tells whether the step of an id pushes the release."""
        return any(call.step.value.get("id") == step for call in self.of(job, "push"))


def findings(way: Way) -> Iterator[TreeFinding]:
    """Yields what is wrong."""
    for workflow in way.workflows.values():
        for job in workflow.jobs.values():
            for call in way.of(job, "promote"):
                yield from _missing(way, call)
            if moves := way.of(job, "promote", "publish"):
                yield from _runs_anyway(way, job, moves[0])
            for call in way.of(job, *_MOVES):
                yield from _careless(call)
            for call in way.of(job, "report"):
                yield from _asserted(way, call)
            for call in way.of(job, "publish"):
                yield from _early(way, call)


def _found(call: Call, rule: Rule, message: str) -> TreeFinding:
    return call.step.workflow.finding(rule.name, call.step.at("run"), message, rule.remedy, call.row)


def _missing(way: Way, call: Call) -> Iterator[TreeFinding]:
    before = _environment_before(way.declared, call.environment)
    if not before:
        return
    for gate in way.declared.gates_of(before):
        if gate.kind not in _REPORTERS:
            continue
        seen = list(_seen(way, call, before, gate))
        if not seen:
            message = f"promotes to {call.environment}, and needs no job that then reports {gate.key} of {before.name}"
            yield _found(call, MISSING, message)
        elif not any(_is_run(report, before) for report in seen):
            message = f"the step that reports {gate.key} of {before.name} may be left out"
            yield _found(seen[0], BYPASSED, message)


def _seen(way: Way, call: Call, before: Environment, gate: PromotionGate) -> Iterator[Call]:
    """Yields what reports a gate of the environment before: after the promotion to that, and before this one."""
    job = call.step.job
    for each in (job, *flow.before(job).values()):
        for report in way.reports(each, before, gate):
            is_earlier = each is not job or report.step.position < call.step.position
            if is_earlier and (before.tracks or _is_promoted(way, each, report, before)):
                yield report


def _is_promoted(way: Way, job: Job, report: Call, environment: Environment) -> bool:
    own = (each for each in way.of(job, "promote") if each.step.position < report.step.position)
    earlier = (each for other in flow.before(job).values() for each in way.of(other, "promote"))
    return any(each.environment == environment.name for each in (*own, *earlier))


def _environment_before(declared: Environments, name: str) -> Environment | None:
    names = [environment.name for environment in declared.environments]
    return declared.environments[names.index(name) - 1] if name in names[1:] else None


def _is_run(report: Call, environment: Environment) -> bool:
    """Tells whether a step runs wherever its job does, unless staging is skipped and it is about staging.

    Whether a job of the same workflow runs is looked at elsewhere; one that is called has to run, too.
    """

    def look(name: str) -> object:
        if name == "inputs.environment":
            return environment.name
        if name in ("success(0)", "always(0)"):
            return True
        if name == "cancelled(0)":
            return False
        return "false" if environment.staging and name.endswith(".outputs.skip-staging") else expressions.UNKNOWN

    job = report.step.job
    called = [job.condition] if "workflow_call" in job.workflow.events else []
    conditions = filter(None, (report.step.condition, *called))
    return all(expressions.truth(expressions.evaluate(each, look)) is True for each in conditions)


def _runs_anyway(way: Way, job: Job, call: Call) -> Iterator[TreeFinding]:
    """Finds how jobs before one may end, so that it runs all the same."""
    for name, skips in product(flow.before(job), (False, True)):
        for ending in _ENDINGS:
            if ending == flow.SKIPPED and skips and _is_of_staging(way, job.workflow.jobs[name]):
                continue
            if flow.may_run(job, {name: ending}, skips, way.is_push):
                message = f"the job {job.name} may run though {name} ended as {ending}"
                path = (*job.path, "if" if job.condition else "needs")
                yield call.step.workflow.finding(BYPASSED.name, path, message, BYPASSED.remedy)
                return


def _is_of_staging(way: Way, job: Job) -> bool:
    """Tells whether a job does nothing but test an environment that releases may skip."""
    called = way.called(job)
    names = calls.called_with(job, called) if called else calls.places(job) or []
    staging = {environment.name for environment in way.declared.environments if environment.staging}
    return bool(names) and {*names} <= staging and not way.of(job, "promote", "hydrate", "publish")


def _careless(call: Call) -> Iterator[TreeFinding]:
    step, job = call.step, call.step.job
    for value, path in ((step.value, step.path), (job.value, job.path)):
        if value.get("continue-on-error"):
            message = f"the job goes on where {call.name} fails"
            place = (*path, "continue-on-error")
            yield step.workflow.finding(BYPASSED.name, place, message, BYPASSED.remedy)
    named = {name.lower() for name in expressions.names(step.condition)} if step.condition else set()
    if call.name in ("promote", "publish", "report") and named & (flow.STATUS - {"success()"}):
        message = f"{call.name} may run though a step before it failed"
        yield step.workflow.finding(BYPASSED.name, step.at("if"), message, BYPASSED.remedy)


def _asserted(way: Way, call: Call) -> Iterator[TreeFinding]:
    known = {environment.name: environment for environment in way.declared.environments}
    environment = known.get(call.environment)
    if call.options.get("--phase") != "success" or environment is None:
        return
    gates = {gate.key: gate for gate in way.declared.gates_of(environment)}
    gate = gates.get(call.options.get("--gate", ""))
    if gate is None or gate.kind is not Kind.MANUAL:
        message = f"{call.options.get('--gate') or 'no gate'} of {environment.name} is no gate that a person decides"
        yield _found(call, ASSERTED, message)
    elif not environment.github.reviewers:
        yield _found(call, ASSERTED, f"nobody is asked for {gate.key}: {environment.name} has no github.reviewers")


def _early(way: Way, call: Call) -> Iterator[TreeFinding]:
    job, last = call.step.job, way.declared.pinned[-1].name if way.declared.pinned else ""
    earlier = flow.before(job)
    before = [each for each in way.of(job, "promote") if each.step.position < call.step.position]
    before += [each for name in earlier for each in way.of(earlier[name], "promote")]
    if last not in {each.environment for each in before}:
        yield _found(call, EARLY, f"nothing before it promotes to {last}")
    after: Sequence[Call] = [
        *(each for each in way.of(job, *_MOVES) if each.step.position > call.step.position),
        *(each for other in _after(job) for each in way.of(other, *_MOVES)),
    ]
    if after:
        yield _found(call, EARLY, f"{after[0].name} comes after it")


def _after(job: Job) -> list[Job]:
    jobs: Mapping[str, Job] = job.workflow.jobs
    return [other for other in jobs.values() if job.name in flow.before(other)]
