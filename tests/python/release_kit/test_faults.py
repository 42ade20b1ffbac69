"""Pushes to a registry that misbehaves: survived where that is possible, and one clear error where it is not.

In every case: no tag is written before its image is whole, no moving tag and no chart's version before the set is, and
no secret is told.
"""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from release_kit.adapters import layout
from release_kit.adapters.registry.credentials import Credentials
from release_kit.engines.push.release import Release
from release_kit.errors import ReleaseError
from tests.support import layouts, pushing
from tests.support.fault_registry import (
    BasicAuth,
    BearerAuth,
    Dialect,
    FaultRegistry,
    Lag,
    Options,
    actions,
    elsewhere,
    hostile,
)
from tests.support.fault_registry.tokens import TokenGuard
from tests.support.narrators import Kept
from tests.support.secret_search import secret

USER, PASSWORD, IDENTITY = "me", secret("password"), secret("identity")
USERS = {USER: PASSWORD}
ME = Credentials(USER, PASSWORD)
Prepare = Callable[[FaultRegistry], object]
Case = tuple[Options | None, BasicAuth | BearerAuth | None, Prepare | None]
CONTENT = "/(blobs|manifests)/"


def push(wanted: Release, registry: FaultRegistry, known: Credentials = ME) -> Kept:
    narrator = Kept()
    pushing.push(wanted, registry, known, narrator)
    return narrator


def release(folder: Path) -> Release:
    """Makes the release of three images and a chart."""
    return pushing.with_chart(pushing.release(folder), pushing.chart(folder / "chart", content=b"chart" * 9_000))


def expect(registry: FaultRegistry, wanted: Release) -> None:
    registry.state.expect(images=[(item.repository, item.digest) for item in wanted.items])


def is_complete(registry: FaultRegistry, wanted: Release) -> bool:
    return all(
        registry.state.tags(item.repository).get(tag) == item.digest
        and not registry.state.missing(item.repository, item.digest)
        for item in wanted.items
        for tag in (*item.immutable_tags, *item.moving_tags)
    )


def check_promises(registry: FaultRegistry, told: str) -> None:
    visible = (*registry.state.changes("latest"), *registry.state.changes("1.2.3", "charts/shop"))
    assert all(change.complete for change in visible if change.by_client)
    assert not registry.journal.with_header("Authorization", "other")
    encoded = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert not [secret for secret in {PASSWORD, IDENTITY, encoded, *registry.secrets()} if secret in told]
    assert told.replace("\n", "").isprintable()


def on(action: Any, *where: str, **when: Any) -> Prepare:
    return lambda registry: registry.on(action, *where, **when)


def bearer(**dialect: Any) -> BearerAuth:
    return BearerAuth(USERS, dialect=Dialect(mount_unseen="session", **dialect))


def move(repository: str, tag: str, *where: str, **when: Any) -> Prepare:
    """Somebody else moves a tag, at a moment that `where` and `when` describe."""

    def prepare(registry: FaultRegistry) -> None:
        registry.on(actions.move_tag(repository, tag, registry.state.put_image(repository)), *where, **when)

    return prepare


def _revoke(registry: FaultRegistry) -> None:
    assert isinstance(registry.guard, TokenGuard)
    registry.guard.revoke()


SURVIVED: dict[str, Case] = {
    "no fault": (None, None, None),
    **{
        f"{status} to the first of each request": (None, None, on(actions.status(status), nth=1, per_path=True))
        for status in (408, 429, 500, 502, 503, 504)
    },
    "a burst of 503": (None, None, on(actions.status(503), nth=range(5, 10))),
    "a tenth of all requests answered 500": (None, None, on(actions.status(500), probability=0.1, seed=1)),
    "Retry-After as a date in the past": (
        None,
        None,
        on(actions.status(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"), nth=range(2, 5)),
    ),
    "Retry-After that says nothing": (None, None, on(actions.status(429, retry_after="soon"), nth=range(2, 5))),
    "Retry-After of one second": (None, None, on(actions.status(503, retry_after=1), nth=range(2, 5))),
    "the first of each closed": (None, None, on(actions.hang_up(), nth=1, per_path=True)),
    "the first of each reset": (None, None, on(actions.reset(), nth=1, per_path=True)),
    "a blob reset in mid-body": (
        None,
        None,
        on(actions.reset(), "PUT|PATCH", endpoint="session", after_bytes=50_000, nth=1),
    ),
    "a blob reset in mid-body, what came discarded": (
        Options(partial="discard"),
        None,
        on(actions.reset(), "PUT|PATCH", endpoint="session", after_bytes=50_000, nth=1),
    ),
    "a blob reset in mid-body, the session lost": (
        Options(partial="lose"),
        None,
        on(actions.reset(), "PUT|PATCH", endpoint="session", after_bytes=50_000, nth=1),
    ),
    "a session lost in mid-body": (
        None,
        None,
        on(actions.lose_session(), "PUT|PATCH", endpoint="session", after_bytes=1000, nth=1),
    ),
    "500 in mid-body": (
        None,
        None,
        on(actions.status(500), "PUT|PATCH", endpoint="session", after_bytes=50_000, nth=1),
    ),
    **{
        f"the answer to a {method} of a {endpoint} lost": (
            None,
            None,
            on(actions.lose_answer(), method, endpoint=endpoint, nth=1),
        )
        for method, endpoint in (("POST", "uploads"), ("PUT", "session"), ("PUT", "manifest"), ("HEAD", "manifest"))
    },
    "the answer to each manifest lost once": (
        None,
        None,
        on(actions.lose_answer(), "PUT", endpoint="manifest", nth=1, per_path=True),
    ),
    "the answer to a tag lost where tags are immutable": (
        Options(immutable="any", immutable_tags="(?!latest).*"),
        None,
        on(actions.lose_answer(), "PUT", "/manifests/v1.2.3$", nth=1),
    ),
    **{
        f"a chart's {what}": (None, None, on(action, method, f"/charts/shop/{where}", nth=1))
        for what, action, method, where in (
            ("version unseen at first", actions.status(503), "HEAD", "manifests/1.2.3$"),
            ("manifest lost on its way", actions.lose_answer(), "PUT", "manifests/sha256:"),
            ("version written, the answer lost", actions.lose_answer(), "PUT", "manifests/1.2.3$"),
            ("version cut off", actions.cut_answer(), "PUT", "manifests/1.2.3$"),
            ("version answered late", actions.stall(), "PUT", "manifests/1.2.3$"),
            ("upload refused at first", actions.status(500), "POST", "blobs/uploads/"),
            ("upload reset", actions.reset(), "PUT|PATCH", "blobs/uploads/"),
        )
    },
    "the ping closed": (None, None, on(actions.hang_up(), endpoint="ping", nth=1)),
    "the ping stalled": (None, None, on(actions.stall(), endpoint="ping", nth=1)),
    "a blob stalled": (None, None, on(actions.stall(), "PUT", endpoint="session", nth=1)),
    "a blob stalled in mid-body": (
        None,
        None,
        on(actions.stall(), "PUT|PATCH", endpoint="session", after_bytes=50_000, nth=1),
    ),
    "an answer cut off": (None, None, on(actions.cut_answer(), "PUT", nth=2)),
    "an answer cut off by a reset": (None, None, on(actions.cut_answer(how="reset"), "PUT", nth=2)),
    "no Docker-Content-Digest": (None, None, on(actions.digest_header(None))),
    "HTTP/1.0": (None, None, on(actions.http_1_0())),
    "HTTP/1.0 without lengths": (None, None, on(actions.http_1_0(False))),
    "each connection closed in silence": (None, None, on(actions.close_after())),
    "each connection closed as announced": (None, None, on(actions.close_after(True))),
    "redirects to the same host": (None, None, on(elsewhere.redirect("self"))),
    "absolute Locations": (Options(absolute_locations=True), None, None),
    "uploads on another host": (None, BasicAuth(USERS), on(elsewhere.upload_elsewhere(), "POST", endpoint="uploads")),
    "reads on another host": (None, BasicAuth(USERS), on(elsewhere.redirect("other"), "HEAD|GET", CONTENT)),
    "a huge body of an error": (None, None, on(hostile.huge_body(32, 503), "PUT", nth=1)),
    "mounts refused with a session": (Options(mounts="session"), None, None),
    "mounts refused with a session that must be used": (
        Options(mounts="session", mount_session_binds=True),
        None,
        None,
    ),
    "mounts refused with 404": (Options(mounts="404"), None, None),
    "mounts refused with 405": (Options(mounts="405"), None, None),
    "blobs shared by all repositories": (Options(shared_blobs=True), None, None),
    "a registry with all that is optional": (
        Options(single_post=True, anonymous_mount=True, tags_per_put=10, referrers=True),
        None,
        None,
    ),
    "manifests seen late": (Options(lag=Lag(manifests=2)), None, None),
    "blobs seen late": (Options(lag=Lag(blobs=2)), None, None),
    "tags seen late": (Options(lag=Lag(tags=2)), None, None),
    "MANIFEST_BLOB_UNKNOWN once": (None, None, on(actions.manifest_blob_unknown(), "PUT", endpoint="manifest", nth=1)),
    "MANIFEST_BLOB_UNKNOWN as 400": (
        None,
        None,
        on(actions.manifest_blob_unknown(400), "PUT", endpoint="manifest", nth=1),
    ),
    "blobs too large for one request": (Options(chunk_max=70_000), None, None),
    "chunks of a least size": (Options(chunk_min=65_536, chunk_max=100_000), None, None),
    "no HEAD": (Options(head=False), None, None),
    "warnings": (Options(warning="this \x1b[31mis old"), None, None),
    "two requests at once and no more": (Options(max_under_way=2), None, None),
    "immutable tags of every kind": (Options(immutable="any"), None, None),
    "basic": (None, BasicAuth(USERS), None),
    "bearer": (None, bearer(), None),
    "bearer, mounts challenged": (None, BearerAuth(USERS), None),
    "bearer, access_token and no lifetime": (None, bearer(fields=("access_token",), expires_in=None), None),
    "bearer, realm on another port": (None, bearer(realm="token"), None),
    "bearer, tokens good for 5 requests": (
        None,
        BearerAuth(USERS, uses=5, dialect=Dialect(mount_unseen="session")),
        None,
    ),
    "bearer, tokens good for 2 requests": (
        None,
        BearerAuth(USERS, uses=2, dialect=Dialect(mount_unseen="session")),
        None,
    ),
    "bearer, one scope a token": (None, BearerAuth(USERS, dialect=Dialect(several_scopes=False)), None),
    "bearer, single quotes": (None, bearer(quote="'"), None),
    "bearer, no quotes": (None, bearer(quote=""), None),
    "basic and bearer in one header": (None, bearer(challenges=("basic", "bearer")), None),
    "negotiate and bearer in two headers": (None, bearer(challenges=("negotiate", "bearer"), one_header=False), None),
    "bearer, no scope in the challenge": (None, bearer(name_scope=False), None),
    "a token service that takes POST only": (None, bearer(get=False), None),
    "a token service that hangs up once": (None, bearer(), on(actions.hang_up(), endpoint="token", nth=1)),
    "a token service that is busy once": (None, bearer(), on(actions.status(503), endpoint="token", nth=1)),
    "all tokens revoked before the manifests": (
        None,
        bearer(),
        lambda registry: registry.on(actions.call(lambda _: _revoke(registry)), "PUT", endpoint="manifest", nth=1),
    ),
}


@pytest.mark.parametrize("name", SURVIVED)
def test_a_push_survives(name: str, tmp_path: Path) -> None:
    options, guard, prepare = SURVIVED[name]
    wanted = release(tmp_path)
    with FaultRegistry(options, guard) as registry:
        expect(registry, wanted)
        if prepare:
            prepare(registry)
        told = push(wanted, registry)
        assert is_complete(registry, wanted)
        check_promises(registry, "\n".join(told.said))


REFUSED: dict[str, tuple[Case, str]] = {
    "503 for ever": ((None, None, on(actions.status(503))), "was answered 503"),
    "a day of Retry-After": ((None, None, on(actions.status(429, retry_after=86400), nth=3)), "after 86400 s"),
    "every look stalled": ((None, None, on(actions.stall(), "HEAD")), "timed out"),
    "a captive portal": ((None, None, on(actions.captive_portal())), "no registry answers there"),
    "redirects in a circle": ((None, None, on(elsewhere.redirect("loop"))), "redirects more than 5 times"),
    "uploads to nowhere": ((None, None, on(elsewhere.location("//127.0.0.1:1{}"), "POST")), "Connection refused"),
    "another digest stored": (
        (None, None, on(actions.digest_header(), "PUT", endpoint="manifest")),
        "stored as sha256:",
    ),
    "answers longer than they are": ((None, None, on(actions.content_length(3), path=CONTENT)), "can't be reached"),
    "a password that is wrong": (
        (None, BasicAuth({USER: secret("the-right-one")}), None),
        "was answered 401|access denied for the user me",
    ),
    "a token that is denied": (
        (None, BearerAuth({USER: secret("the-right-one")}), None),
        "access denied for the user me",
    ),
    **{
        f"an error body of kind {kind}": (
            (None, BasicAuth(USERS), on(hostile.hostile_body(kind), "PUT", endpoint="session")),
            "was answered 400",
        )
        for kind in ("control", "ansi", "html", "invalid", "deep", "types", "long", "echo")
    },
    "an error that repeats a token": (
        (None, bearer(), on(hostile.hostile_body("echo", 403), "PUT", endpoint="manifest")),
        "was answered 403",
    ),
    "a tag that is taken": (
        (None, None, lambda registry: registry.state.put_image("shop/web", "v1.2.3")),
        "immutable tags are taken by another content, nothing was written",
    ),
    "a tag that is taken between check and write": (
        (None, None, move("shop/core", "v1.2.3", "PUT", "/shop/core/manifests/", nth=1)),
        "was free, and somebody else has written it",
    ),
    "a chart's version that is taken": (
        (None, None, lambda registry: registry.state.put_image("charts/shop", "1.2.3")),
        r"nothing was written:\n  charts/shop:1.2.3 is sha256:",
    ),
    "a chart's version that is taken between check and write": (
        (None, None, move("charts/shop", "1.2.3", "PUT", "/shop/core/manifests/", nth=1)),
        "charts/shop:1.2.3 was free, and somebody else has written it",
    ),
    "a chart that is denied": (
        (None, None, on(actions.status(403), "POST", "/charts/shop/")),
        "403",
    ),
    "a chart's version that is denied": (
        (None, None, on(actions.status(403), "PUT", "/charts/shop/manifests/1.2.3")),
        "403",
    ),
    "a tag that is taken after its write": (
        (None, None, move("shop/core", "v1.2.3", "PUT", "/shop/web/manifests/v1.2.3")),
        "was free, and somebody else has written it",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_push_is_refused_with_one_clear_error(name: str, tmp_path: Path) -> None:
    (options, guard, prepare), message = REFUSED[name]
    wanted = release(tmp_path)
    with FaultRegistry(options, guard) as registry:
        expect(registry, wanted)
        if prepare:
            prepare(registry)
        with pytest.raises(ReleaseError, match=message) as caught:
            push(wanted, registry)
        assert not registry.state.changes("latest")
        check_promises(registry, f"{caught.value.message} {caught.value.remedy}")
        assert len(caught.value.message) < 1000


def test_an_identity_token_is_exchanged(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    with FaultRegistry(None, BearerAuth({}, {IDENTITY: USER}, dialect=Dialect(mount_unseen="session"))) as registry:
        told = push(wanted, registry, Credentials(identity_token=IDENTITY))
        assert is_complete(registry, wanted)
        check_promises(registry, "\n".join(told.said))


def test_a_broken_upload_goes_on_where_it_was(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    with FaultRegistry() as registry:
        registry.on(actions.reset(), "PUT", endpoint="session", after_bytes=50_000)
        push(wanted, registry)
        (resumed,) = [record.path for record in registry.journal.records if record.method == "PATCH"]
        sent = [record.method for record in registry.journal.records if record.path == resumed]
    assert sent == ["PUT", "GET", "PATCH", "PUT"]


def test_a_conflict_makes_no_write_request(tmp_path: Path) -> None:
    with FaultRegistry() as registry:
        registry.state.put_image("shop/api", "v1.2.3")
        with pytest.raises(ReleaseError):
            push(release(tmp_path), registry)
        assert not registry.journal.writes()


def test_a_release_under_way_at_the_same_time_is_noticed(tmp_path: Path) -> None:
    """Two releases of one version meet at their first tags: one of them goes on, the other says so."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = release(tmp_path / "a"), release(tmp_path / "b")
    other = layouts.image(tmp_path / "other", b"other")
    changed = second.images[0]._replace(image=layout.load(other))
    second = second._replace(items=(changed, *second.items[1:]))
    with FaultRegistry() as registry:
        errors: list[ReleaseError] = []

        def meanwhile(_: object) -> None:
            try:
                push(second, registry)
            except ReleaseError as error:
                errors.append(error)

        registry.on(actions.call(meanwhile), "PUT", endpoint="session", nth=1)
        with pytest.raises(ReleaseError, match="somebody else has written it") as caught:
            push(first, registry)
        assert "run the same push again" not in caught.value.remedy
        assert not errors
        assert registry.state.tags("shop/core")["v1.2.3"] == layouts.root_digest(other)
