"""Reads GitHub's environments, and brings them in step with the declaration."""

from collections.abc import Sequence
from typing import NamedTuple

from release_kit.documents.environments import Environments
from release_kit.engines.github_environments.plan import Plan, Secret, make_plan
from release_kit.errors import InputError, ReleaseError
from release_kit.ports import EnvironmentHost, Narrator


class Value(NamedTuple):
    """What a secret is to be; never shown, also not by repr."""

    secret: Secret
    text: str

    def __repr__(self) -> str:
        """Shows the name alone."""
        return f"Value({self.secret!r})"


def look(declared: Environments, host: EnvironmentHost) -> Plan:
    """Makes the plan.

    Raises:
        ReleaseError: GitHub refuses, or knows no reviewer of a declared name.
    """
    hosted = host.found([each.name for each in declared.environments])
    named = {name for each in declared.environments for name in each.github.reviewers}
    return make_plan(declared, hosted, {name: host.reviewer(name) for name in sorted(named)})


def chosen(declared: Environments, wanted: str) -> tuple[Secret, ...]:
    """Returns the secrets that somebody names: of one environment, or of all that declare it.

    Args:
        declared: the environments.
        wanted: `NAME`, or `ENVIRONMENT:NAME`.

    Raises:
        InputError: no such environment declares it.
    """
    place, name = "--set-secret", wanted.rpartition(":")[2]
    environments = declared.environments
    if ":" in wanted:
        environments = (declared.environment(wanted.rpartition(":")[0], place),)
    found = tuple(Secret(each.name, name) for each in environments if name in each.github.secrets)
    if not found:
        known = sorted({name for each in environments for name in each.github.secrets})
        raise InputError(f"{place}: no environment declares the secret {wanted!r:.100}", _declared(known))
    return found


def apply(declared: Environments, host: EnvironmentHost, values: Sequence[Value], narrator: Narrator) -> Plan:
    """Does what the plan says, then sets secrets: what protects an environment is there before they are.

    Returns:
        What was done.

    Raises:
        ReleaseError: GitHub refuses, or is not as declared in the end; running it again goes on from there.
    """
    plan = look(declared, host)
    for call in plan.calls:
        narrator.note(f"{call.method} {call.path}")
        host.carry_out(call)
    for value in values:
        host.put_secret(value.secret.environment, value.secret.name, value.text)
        narrator.note(f"secret {value.secret.name} of {value.secret.environment}: set")
    if plan.calls and look(declared, host).calls:
        remedy = "somebody else may be changing them: look at the plan, and run it again"
        raise ReleaseError("GitHub took everything, and its environments are not as declared yet", remedy)
    return plan.with_secrets([value.secret for value in values])


def _declared(names: Sequence[str]) -> str:
    return f"declared are {', '.join(names)}" if names else "declare it in `secrets` of the environment"
