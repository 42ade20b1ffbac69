"""What changes when GitOps Promoter or Argo CD get to another release, and in which order it is applied.

GitOps Promoter, docs/upgrading.md (0.38, 0.39).
"""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from io import StringIO

from release_kit.documents.environments import Environments
from release_kit.engines.gitops.promoter_release import Shape, definition_address, shape
from release_kit.engines.gitops.tree import ORDER

_APPLY = "kubectl apply --server-side"
_STRATEGY = f"{_APPLY} --filename promoter/strategy.yaml"


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Returns the changes from one tree to another, as a patch; empty where there are none."""
    parts: list[str] = []
    for path in sorted({*before, *after}):
        old, new = before.get(path, ""), after.get(path, "")
        names = (f"a/{path}" if path in before else "/dev/null", f"b/{path}" if path in after else "/dev/null")
        # Lines end as git has it: a line separator of Unicode, for one, ends none.
        parts += unified_diff(StringIO(old).readlines(), StringIO(new).readlines(), *names)
    return "".join(part if part.endswith("\n") else f"{part}\n\\ No newline at end of file\n" for part in parts)


def steps(old: Environments, new: Environments) -> tuple[str, ...]:
    """Returns what to do, in order; nothing where both releases are the same."""
    found = []
    if old.promoter.release != new.promoter.release:
        found += [f"Declare GitOps Promoter {new.promoter.release}, and generate the files anew.", *_promoter(old, new)]
    if old.argocd.release != new.argocd.release:
        found.append(
            f"Declare Argo CD {new.argocd.release}, upgrade it as its own documentation says, and apply argocd/."
        )
    return tuple(found)


def _promoter(old: Environments, new: Environments) -> Iterator[str]:
    forms = shape(old.promoter.release), shape(new.promoter.release)
    install = f"{_APPLY} --kustomize promoter/install"
    if not new.pinned or forms[0] is forms[1]:
        yield f"Install it: {install}"
        yield f"Apply what has changed: {_APPLY} --filename promoter/"
        return
    if forms[0] is Shape.IMPLIED:
        kind = definition_address(new.promoter.release, "dependentssuccessfulcommitstatuses")
        yield f"Let the cluster know what reports the order, before the controller needs it: {_APPLY} --filename {kind}"
        yield f"Apply what reports it: {_APPLY} --filename {ORDER}"
    if forms[1] is Shape.KEY and forms[0] is Shape.IMPLIED:
        yield f"Apply the strategy, which waits for it from now on: {_STRATEGY}"
        yield f"Install the controller, twice: {install}"
    else:
        yield f"Install the controller, twice; until the next step, nothing is promoted: {install}"
        yield f"Apply the strategy at once: {_STRATEGY}"
    if forms[1] is Shape.IMPLIED:
        kind = "dependentssuccessfulcommitstatus"
        yield f"Remove what reported the order: kubectl --namespace {old.promoter.namespace} delete {kind} {old.name}"
    ready = f"kubectl --namespace {new.promoter.namespace} wait --for=condition=Ready promotionstrategy/{new.name}"
    yield f"See that the strategy is ready: {ready}"
