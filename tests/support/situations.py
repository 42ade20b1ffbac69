"""Environments in all sorts of situations, for the status to tell of."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from release_kit.documents import environments
from release_kit.documents.environments import Environment, Environments
from release_kit.documents.release_record import ReleaseRecord, identity
from release_kit.engines.promotion.model import EnvironmentState, GateState, Hydrated
from release_kit.engines.promotion.state import ROLLED_BACK, Release, Snapshot
from release_kit.engines.promotion.status.history import Event, EventKind
from release_kit.engines.promotion.status.overview import Overview, overview
from release_kit.values.promotion_gate import Phase, Target

NOW = 1795444920
"""2026-11-23 14:42 UTC."""
HOUR = 3600
PASSED, PENDING, FAILED = Phase.SUCCESS, Phase.PENDING, Phase.FAILURE
RUN = "https://ci.acme.example/runs/8123"


def declare(*flow: dict[str, Any]) -> Environments:
    """Returns a declaration of these environments, each of which has the gate argocd-health besides its own."""
    document = {
        "schema": environments.SCHEMA,
        "name": "shop",
        "repository": {"owner": "acme", "name": "shop-deploy", "app_id": 1},
        "chart": {"registry": "ghcr.io/acme", "name": "shop"},
        "gates": [{"kind": "argocd-health"}],
        "environments": list(flow),
    }
    return environments.parse(json.dumps(document).encode(), "environments.json", Path())


def record(version: str) -> ReleaseRecord:
    """Returns the record of a release without images."""
    return ReleaseRecord("shop", version, _sha(f"source {version}"), False, "", ())


def content(version: str, place: str, since: int) -> Hydrated:
    """Returns what a branch holds of a release; nothing for an empty version."""
    if not version:
        return Hydrated()
    dry = _sha(f"dry {version}")
    return Hydrated(_sha(place + version), dry, "", identity(record(version)), version, since - 600, since)


def state(
    declared: Environments,
    name: str,
    versions: tuple[str, str],
    phases: tuple[Sequence[Phase], Sequence[Phase]] = ((), ()),
    age: int = HOUR,
) -> EnvironmentState:
    """Returns an environment that runs one version, with another proposed; the phases are of its gates, in order."""
    environment = declared.environment(name, "a test")
    active_gates, proposed_gates = (
        tuple(_gate(gate, phase, age) for gate, phase in zip(declared.gates_of(environment, kind), some, strict=False))
        for kind, some in zip(Target, phases, strict=True)
    )
    active, proposed = versions
    held = content(active, name, NOW - age), content(proposed, f"{name}-next", NOW - age // 2)
    return EnvironmentState(environment, *held, active_gates, proposed_gates)


def event(environment: Environment, version: str, before: str, age: int, author: str = "release-kit") -> Event:
    """Returns a promotion."""
    held = content(version, environment.name, NOW - age)
    source, name = record(version).commit, environment.name
    return Event(name, EventKind.PROMOTED, held.commit, version, source, held.record, NOW - age, author, before)


def seen(declared: Environments, states: Sequence[EnvironmentState], *events: Event, newest: str = "1.4.1") -> Overview:
    """Returns what the status tells of states."""
    release = Release(_sha(f"dry {newest}"), record(newest), identity(record(newest)), NOW - 8000)
    happened = {each.name: [event for event in events if event.environment == each.name] for each in declared.pinned}
    return overview(declared, Snapshot(release, tuple(states)), happened, NOW)


def failing() -> Overview:
    """Returns three environments: e2e has failed in the first one, the last one waits."""
    declared = _three()
    states = (
        state(declared, "demo-staging", ("1.4.1", "1.4.1"), ((PASSED, FAILED), ()), 2 * HOUR),
        state(declared, "demo", ("1.4.0", "1.4.1"), ((PASSED, PENDING), ()), 30 * HOUR),
        state(declared, "release", ("1.3.9", "1.4.1"), ((PASSED,), (PENDING,)), 200 * HOUR),
    )
    first, second, third = declared.environments
    return seen(
        declared,
        states,
        event(first, "1.4.1", "1.4.0", 2 * HOUR),
        event(second, "1.4.0", "1.3.9", 30 * HOUR),
        event(third, "1.3.9", "", 200 * HOUR, "Ada Lovelace"),
    )


def rolled_back() -> Overview:
    """Returns three environments of which the second one was rolled back."""
    declared = _three()
    states = [
        state(declared, name, ("1.4.1", "1.4.1"), ((PASSED, PASSED), (PASSED,))) for name in ("demo-staging", "demo")
    ]
    back = state(declared, "demo", ("1.4.0", "1.4.1"), ((PASSED, PASSED), ()))
    kept_out = GateState(ROLLED_BACK, FAILED, NOW - HOUR, "the checkout answers with 500")
    states[1] = back._replace(proposed_gates=(kept_out,))
    states.append(state(declared, "release", ("1.4.0", "1.4.0"), ((PASSED,), (PASSED,)), 50 * HOUR))
    demo = declared.environments[1]
    rollback = event(demo, "1.4.0", "1.4.1", HOUR, "Grace Hopper")._replace(kind=EventKind.ROLLED_BACK)
    return seen(declared, states, rollback, event(demo, "1.4.1", "1.4.0", 2 * HOUR))


def hotfix() -> Overview:
    """Returns three environments of which the second one has a hotfix that the first one has failed since."""
    declared = _three()
    declared = declared._replace(
        environments=(declared.environments[0]._replace(staging=True), *declared.environments[1:])
    )
    states = [
        state(declared, "demo-staging", ("1.4.1", "1.4.1"), ((PASSED, FAILED), ())),
        state(declared, "demo", ("1.4.1", "1.4.1"), ((PASSED, PENDING), ())),
        state(declared, "release", ("1.4.0", "1.4.1"), ((PASSED,), (PENDING,)), 50 * HOUR),
    ]
    states = [each._replace(proposed=each.proposed._replace(skip_staging=True)) for each in states]
    states[:2] = [each._replace(active=each.active._replace(skip_staging=True)) for each in states[:2]]
    failed = (states[0].active.record, states[0].active_gates[1])
    states[0] = states[0]._replace(failed=(failed,))
    arrivals = [event(each, "1.4.1", "1.4.0", HOUR)._replace(skip_staging=True) for each in declared.environments[:2]]
    return seen(declared, states, *arrivals)


def ten() -> Overview:
    """Returns ten environments; the first one follows the newest version, the last one is empty."""
    names = ["nightly", *(f"stage-{number}-of-a-long-way" for number in range(1, 9)), "production"]
    approval = {"gates": [{"kind": "manual", "key": "approval"}], "automatic": False}
    flow = [{"name": name, **({"gates": [{"kind": "e2e"}]} if i < 5 else approval)} for i, name in enumerate(names)]
    declared = declare({**flow[0], "tracks": "*-0"}, *flow[1:])
    versions = ["1.5.0-rc.2", "1.4.1", "1.4.1", "1.4.1", *["1.4.0"] * 5, ""]
    states = [
        state(declared, name, (version, version if not i else "1.4.1"), ((PASSED, PASSED), (PENDING,)), HOUR * (i + 1))
        for i, (name, version) in enumerate(zip(names, versions, strict=True))
    ]
    pairs = zip(declared.environments[1:9], versions[1:9], strict=True)
    return seen(declared, states, *(event(each, version, "1.3.9", HOUR * 9) for each, version in pairs))


def hostile() -> Overview:
    """Returns environments with everything in it that others can write."""
    script = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
    declared = _three()
    version = f"1.0.0-{script}{'9' * 200}"
    spoilt = state(declared, "demo-staging", (version, version), ((FAILED, FAILED), ()))
    urls = ("javascript:document.title='taken'", 'https://x.example/"onmouseover="alert(1)')
    gates = [
        each._replace(description=f"\u202egnp.exe {script} {'w' * 400}", url=url)
        for each, url in zip(spoilt.active_gates, urls, strict=True)
    ]
    other = state(declared, "demo", ("1.0", version), ((FAILED, FAILED), ()))
    other = other._replace(active_gates=tuple(each._replace(url="data:text/html,x") for each in other.active_gates))
    last = state(declared, "release", ("\x1b[31m\u05d0\u05d1 --> ]]>", version), ((PASSED,), (PENDING,)), -(10**12))
    happened = event(declared.environments[0], version, f"</td>{script}", HOUR, f"Eve {script}\n\u202e")
    return seen(declared, (spoilt._replace(active_gates=tuple(gates)), other, last), happened, newest=version)


def _three() -> Environments:
    return declare(
        {"name": "demo-staging", "gates": [{"kind": "e2e"}]},
        {"name": "demo", "gates": [{"kind": "timer", "duration": "48h"}]},
        {"name": "release", "automatic": False, "gates": [{"kind": "manual", "key": "approval"}]},
    )


def _gate(gate: Any, phase: Phase, age: int) -> GateState:
    if phase is PENDING:
        return GateState(gate)
    description = "3 of 41 tests failed" if phase is FAILED else ""
    return GateState(gate, phase, NOW - age // 2, description, RUN if gate.key == "e2e" else "")


def _sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
