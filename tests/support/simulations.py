"""Scenarios of promotions, played in a repository of their own.

played = simulate(events=[{"at": "0s", "release": "1.0.0"}], folder=tmp_path / "repository")
assert played.versions == {"demo-staging": "1.0.0", "demo": "", "release": ""}
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from release_kit.adapters.simulated_repository import SimulatedRepository
from release_kit.documents import environments, scenario
from release_kit.documents.environments import Environments
from release_kit.documents.scenario import Scenario
from release_kit.engines.simulation.player import Result, play
from release_kit.engines.simulation.simulated_stage import SimulatedStage
from release_kit.engines.simulation.timeline import ARRIVALS
from release_kit.ports import CommitWriter
from release_kit.values.commit import NewCommit

HEALTH = {"kind": "argocd-health"}
E2E = {"kind": "e2e"}
APPROVAL = {"kind": "manual", "key": "approval"}
FLOW: Sequence[Mapping[str, Any]] = (
    {"name": "demo-staging", "gates": [E2E]},
    {"name": "demo"},
    {"name": "release", "automatic": False, "gates": [APPROVAL]},
)
"""demo-staging is tested, demo follows by itself, release waits for an approval and a person."""
SOON = ({"gate": "argocd-health", "after": "1m"}, {"gate": "e2e", "after": "5m"})
"""Health after a minute, the test after five."""
IN_ORDER = {"release": "0.39.0"}
"""A GitOps Promoter that keeps the order whatever gates there are."""


class Played(NamedTuple):
    """A scenario that was played."""

    result: Result
    declared: Environments
    writer: CommitWriter

    @property
    def versions(self) -> dict[str, str]:
        """What is active in each environment at the end; empty for nothing."""
        return {state.environment.name: state.active.version for state in self.result.states}

    @property
    def found(self) -> list[str]:
        """What is not as it was expected."""
        return [": ".join(filter(None, (each.found, each.why))) for each in self.result.findings]

    def arrivals(self, environment: str) -> list[str]:
        """What an environment had, one release after the other."""
        return [e.version for e in self.result.entries if e.environment == environment and e.kind in ARRIVALS]

    def minutes(self, environment: str, what: str) -> list[int]:
        """When something happened, such as `promoted 1.0.0`: minutes after the start."""
        found = [e.time for e in self.result.entries if (e.environment, e.what) == (environment, what)]
        return [(time - self.result.scenario.start) // 60 for time in found]

    def waits(self, environment: str) -> list[str]:
        """What an environment waits for at the end."""
        names = [state.environment.name for state in self.result.states]
        return [blocker.reason for blocker in self.result.blockers[names.index(environment)]]


class CountingWriter:
    """Keeps nothing but how much was written; commits are numbers."""

    def __init__(self) -> None:
        """Has counted nothing."""
        self.blobs = self.commits = self.notes = 0
        self.made: dict[str, NewCommit] = {}

    def blob(self, content: bytes) -> int:
        """Counts."""
        self.blobs += 1
        return self.blobs

    def commit(self, new: NewCommit) -> str:
        """Counts, and keeps the commit."""
        self.commits += 1
        sha = f"{self.commits:040x}"
        self.made[sha] = new
        return sha

    def branch(self, ref: str, sha: str) -> None:
        """Knows the commit."""
        assert sha in self.made

    def note(self, sha: str, content: bytes, time: int) -> None:
        """Counts."""
        assert sha in self.made
        self.notes += 1


def declaration(flow: Sequence[Mapping[str, Any]] = FLOW, **fields: Any) -> dict[str, Any]:
    """Returns a declaration; `fields` replaces some of it."""
    return {
        "schema": environments.SCHEMA,
        "name": "shop",
        "repository": {"owner": "acme", "name": "shop-deploy", "app_id": 1234},
        "chart": {"registry": "ghcr.io/acme", "name": "shop"},
        "promoter": IN_ORDER,
        "gates": [HEALTH],
        "environments": list(flow),
        **fields,
    }


def simulate(
    events: Sequence[Mapping[str, Any]],
    declared: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    **fields: Any,
) -> Played:
    """Plays a scenario; with a folder, in a real repository there. `fields` are the scenario's others."""
    document = {"schema": scenario.SCHEMA, "name": "a test", "events": list(events), **fields}
    content = json.dumps(declared or declaration()).encode()
    read = environments.parse(content, "environments.json", Path("/nonexistent"))
    loaded = scenario.parse(json.dumps(document).encode(), "scenario.yaml", Path("/nonexistent"))
    if folder is None:
        return played_scenario(loaded, content)
    with SimulatedRepository(folder, read.dry_branch) as writer:
        return Played(play(loaded, read, SimulatedStage(read, content, writer, loaded.start)), read, writer)


def played_scenario(loaded: Scenario, content: bytes) -> Played:
    """Plays a scenario that was read, on the environments of a declaration's text."""
    read = environments.parse(content, "environments.json", Path("/nonexistent"))
    counting = CountingWriter()
    return Played(play(loaded, read, SimulatedStage(read, content, counting, loaded.start)), read, counting)


def git(folder: Path, *arguments: str) -> str:
    """Runs git in a repository; returns what it says."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()
