"""The messages of commits that promote and roll back: a line for readers, and trailers for programs.

Besides its own the trailers are those that GitOps Promoter writes on its merges and reads its history from
(internal/types/constants/trailers.go, v0.36.0).
"""

from collections.abc import Iterator, Mapping, Sequence

from release_kit.engines.promotion import model
from release_kit.engines.promotion.model import EnvironmentState, GateState

RECORD = "Release-Record"
DRY = "Dry-Sha"
FROM = "Promoted-From"
SKIPPED = "Skipped-Staging"
ROLLED_BACK_FROM = "Rolled-Back-From"
ROLLED_BACK_RECORD = "Rolled-Back-Record"


def promotion(name: str, states: Sequence[EnvironmentState], position: int) -> str:
    """Returns the message of a promotion.

    Args:
        name: of the release set.
        states: of all environments, before it.
        position: of the one that is promoted to.
    """
    state, source = states[position], model.source(states, position)
    active, proposed = state.active, state.proposed
    trailers = {
        RECORD: proposed.record,
        DRY: proposed.dry,
        FROM: source.environment.name if source else "",
        SKIPPED: ", ".join(model.skipped(states, position)),
        "Sha-hydrated-active": active.commit,
        "Sha-hydrated-proposed": proposed.commit,
        "Sha-dry-active": active.dry,
        "Sha-dry-proposed": proposed.dry,
        **dict(_statuses("active", state.active_gates)),
        **dict(_statuses("proposed", state.proposed_gates)),
    }
    return _message(f"Promote {state.environment.name} to {name} {proposed.version}", "", trailers)


def rollback(title: str, reason: str, trailers: Mapping[str, str]) -> str:
    """Returns the message of a rollback."""
    return _message(title, reason, trailers)


def trailers_of(message: str) -> Mapping[str, str]:
    """Returns the trailers of a message: the lines `Key: value` of its last paragraph."""
    last = message.strip().rpartition("\n\n")[2]
    lines = (line.partition(": ") for line in last.splitlines())
    return {key: value.strip() for key, colon, value in lines if colon and value.isprintable()}


def _statuses(which: str, gates: Sequence[GateState]) -> Iterator[tuple[str, str]]:
    for state in gates:
        yield f"Commit-status-{which}-{state.gate.key}-phase", state.phase
        yield f"Commit-status-{which}-{state.gate.key}-url", state.url


def _message(title: str, reason: str, trailers: Mapping[str, str]) -> str:
    lines = "\n".join(f"{key}: {value}" for key, value in trailers.items() if value)
    return "\n\n".join(filter(None, (title, reason, lines))) + "\n"
