"""The sample's declaration, as it has to be where everything is on loopback and nobody waits an hour."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

TIMED = ("timer", "schedule")
STAGING, DEMO, RELEASE = "demo-staging", "demo", "release"


class Addresses(NamedTuple):
    """Where everything is."""

    registry: str
    """HOST:PORT/PREFIX."""
    deploy: str
    """Of the deploy repository."""
    github: str
    """HOST:PORT of GitHub's API."""
    environments: Mapping[str, str]
    """By name, the address of what runs there."""


def on_loopback(sample: Path, addresses: Addresses) -> dict[str, Any]:
    """Returns the sample's declaration with what loopback needs, and changes nothing else of it.

    - `chart.registry`, `repository.url`, `repository.domain`, `pipeline.domain` and each environment's `url` are those
      of the servers; the files of values are named by absolute paths.
    - Gates of the time are left out: a timer would be waited for, and a schedule would depend on the day.
    - `command` is left out, so that refusals name `release-kit` with this very declaration.

    Args:
        sample: the declaration's file.
        addresses: of the servers.
    """
    declared: dict[str, Any] = json.loads(sample.read_text())
    declared.pop("command", None)
    declared["chart"]["registry"] = addresses.registry
    declared["repository"] |= {"url": addresses.deploy, "domain": addresses.github}
    if "pipeline" in declared:
        declared["pipeline"]["domain"] = addresses.github
    declared["gates"] = _untimed(declared.get("gates", []))
    for each in declared["environments"]:
        each["url"] = addresses.environments[each["name"]]
        each["values"] = [str((sample.parent / name).absolute()) for name in each.get("values", [])]
        each["gates"] = _untimed(each.get("gates", []))
    return declared


def _untimed(gates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [gate for gate in gates if gate["kind"] not in TIMED]
