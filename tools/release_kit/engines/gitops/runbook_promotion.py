"""The part of the runbook about releases on their way: promotions, holds, rollbacks and hotfixes."""

from collections.abc import Iterator

from release_kit.documents.environments import Environment, Environments
from release_kit.documents.pipeline import Pipeline
from release_kit.engines.gitops.markdown import both, calls, code, prose
from release_kit.values.promotion_gate import Kind, PromotionGate, Target


def sections(declared: Environments) -> str:
    """Returns the sections; the declaration has an environment that pins a version."""
    return "\n".join((_promote(declared), _hold(declared), _rollback(declared), _hotfix(declared)))


def _promote(declared: Environments) -> str:
    hydrate = prose("""
        A release begins with its record, which the push wrote. Hydration writes what each environment is to run to
        its `-next` branch; `--dry-run` shows the changes and pushes nothing.""")
    first, last = declared.pinned[0], declared.environments[-1]
    promoter = prose(f"""
        From there on, GitOps Promoter opens a pull request for each environment, such as from
        `{first.proposed_branch}` to `{first.branch}`, and merges it once the gates hold, unless a person has to. To
        promote by hand, merge the pull request: it shows its gates, and a person may merge before they hold.

        Without GitOps Promoter, CI or a person promotes and reports. `promote` refuses, and says why, until all gates
        hold for exactly this release.""")
    parts = [_cut(declared.pipeline) if declared.pipeline else "", hydrate]
    parts += [both(declared.command, "hydrate", "--release 1.2.3"), promoter, *_steps(declared)]
    if declared.pipeline:
        public = f"Once {last.name} runs it, everybody gets it: what moves with each release, and GitHub's page of it."
        parts += [prose(public), both(declared.command, "publish", "--release 1.2.3")]
    return "\n".join(("## Release and promote\n", *filter(None, parts), both(declared.command, "status")))


def _cut(pipeline: Pipeline) -> str:
    """Tells how a release is made."""
    place = f"{pipeline.domain or 'github.com'}/{pipeline.owner}/{pipeline.name}"
    about = prose(f"""
        Releases are cut in a clone of <https://{place}>. The tag starts the workflow `release.yml`, which goes the
        whole way without GitOps Promoter. By hand:""")
    return (
        f"{about}\n{code('release-kit cut 1.2.3', 'git switch --detach v1.2.3', f'{pipeline.push} --hold-moving-tags')}"
    )


def _steps(declared: Environments) -> Iterator[str]:
    """Yields the commands of each environment, in order."""
    before = ""
    for environment in declared.environments:
        lines: list[str] = []
        if not environment.tracks:
            source = f"--from {before} " if before else ""
            lines += calls(declared.command, "promote", f"{source}--to {environment.name}")
        for command, arguments in _tests(declared, environment):
            lines += calls(declared.command, command, f"--environment {environment.name}{arguments} --report")
        before = environment.name
        if lines:
            yield code(*lines)


def _tests(declared: Environments, environment: Environment) -> Iterator[tuple[str, str]]:
    """Yields what reports gates of an environment, with what tells several gates apart."""
    active = declared.gates_of(environment, Target.ACTIVE)
    if any(gate.kind is Kind.ARGOCD_HEALTH for gate in active):
        yield "argocd-wait", ""
    tests = [gate for gate in active if gate.kind is Kind.E2E] if environment.url else []
    for gate in tests:
        yield "e2e", f" --gate {gate.key}" if len(tests) > 1 else ""


def _hold(declared: Environments) -> str:
    position, last = len(declared.pinned) - 1, declared.pinned[-1]
    patch = f'[{{"op": "replace", "path": "/spec/environments/{position}/autoMerge", "value": false}}]'
    kubectl = f"kubectl --namespace {declared.promoter.namespace} patch promotionstrategy {declared.name}"
    about = prose(f"""
        Nothing comes into {last.name} by itself while this is set; `true` ends it, and so does applying
        promoter/strategy.yaml. For longer, set `automatic` of the environment in the declaration to false.""")
    everything = "disable `release.yml`" if declared.pipeline else "stop the job that runs `promote`"
    approvals = [gate for gate in declared.gates_of(last) if gate.kind is Kind.MANUAL]
    without = _withheld(declared, approvals[0], everything) if approvals else _stopped(everything)
    switch = code(f"{kubectl} --type json {chr(92)}", f"  --patch '{patch}'")
    return f"## Hold\n\n{about}\n{switch}\n{without}"


def _stopped(everything: str) -> str:
    return prose(f"Without GitOps Promoter, {everything}: nothing else promotes.")


def _withheld(declared: Environments, gate: PromotionGate, everything: str) -> str:
    """Tells how a manual gate holds a release back."""
    last = declared.pinned[-1].name
    arguments = f"--environment {last} --gate {gate.key} --phase failure --description 'hold: stock-taking'"
    about = prose(f"""
        Without GitOps Promoter, take `{gate.key}` back: nobody can promote what waits into {last} then. `--phase
        success` lets it go. That holds this release and no newer one; to hold all, {everything} besides.""")
    return f"{about}\n{both(declared.command, 'report', arguments)}"


def _rollback(declared: Environments) -> str:
    last = declared.pinned[-1]
    here = prose(f"""
        In one environment, at once: the last good release comes back as a new commit on `{last.branch}`, and the bad
        one stays out of it until somebody says `promote --again`. `--to 1.2.2` names another one. With GitOps
        Promoter, hold the environment first, so that the bad one is not merged again.""")
    everywhere = prose("""
        Everywhere: without GitOps Promoter, roll back each environment, as `promote` never goes back to an older
        release. With it, hydrate the earlier release again, which goes through all gates like any change:""")
    again = both(declared.command, "hydrate", "--release 1.2.2 --again")
    back = both(declared.command, "rollback", f"--environment {last.name} --reason 'orders are lost'")
    return f"## Roll back\n\n{here}\n{back}\n{everywhere}\n{again}"


def _hotfix(declared: Environments) -> str:
    last = declared.pinned[-1]
    about = "A hotfix is a release: cut it, push it, hydrate it. It supersedes whatever waits"
    if any(environment.staging for environment in declared.environments):
        return f"## Hotfix\n\n{_skipping(declared, about)}"
    by_hand = prose(f"""
        {about}. Where the gates of the environments before can't be waited for, merge the pull request from
        `{last.proposed_branch}` to `{last.branch}` by hand, once it shows the version that you mean.""")
    return f"## Hotfix\n\n{by_hand}"


def _skipping(declared: Environments, about: str) -> str:
    """Tells how a release goes on without staging."""
    staging = " and ".join(environment.name for environment in declared.environments if environment.staging)
    later = [environment for environment in declared.pinned if not environment.staging]
    without = prose(f"""
        {about}, but for a newer release in {staging}, which stays. One that is cut with `--skip-staging` is not waited
        for in {staging}. What has failed or was rolled back there stops it all the same, and so does every other gate.
        Without GitOps Promoter:""")
    promoter = prose(f"""
        GitOps Promoter knows nothing of it: merge the pull request from `{later[0].proposed_branch}` to
        `{later[0].branch}` by hand, once it shows the version that you mean and nothing has failed in {staging}.

        Once the hotfix is where it has to be, hydrate the newer release again, if {staging} has one:""")
    promote = both(declared.command, "promote", f"--to {later[0].name}")
    return f"{without}\n{promote}\n{promoter}\n{both(declared.command, 'hydrate', '--release 1.3.0')}"
