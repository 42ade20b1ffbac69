"""The part of the runbook about gates: who reports each, and how that is done by hand."""

import shlex
from collections.abc import Iterator

from release_kit.documents.environments import Environment, Environments
from release_kit.engines.gitops.gates import Use, carried_key, kind_of, reporter_name, uses
from release_kit.engines.gitops.markdown import both, code, prose, table
from release_kit.engines.gitops.promoter_resource import API
from release_kit.engines.gitops.yaml_text import shown
from release_kit.values.promotion_gate import PromotionGate, Reporter, Target, scm_context

_BY_HAND = (Reporter.SCM_STATUS, Reporter.COMMIT_STATUS)
_COMMIT_STATUS = prose("""
    `--commit-status` sets the commit status that GitOps Promoter reads, with `$GITHUB_TOKEN`, for `e2e --report` as
    well; without the Promoter, leave it out. It refuses to talk over another run that is at the gate, which
    `--take-over` does.""")


def section(declared: Environments) -> str:
    """Returns the section about the gates of the strategy; empty where it has none."""
    all_uses = uses(declared)
    if not all_uses:
        return ""
    rows = [_row(declared, use) for use in all_uses]
    parts = [f"## Report and approve gates\n\n{table(('Gate', 'About', 'Where', 'Reported by'), rows)}"]
    if any(_by_report(declared, use) for use in all_uses):
        parts.append(_COMMIT_STATUS)
    for use in all_uses:
        if use.gate.reporter in _BY_HAND:
            parts.append(_by_hand(declared, use))
    return "\n".join(parts)


def _row(declared: Environments, use: Use) -> tuple[str, str, str, str]:
    gate, kind = use.gate, kind_of(use.gate)
    about = f"{shown(gate.description)} ({gate.target})" if gate.description else str(gate.target)
    by = f"{kind} `{declared.name}-{gate.key}`" if kind else f"a CommitStatus of `{reporter_name(declared)}`"
    if gate.reporter is Reporter.SCM_STATUS:
        by = f"the commit status `{scm_context(gate.key)}`, which {by} reads"
    names = [environment.name for environment in declared.pinned if environment.branch in use.by_branch]
    return f"`{gate.key}`", about, ", ".join(names), by


def _by_hand(declared: Environments, use: Use) -> str:
    gate, environment = use.gate, _first(declared, use)
    place, key = _origin(declared, environment, gate)
    arguments = f"--environment {place} --gate {key} --phase success"
    if _by_report(declared, use):
        return f"{_about(declared, use)}\n{both(declared.command, 'report', f'{arguments} --commit-status')}"
    branch = environment.branch if gate.target is Target.ACTIVE else environment.proposed_branch
    source = shlex.join((declared.repository.url, f"refs/heads/{branch}"))
    sha = f"sha=$(git ls-remote {source} | cut -f 1)"
    make = _commit_status if gate.reporter is Reporter.COMMIT_STATUS else _scm_status
    text = f"{_about(declared, use, ', with GitOps Promoter')}\n{code(sha, *make(declared, environment, gate))}"
    return f"{text}\nWithout it:\n\n{both(declared.command, 'report', arguments)}"


def _about(declared: Environments, use: Use, how: str = "") -> str:
    what = "what runs" if use.gate.target is Target.ACTIVE else "what is to run"
    names = ", ".join(each.name for each in declared.pinned if each.branch in use.by_branch)
    return prose(f"""
        **{use.gate.key}** of {names} is about {what}: look which release is at the head of the branch before you report
        it. For {_first(declared, use).name}{how}:""")


def _first(declared: Environments, use: Use) -> Environment:
    return next(each for each in declared.pinned if each.branch in use.by_branch)


def _by_report(declared: Environments, use: Use) -> bool:
    """Tells whether `report` sets what GitOps Promoter reads: on GitHub, for what an environment has on its branch."""
    environment = _first(declared, use)
    is_own = _origin(declared, environment, use.gate) == (environment.name, use.gate.key)
    return declared.repository.provider == "github" and use.gate.reporter is Reporter.SCM_STATUS and is_own


def _origin(declared: Environments, environment: Environment, gate: PromotionGate) -> tuple[str, str]:
    """Returns where a gate is declared, and its key there: it may be one of an environment that tracks versions."""
    for each in declared.environments:
        for own in declared.gates_of(each) if each.tracks else ():
            if carried_key(each, own) == gate.key:
                return each.name, own.key
    return environment.name, gate.key


def _scm_status(declared: Environments, _: Environment, gate: PromotionGate) -> Iterator[str]:
    place, context = declared.repository, scm_context(gate.key)
    if place.provider == "github":
        host = f" --hostname {place.domain}" if place.domain else ""
        yield f'gh api{host} --method POST "repos/{place.owner}/{place.name}/statuses/$sha" \\'
        yield f"  --field state=success --field context={context}"
    elif place.provider == "gitlab":
        yield f'glab api --method POST "projects/{place.project_id}/statuses/$sha" \\'
        yield f"  --field state=success --field name={context}"
    else:
        yield "# The file holds one line: Authorization: token ..."
        yield f'curl --fail --header @FILE --json \'{{"state": "success", "context": "{context}"}}\' \\'
        yield f'  "https://{place.domain}/api/v1/repos/{place.owner}/{place.name}/statuses/$sha"'


def _commit_status(declared: Environments, environment: Environment, gate: PromotionGate) -> Iterator[str]:
    account = f"system:serviceaccount:{declared.promoter.namespace}:{reporter_name(declared)}"
    yield f"kubectl apply --server-side --field-manager=release-kit --as={account} --filename - <<END"
    yield f"apiVersion: {API}"
    yield "kind: CommitStatus"
    yield "metadata:"
    yield f"  name: {declared.name}-{gate.key}-{environment.name}"
    yield f"  namespace: {declared.promoter.namespace}"
    yield "  labels:"
    yield f"    promoter.argoproj.io/commit-status: {gate.key}"
    yield "spec:"
    yield "  gitRepositoryRef:"
    yield f"    name: {declared.name}"
    yield "  sha: $sha"
    yield f"  name: {scm_context(gate.key)}"
    yield "  description: Reported by hand"
    yield "  phase: success"
    yield "END"
