"""The commands of `gh` (cli.github.com) that do what a plan does."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from release_kit.documents.pipeline import Pipeline
from release_kit.engines.github_environments.plan import Secret
from release_kit.values.github_environment import Call


def of_call(call: Call, pipeline: Pipeline) -> str:
    """Returns the line `gh api ...` that makes a call."""
    host = ["--hostname", pipeline.domain] if pipeline.domain else []
    return _line(["gh", "api", *host, "--method", call.method, call.path.removeprefix("/"), *_fields(call.body or {})])


def of_secret(secret: Secret, pipeline: Pipeline) -> str:
    """Returns the line that sets a secret: it asks for the value, or reads it from its input."""
    repository = "/".join(filter(None, (pipeline.domain, pipeline.owner, pipeline.name)))
    return _line(["gh", "secret", "set", secret.name, "--env", secret.environment, "--repo", repository])


def _fields(body: Mapping[str, Any], within: str = "") -> Iterator[str]:
    """Yields the options that make a body: `-f` for texts as they are, `-F` for everything else."""
    for key, value in body.items():
        name = f"{within}[{key}]" if within else key
        if isinstance(value, Mapping):
            yield from _fields(value, name)
        elif isinstance(value, list):
            for each in value:
                yield from _fields(each, f"{name}[]")
            yield from () if value else ("-F", f"{name}[]")
        else:
            yield from ("-f", f"{name}={value}") if isinstance(value, str) else ("-F", f"{name}={json.dumps(value)}")


def _line(words: list[str]) -> str:
    return " ".join(shlex.quote(word) if word.isprintable() else _escaped(word) for word in words)


def _escaped(word: str) -> str:
    """Returns a word in bash's `$'...'`, so that it can be shown in one line."""
    return "$'" + word.encode("unicode_escape").decode().replace("'", "\\'") + "'"
