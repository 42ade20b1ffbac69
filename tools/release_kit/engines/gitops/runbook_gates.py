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


def section(declared: Environments) -> str:
    """Returns the section about the gates of the strategy; empty where it has none."""
    all_uses = uses(declared)
    if not all_uses:
        return ""
    rows = [_row(declared, use) for use in all_uses]
    parts = [f"## Report and approve gates\n\n{table(('Gate', 'About', 'Where', 'Reported by'), rows)}"]
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
    gate = use.gate
    environment = next(each for each in declared.pinned if each.branch in use.by_branch)
    branch = environment.branch if gate.target is Target.ACTIVE else environment.proposed_branch
    source = shlex.join((declared.repository.url, f"refs/heads/{branch}"))
    sha = f"sha=$(git ls-remote {source} | cut -f 1)"
    make = _commit_status if gate.reporter is Reporter.COMMIT_STATUS else _scm_status
    what = "what runs" if gate.target is Target.ACTIVE else "what is to run"
    names = ", ".join(each.name for each in declared.pinned if each.branch in use.by_branch)
    about = prose(f"""
        **{gate.key}** of {names} is about {what}: look which release is at the head of the branch before you report
        it. For {environment.name}, with GitOps Promoter:""")
    text = f"{about}\n{code(sha, *make(declared, environment, gate))}"
    place, key = _origin(declared, environment, gate)
    arguments = f"--environment {place} --gate {key} --phase success"
    return f"{text}\nWithout it:\n\n{both(declared.command, 'report', arguments)}"


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
