"""Pushes a small release with the real engine and the real client, without ever waiting."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from release_kit.adapters import layout
from release_kit.adapters.registry.client import HttpRegistry
from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.registry.messages import Times
from release_kit.adapters.registry.patience import Patience
from release_kit.documents import release_set
from release_kit.engines.parallel import Workers
from release_kit.engines.push.plan import Plan
from release_kit.engines.push.release import Item, Kind, Release, assemble
from release_kit.engines.push.run import push_release
from release_kit.values.reference import Registry
from release_kit.values.stamp import Stamp
from tests.support import artifacts, layouts, releases
from tests.support.fault_registry import FaultRegistry
from tests.support.narrators import Kept

JOBS = 4
NOBODY = Credentials()
SHARED = b"shared" * 20_000
NAMES = ("core", "web", "api")


def release(
    folder: Path,
    names: Iterable[str] = NAMES,
    version: str = "1.2.3",
    commit: str = releases.COMMIT,
    shared: bytes = SHARED,
) -> Release:
    """Makes the release of images that share a layer and have one each."""
    made = {f"shop/{name}": layouts.image(folder / name, shared, name.encode() * 9) for name in names}
    stamp = Stamp({"STABLE_VERSION": version, "STABLE_COMMIT_SHA": commit, "STABLE_DIRTY": "false"})
    chosen = release_set.load(releases.write_set(folder, made))
    return assemble(chosen, Registry("unused", ""), stamp, layout.load)


def push(wanted: Release, registry: FaultRegistry, known: Credentials, narrator: Kept, jobs: int = JOBS) -> Plan:
    """Pushes; never sleeps between attempts, and takes a silence of 0.3 s for a stall."""
    with client(registry, known) as connected:
        return push_release(wanted, connected, Workers(jobs), layout.verify_blob, narrator)


def client(registry: FaultRegistry, known: Credentials = NOBODY) -> "closing[HttpRegistry]":
    """Makes the real client, as impatient as `push` says."""
    patience = Patience(times=Times(connect=2.0, idle=0.3, total=5.0), sleep=lambda _: None)
    return closing(HttpRegistry(registry.host, known, plain_http=True, patience=patience, concurrency=JOBS))


def chart(folder: Path, version: str = "1.2.3", content: bytes = b"chart", **annotations: str) -> Item:
    """Makes a chart as an item of a release, without packing one: an artifact of Helm's types."""
    made = layouts.Layout(folder)
    config = made.blob(b'{"name": "shop"}', artifacts.HELM_CONFIG)
    layers = [made.blob(content, artifacts.HELM_LAYER)]
    root = artifacts.document(made, layouts.MANIFEST, config=config, layers=layers, annotations=annotations)
    return Item(Kind.CHART, "shop", "charts/shop", layout.load(made.finish(root)), (version,), ())


def with_chart(wanted: Release, item: Item) -> Release:
    """Adds a chart to a release."""
    return wanted._replace(items=(*wanted.items, item))
