"""The fault registry lets in whom it should, in the dialects of many registries."""

import base64
import json
import re
from urllib.parse import urlencode

import pytest

from tests.support.fault_registry import BasicAuth, BearerAuth, Dialect, FaultRegistry, ManualClock
from tests.support.fault_registry.content import digest_of
from tests.support.fault_registry.probe import Probe, Reply
from tests.support.fault_registry.tokens import TokenGuard

ME = {"me": "secret"}
MANIFEST = "/v2/a/manifests/v1"


def _basic(password: str = "secret") -> str:
    return "Basic " + base64.b64encode(f"me:{password}".encode()).decode()


def _token(probe: Probe, scope: str, password: str = "secret") -> Reply:
    return probe.ask("GET", f"/token?{urlencode({'service': 'x', 'scope': scope})}", Authorization=_basic(password))


def _bearer(probe: Probe, scope: str) -> str:
    return f"Bearer {json.loads(_token(probe, scope).body)['token']}"


def test_basic_wants_user_and_password() -> None:
    with FaultRegistry(auth=BasicAuth(ME)) as registry, Probe(registry.host) as probe:
        refused = probe.ask("GET", "/v2/")
        assert (refused.status, refused.codes) == (401, ["UNAUTHORIZED"])
        assert refused.header("WWW-Authenticate") == 'Basic realm="registry"'
        assert probe.ask("GET", "/v2/", Authorization=_basic()).status == 200
        assert probe.ask("GET", "/v2/", Authorization=_basic("wrong")).status == 401
        assert probe.ask("GET", "/v2/", Authorization="Basic %%%").status == 401
        assert registry.secrets() == {"secret"}


def test_a_challenge_names_where_and_for_what_to_ask_for_a_token() -> None:
    with FaultRegistry(auth=BearerAuth(ME)) as registry, Probe(registry.host) as probe:
        challenge = probe.ask("PUT", MANIFEST, b"").header("WWW-Authenticate")
        realm = f'realm="http://{registry.host}/token"'
        assert challenge == f'Bearer {realm},service="fault-registry",scope="repository:a:pull,push"'
        assert "scope" not in probe.ask("GET", "/v2/").header("WWW-Authenticate")
        mount = probe.ask("POST", f"/v2/b/blobs/uploads/?mount={digest_of(b'')}&from=a").header("WWW-Authenticate")
        assert 'scope="repository:b:pull,push repository:a:pull"' in mount


def test_a_token_is_good_for_its_repository_and_actions_only() -> None:
    with FaultRegistry(auth=BearerAuth(ME)) as registry, Probe(registry.host) as probe:
        pull, push = _bearer(probe, "repository:a:pull"), _bearer(probe, "repository:a:pull,push")
        assert probe.ask("GET", MANIFEST, Authorization=pull).status == 404
        assert probe.ask("GET", "/v2/", Authorization=pull).status == 200
        assert probe.ask("GET", "/v2/b/manifests/v1", Authorization=pull).status == 401
        refused = probe.ask("POST", "/v2/a/blobs/uploads/", Authorization=pull)
        assert 'error="insufficient_scope"' in refused.header("WWW-Authenticate")
        assert probe.ask("POST", "/v2/a/blobs/uploads/", Authorization=push).status == 202
        assert probe.ask("GET", "/v2/", Authorization="Bearer forged").status == 401
        assert {each.partition(" ")[2] for each in (pull, push)} < registry.secrets()


@pytest.mark.parametrize(("several", "status"), [(True, 404), (False, 401)])
def test_a_token_may_have_several_scopes_or_only_the_first(several: bool, status: int) -> None:
    dialect = Dialect(several_scopes=several)
    with FaultRegistry(auth=BearerAuth(ME, dialect=dialect)) as registry, Probe(registry.host) as probe:
        header = _bearer(probe, "repository:a:pull repository:b:pull")
        assert probe.ask("GET", MANIFEST, Authorization=header).status == 404
        assert probe.ask("GET", "/v2/b/manifests/v1", Authorization=header).status == status


@pytest.mark.parametrize(("habit", "status"), [("challenge", 401), ("session", 202)])
def test_a_mount_from_where_the_token_cannot_read_is_refused(habit: str, status: int) -> None:
    dialect = Dialect()
    dialect.mount_unseen = habit  # type: ignore[assignment]
    with FaultRegistry(auth=BearerAuth(ME, dialect=dialect)) as registry, Probe(registry.host) as probe:
        digest = registry.state.put_blob("a", b"hello")
        target = f"/v2/b/blobs/uploads/?mount={digest}&from=a"
        one, both = "repository:b:pull,push", "repository:b:pull,push repository:a:pull"
        assert probe.ask("POST", target, Authorization=_bearer(probe, one)).status == status
        assert probe.ask("POST", target, Authorization=_bearer(probe, both)).status == 201


def test_a_token_expires_after_so_many_uses() -> None:
    with FaultRegistry(auth=BearerAuth(ME, uses=2)) as registry, Probe(registry.host) as probe:
        header = _bearer(probe, "repository:a:pull")
        assert [probe.ask("GET", MANIFEST, Authorization=header).status for _ in range(3)] == [404, 404, 401]


def test_a_token_expires_when_the_clock_moves_or_it_is_revoked() -> None:
    clock = ManualClock()
    with FaultRegistry(auth=BearerAuth(ME, lifetime=60, clock=clock)) as registry, Probe(registry.host) as probe:
        old = _bearer(probe, "repository:a:pull")
        clock.advance(59)
        assert probe.ask("GET", MANIFEST, Authorization=old).status == 404
        clock.advance(1)
        refused = probe.ask("GET", MANIFEST, Authorization=old)
        assert 'error="invalid_token"' in refused.header("WWW-Authenticate")
        new = _bearer(probe, "repository:a:pull")
        assert isinstance(registry.guard, TokenGuard)
        registry.guard.revoke()
        assert probe.ask("GET", MANIFEST, Authorization=new).status == 401


def test_wrong_passwords_get_no_token() -> None:
    with FaultRegistry(auth=BearerAuth(ME)) as registry, Probe(registry.host) as probe:
        assert _token(probe, "repository:a:pull", "wrong").status == 401
        assert probe.ask("GET", "/token?scope=repository:a:pull").status == 401


def test_nobody_gets_what_is_for_everybody() -> None:
    with FaultRegistry(auth=BearerAuth(ME, anonymous=frozenset({"pull"}))) as registry, Probe(registry.host) as probe:
        token = json.loads(probe.ask("GET", "/token?scope=repository:a:pull,push").body)["token"]
        assert probe.ask("GET", MANIFEST, Authorization=f"Bearer {token}").status == 404
        assert probe.ask("PUT", MANIFEST, b"", Authorization=f"Bearer {token}").status == 401


def test_a_user_gets_only_what_he_may() -> None:
    auth = BearerAuth(ME, may=lambda user, where, action: (user, action) == ("me", "pull") or where == "b")
    with FaultRegistry(auth=auth) as registry, Probe(registry.host) as probe:
        header = _bearer(probe, "repository:a:pull,push repository:b:pull,push")
        assert probe.ask("POST", "/v2/a/blobs/uploads/", Authorization=header).status == 401
        assert probe.ask("POST", "/v2/b/blobs/uploads/", Authorization=header).status == 202


def test_identity_tokens_and_passwords_are_taken_by_post() -> None:
    with FaultRegistry(auth=BearerAuth(ME, {"identity": "me"})) as registry, Probe(registry.host) as probe:
        common = {"service": "x", "client_id": "y", "scope": "repository:a:pull", "access_type": "offline"}
        first = probe.ask(
            "POST", "/token", urlencode(common | {"grant_type": "refresh_token", "refresh_token": "identity"})
        )
        answer = json.loads(first.body)
        assert probe.ask("GET", MANIFEST, Authorization=f"Bearer {answer['access_token']}").status == 404
        again = common | {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
        assert probe.ask("POST", "/token", urlencode(again)).status == 200
        password = common | {"grant_type": "password", "username": "me", "password": "secret"}
        assert probe.ask("POST", "/token", urlencode(password)).status == 200
        assert probe.ask("POST", "/token", urlencode(password | {"password": "x"})).status == 401
        assert registry.journal.writes() == []


@pytest.mark.parametrize(
    ("dialect", "keys"),
    [
        (Dialect(), {"token", "expires_in"}),
        (Dialect(fields=("access_token",)), {"access_token", "expires_in"}),
        (Dialect(fields=("token", "access_token"), expires_in=None), {"token", "access_token"}),
    ],
)
def test_the_answer_of_the_token_service_differs(dialect: Dialect, keys: set[str]) -> None:
    with FaultRegistry(auth=BearerAuth(ME, dialect=dialect)) as registry, Probe(registry.host) as probe:
        assert set(json.loads(_token(probe, "repository:a:pull").body)) == keys


def test_a_token_service_may_lack_a_method() -> None:
    dialect = Dialect(get=False, post=False)
    with FaultRegistry(auth=BearerAuth(ME, dialect=dialect)) as registry, Probe(registry.host) as probe:
        assert [probe.ask(method, "/token").status for method in ("GET", "POST")] == [405, 405]


@pytest.mark.parametrize("realm", ["token", "other"])
def test_the_realm_may_be_on_another_port(realm: str) -> None:
    dialect = Dialect()
    dialect.realm = realm  # type: ignore[assignment]
    with FaultRegistry(auth=BearerAuth(ME, dialect=dialect)) as registry, Probe(registry.host) as probe:
        challenge = probe.ask("GET", MANIFEST).header("WWW-Authenticate")
        assert f'realm="http://{registry.addresses[realm]}/token"' in challenge
        with Probe(registry.addresses[realm]) as service:
            header = _bearer(service, "repository:a:pull")
        assert probe.ask("GET", MANIFEST, Authorization=header).status == 404
        assert [record.host for record in registry.journal.with_header("Authorization")] == [realm, "registry"]


def test_another_host_has_another_name_too() -> None:
    dialect = Dialect(realm="token")
    with FaultRegistry(auth=BearerAuth(ME, dialect=dialect), machines={"token": "localhost"}) as registry:
        assert registry.addresses["token"].startswith("localhost:")
        with Probe(registry.addresses["token"]) as service:
            assert _token(service, "repository:a:pull").status == 200


@pytest.mark.parametrize(("quote", "pattern"), [("'", r"service='fault-registry'"), ("", r"service=fault-registry,")])
def test_parameters_may_be_quoted_otherwise(quote: str, pattern: str) -> None:
    dialect = Dialect()
    dialect.quote = quote  # type: ignore[assignment]
    with FaultRegistry(auth=BearerAuth(ME, dialect=dialect)) as registry, Probe(registry.host) as probe:
        assert re.search(pattern, probe.ask("GET", MANIFEST).header("WWW-Authenticate"))


def test_there_may_be_several_challenges_in_one_header_or_in_several() -> None:
    dialect = Dialect(challenges=("negotiate", "basic", "bearer"), name_scope=False)
    with FaultRegistry(auth=BearerAuth(ME, dialect=dialect)) as registry, Probe(registry.host) as probe:
        joined = probe.ask("GET", MANIFEST).headers.get_all("WWW-Authenticate") or []
        assert (len(joined), joined[0].startswith('Negotiate, Basic realm="registry", Bearer realm=')) == (1, True)
        assert "scope" not in joined[0]
        dialect.one_header = False
        assert len(probe.ask("GET", MANIFEST).headers.get_all("WWW-Authenticate") or []) == 3
        assert probe.ask("GET", MANIFEST, Authorization=_basic()).status == 404


def test_the_other_host_asks_for_no_authorization() -> None:
    with FaultRegistry(auth=BasicAuth(ME)) as registry, Probe(registry.addresses["other"]) as probe:
        assert probe.ask("GET", MANIFEST).status == 404
