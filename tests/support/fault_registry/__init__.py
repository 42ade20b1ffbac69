"""A strict OCI registry (distribution-spec 1.1) in memory on loopback, whose faults are a script.

    from tests.support.fault_registry import FaultRegistry, Options, BearerAuth, actions, elsewhere, hostile

    with FaultRegistry(Options(mounts="session"), BearerAuth({"me": "secret"}, uses=3)) as registry:
        foreign = registry.state.put_image("shop/core", "v1")                  # somebody else's, before we come
        registry.on(actions.status(503, retry_after=1), "PUT", nth=range(1, 4))   # the first three PUTs
        registry.on(actions.reset(), "PUT|PATCH", "/uploads/", after_bytes=4096, nth=1)
        registry.on(actions.lose_answer(), "PUT", "/manifests/", nth=1, per_path=True)
        registry.on(actions.status(500), probability=0.1, seed=7)              # the same tenth in every run
        registry.on(elsewhere.upload_elsewhere(), "POST", endpoint="uploads")
        registry.on(actions.move_tag("shop/core", "latest", foreign, after=True), "PUT", "/manifests/latest")
        stalled = registry.on(actions.stall(), "GET", "/v2/$")
        registry.state.expect(images=[("shop/core", digest)])
        push(registry.host)                                                    # HOST:PORT, plain HTTP
        registry.script.remove(stalled)                                        # lets go what it holds
        assert not registry.journal.writes() and not registry.journal.repeated()
        assert not registry.journal.with_header("Authorization", host="other")
        assert all(change.complete for change in registry.state.changes("latest"))
        assert not any(secret in output for secret in registry.secrets())

Without rules and with default options it is correct and strict: digests are checked, manifests with missing references
are refused, blobs are seen in their own repository only, old upload Locations are refused, offsets must fit.
`Options` are habits of a registry, rules are faults that hit certain requests. Three ports listen: `registry`, `token`
(a token service on another port, `Dialect(realm="token")`) and `other`, which serves the same content without asking
for authorization and is where redirects and upload Locations may lead. All three are in one journal, in one order.

No test needs to sleep: `journal.wait(lambda records: ...)` waits for requests, stalled ones wait for `script.remove`,
tokens expire by `uses`, by `ManualClock.advance` or by `registry.guard.revoke()`. Leaving the `with` block lets go
whatever is held, closes every connection and joins every thread.

For a test in another process: `python3 -m tests.support.fault_registry --help`.
"""

from tests.support.fault_registry import actions, elsewhere, hostile
from tests.support.fault_registry.auth import BasicAuth, BearerAuth, Dialect, ManualClock, NoAuth
from tests.support.fault_registry.faults import Action, Match, Rule
from tests.support.fault_registry.journal import Journal, Record
from tests.support.fault_registry.options import Lag, Options
from tests.support.fault_registry.routes import Endpoint
from tests.support.fault_registry.server import FaultRegistry
from tests.support.fault_registry.state import State
from tests.support.fault_registry.store import TagChange

__all__ = [
    "Action",
    "BasicAuth",
    "BearerAuth",
    "Dialect",
    "Endpoint",
    "FaultRegistry",
    "Journal",
    "Lag",
    "ManualClock",
    "Match",
    "NoAuth",
    "Options",
    "Record",
    "Rule",
    "State",
    "TagChange",
    "actions",
    "elsewhere",
    "hostile",
]
