"""Where values come from: which expressions anybody may have written, and which are secret."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from release_kit.engines.validation.tree import text
from release_kit.engines.workflows.policy import expressions
from release_kit.engines.workflows.policy.shell import Command

T = TypeVar("T")

TRUSTED = frozenset(
    {
        *(f"github.{name}" for name in ("api_url", "event_name", "graphql_url", "job", "repository", "repository_id")),
        *(
            f"github.{name}"
            for name in ("repository_owner", "run_attempt", "run_id", "run_number", "server_url", "sha")
        ),
        *(f"runner.{name}" for name in ("arch", "environment", "os", "temp", "tool_cache")),
        *("github.workspace", "github.ref_type", "job.status", "strategy.job-index", "strategy.job-total"),
    }
)
"""What a script may have in it: nobody chooses these freely."""
_UNTRUSTED = re.compile(
    r"(?:github\.(?:event|head_ref|base_ref|ref|ref_name|actor|triggering_actor|workflow)|inputs|needs|steps|matrix)\b",
    re.IGNORECASE,
)
"""What somebody outside may have a say in, directly or by what an earlier step has read."""
_HARMLESS = re.compile(r"needs\.[\w-]+\.result|steps\.[\w-]+\.(?:outcome|conclusion)", re.IGNORECASE)
_SECRET = re.compile(r"secrets\.([\w*-]+)|github\.token\b", re.IGNORECASE)


def untrusted(expression: str) -> list[str]:
    """Returns what an expression names that is not on the short list of what may be in a script, but no secrets."""
    return sorted(
        name
        for name in expressions.names(expression)
        if name not in TRUSTED and not name.endswith("()") and not _SECRET.match(name)
    )


def secrets(value: Any) -> list[str]:
    """Returns the secrets in a text: their names in capitals, `GITHUB_TOKEN` for the token of the run."""
    found = {name for each in expressions.within(text(value)) for name in expressions.names(each.text)}
    matches = (_SECRET.match(name) for name in found)
    return sorted({(match[1] or "GITHUB_TOKEN").upper() for match in matches if match})


def secret_variables(env: Mapping[str, Any]) -> dict[str, list[str]]:
    """Returns which variables carry secrets, and which."""
    return {name: found for name, value in env.items() if (found := secrets(value))}


def untrusted_variables(env: Mapping[str, Any]) -> dict[str, str]:
    """Returns which variables carry what somebody outside has a say in, and what that is."""
    return {name: found for name, value in env.items() if (found := _said_outside(value))}


def spread(commands: Iterable[Command], carried: Mapping[str, T]) -> Iterator[tuple[Command, Mapping[str, T]]]:
    """Yields each command with what its variables carry: an assignment carries on what its value has in it."""
    known = dict(carried)
    for command in commands:
        yield command, known
        for word in command.assigned:
            if found := [known[each.name] for each in word.variables if each.name in known]:
                known[word.text.partition("=")[0].removesuffix("+")] = found[0]


def _said_outside(value: Any) -> str:
    names = {name for each in expressions.within(text(value)) for name in expressions.names(each.text)}
    return next((name for name in sorted(names) if _UNTRUSTED.match(name) and not _HARMLESS.fullmatch(name)), "")
