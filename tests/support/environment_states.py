"""Environments as the rules of promotions see them, without any repository.

state("demo", at("1"), at("2"), PENDING)  # runs the first dry commit, has the second proposed; its gate e2e is pending
"""

from release_kit.documents.environments import Environment
from release_kit.engines.promotion.model import EnvironmentState, GateState, Hydrated
from release_kit.values.promotion_gate import Kind, Phase, PromotionGate, Reporter, Target

E2E = PromotionGate("e2e", Kind.E2E, Target.ACTIVE, Reporter.SCM_STATUS)
HEALTH = PromotionGate("argocd-health", Kind.ARGOCD_HEALTH, Target.ACTIVE, Reporter.ARGOCD_COMMIT_STATUS)
APPROVAL = PromotionGate("approval", Kind.MANUAL, Target.PROPOSED, Reporter.COMMIT_STATUS)
PASSED, PENDING, FAILED = Phase.SUCCESS, Phase.PENDING, Phase.FAILURE


def at(dry: str, note: str = "") -> Hydrated:
    """Returns what a branch holds after a dry commit; the later commits have the higher digits."""
    return Hydrated(f"commit-{dry}", dry, note, f"sha256:{dry}", f"1.0.{dry}", int(dry or 0))


def state(
    name: str, active: Hydrated, proposed: Hydrated, *phases: Phase, approval: Phase | None = None
) -> EnvironmentState:
    """Returns an environment whose gate e2e, and approval if it has one, are in these phases."""
    gates = tuple(GateState(E2E, phase) for phase in phases)
    proposed_gates = () if approval is None else (GateState(APPROVAL, approval),)
    return EnvironmentState(Environment(name, f"environment/{name}"), active, proposed, gates, proposed_gates)
