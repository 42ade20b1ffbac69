"""Argo CD's API: what is asked, who gets the token, and what becomes of answers that are none."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from rehearsal.argocd_server import Answer, ArgoCDServer, Document, application, observed, synced
from release_kit.adapters.argocd import MAX_BYTES, HttpApplications, address, checked_token
from release_kit.cli import definitions
from release_kit.documents.places import ArgoCD
from release_kit.errors import InputError, ReleaseError
from release_kit.values.application import ApplicationState, Operation, UnavailableError
from tests.support.secret_search import found as told_secret
from tests.support.secret_search import secret
from tests.support.tls import over_tls
from tests.support.validation import PUBLISHED, published

TOKEN = secret("argocd")
COMMIT, OLDER = "1" * 40, "0" * 40
SOURCE = {"repoURL": "https://github.com/acme/deploy.git", "targetRevision": "environment/demo", "path": "manifests"}
FRESH = application("shop-demo", SOURCE)
DOCUMENTS: dict[str, Document] = {
    "new": FRESH,
    "progressing": observed(FRESH, COMMIT, "OutOfSync", "Progressing", "waiting for a rollout"),
    "syncing": synced(observed(FRESH, COMMIT, "OutOfSync"), COMMIT, "Running", "one task left"),
    "failed": synced(observed(FRESH, COMMIT, "OutOfSync", "Degraded"), COMMIT, "Failed", "a hook failed"),
    "done": synced(observed(FRESH, COMMIT), COMMIT),
}


@pytest.fixture(name="server")
def server_fixture() -> Iterator[ArgoCDServer]:
    with ArgoCDServer(TOKEN) as server:
        yield server


@pytest.fixture(name="argocd")
def argocd_fixture(server: ArgoCDServer) -> Iterator[HttpApplications]:
    server.put(DOCUMENTS["done"])
    with closing(HttpApplications(f"http://{server.host}", ArgoCD(), TOKEN, 2.0)) as argocd:
        yield argocd


def state_of(document: Any, server: ArgoCDServer, argocd: HttpApplications) -> ApplicationState:
    server.instead = lambda _: Answer(200, document)
    return argocd.look("shop-demo", refresh=False)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_server_of_the_tests_answers_with_what_argo_cd_publishes(name: str) -> None:
    folder = published("argocd-crds-3.5.1")
    if folder is None:
        pytest.skip(f"no published definitions: name their folder in {PUBLISHED}")
    schemas = definitions.schemas(definitions.texts([folder]))
    validator = jsonschema_rs.validator_for(schemas["argoproj.io/v1alpha1", "Application"], validate_formats=True)
    assert [error.message for error in validator.iter_errors(DOCUMENTS[name])] == []
    assert not validator.is_valid({**DOCUMENTS[name], "status": {"health": "Healthy"}}), "the schema says something"


def test_the_project_is_named_and_a_refresh_only_where_it_is_wanted(
    server: ArgoCDServer, argocd: HttpApplications
) -> None:
    refreshed: list[str] = []
    server.refresh = refreshed.append
    assert argocd.look("shop-demo", refresh=False) == argocd.look("shop-demo", refresh=True)
    path = "/api/v1/applications/shop-demo?appNamespace=argocd&project=default"
    assert server.journal == [path, f"{path}&refresh=normal"]
    assert refreshed == ["shop-demo"]
    assert server.faults == []


def test_a_finished_deployment(server: ArgoCDServer, argocd: HttpApplications) -> None:
    seen = argocd.look("shop-demo", refresh=True)
    tried = Operation("Succeeded", "", (COMMIT, COMMIT))
    assert seen == ApplicationState("Synced", (COMMIT,), "Healthy", operation=tried)


def test_an_application_that_nobody_has_looked_at(server: ArgoCDServer, argocd: HttpApplications) -> None:
    assert state_of(FRESH, server, argocd) == ApplicationState()


def test_a_sync_that_is_asked_for_is_running(server: ArgoCDServer, argocd: HttpApplications) -> None:
    asked_for = {**DOCUMENTS["done"], "operation": {"sync": {"revision": COMMIT}}}
    assert state_of(asked_for, server, argocd).operation.phase == "Running"
    assert state_of(DOCUMENTS["syncing"], server, argocd).operation.message == "one task left"


def test_a_sync_that_failed_before_its_result_names_what_it_was_to_apply(
    server: ArgoCDServer, argocd: HttpApplications
) -> None:
    early = json.loads(json.dumps(DOCUMENTS["failed"]))
    del early["status"]["operationState"]["syncResult"]
    assert state_of(early, server, argocd).operation == Operation("Failed", "a hook failed", (COMMIT,))


def test_several_sources_have_several_revisions(server: ArgoCDServer, argocd: HttpApplications) -> None:
    several = json.loads(json.dumps(DOCUMENTS["done"]))
    several["status"]["sync"] = {"status": "Synced", "revisions": [OLDER, COMMIT]}
    assert state_of(several, server, argocd).revisions == (OLDER, COMMIT)


def test_applications_without_health_and_complaints_are_seen(server: ArgoCDServer, argocd: HttpApplications) -> None:
    status = {
        "resources": [
            *({"kind": "Service", "name": f"s{i}"} for i in range(50)),
            {"group": "argoproj.io", "kind": "Application", "name": "well", "health": {"status": "Healthy"}},
            {"group": "argoproj.io", "kind": "Application", "name": "unknown"},
        ],
        "conditions": [{"type": "ComparisonError", "message": "no such\nbranch"}],
    }
    seen = state_of({**FRESH, "status": status}, server, argocd)
    assert seen.unjudged == ("unknown",)
    assert seen.conditions == ("ComparisonError: no such branch",)


@pytest.mark.parametrize(
    "status",
    [
        None,
        [],
        "x",
        {"sync": [], "health": 7, "operationState": "x", "conditions": {}, "resources": "x"},
        {"sync": {"status": 1, "revision": None, "revisions": [None, 3, {}]}, "health": {"status": ["Healthy"]}},
        {"conditions": [None, 1], "resources": [None, []], "operationState": {"operation": 1, "syncResult": [1]}},
    ],
    ids=repr,
)
def test_what_is_no_status_says_nothing(status: Any, server: ArgoCDServer, argocd: HttpApplications) -> None:
    seen = state_of({**FRESH, "status": status}, server, argocd)
    assert (seen.sync, seen.revisions, seen.health, seen.operation, seen.unjudged) == ("", (), "", Operation(), ())


@pytest.mark.parametrize(
    "body",
    [b"<html>Log in</html>", b"", b"[]", b"null", b'{"metadata": {"name": "other"}}', b"[" * 100_000, b"\xff"],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_not_the_application_is_refused(body: bytes, server: ArgoCDServer, argocd: HttpApplications) -> None:
    with pytest.raises(ReleaseError, match="what is not the Application shop-demo") as caught:
        state_of(body, server, argocd)
    assert not isinstance(caught.value, UnavailableError)


def test_texts_can_be_printed_and_have_an_end(server: ArgoCDServer, argocd: HttpApplications) -> None:
    noisy = observed(FRESH, "\x1b[2J" + "c" * 1000, message=f"a\x1b[31m\u202e {TOKEN}\n" + "x" * 100_000)
    seen = state_of(noisy, server, argocd)
    assert all(text.isprintable() and len(text) <= 300 for text in (*seen.revisions, seen.message))
    assert seen.message.startswith("a [31m *** xxx")


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (401, "does not know the token in ARGOCD_AUTH_TOKEN"),
        (403, "p, ACCOUNT, applications, get, default/*, allow"),
        (404, "it has to be in the project default and the namespace argocd"),
        (301, "name the server itself"),
        (307, "name the server itself"),
        (418, "Argo CD's own server"),
    ],
)
def test_refusals_say_what_to_do(status: int, remedy: str, server: ArgoCDServer, argocd: HttpApplications) -> None:
    said = {"message": f"no\x1b {TOKEN}", "code": 7}
    server.instead = lambda _: Answer(status, said, (("Location", f"http://{server.host}/elsewhere"),))
    with pytest.raises(ReleaseError) as caught:
        argocd.look("shop-demo", refresh=False)
    error = caught.value
    assert not isinstance(error, UnavailableError)
    assert error.message == f"http://{server.host}: Application shop-demo: {status} no ***"
    assert remedy in error.remedy
    assert len(server.journal) == 1, "no redirect is followed"
    assert not told_secret(f"{error.message} {error.remedy} {error!r} {error.__cause__!r}")


def test_an_application_that_is_not_there(server: ArgoCDServer, argocd: HttpApplications) -> None:
    with pytest.raises(ReleaseError, match='404 applications.argoproj.io "shop-prod" not found'):
        argocd.look("shop-prod", refresh=True)


def test_a_token_that_is_wrong(server: ArgoCDServer) -> None:
    argocd = HttpApplications(f"http://{server.host}", ArgoCD(), secret("other"), 2.0)
    with closing(argocd), pytest.raises(ReleaseError, match="401 invalid session"):
        argocd.look("shop-demo", refresh=True)


def test_another_project_or_namespace_is_not_the_one(server: ArgoCDServer) -> None:
    server.put(DOCUMENTS["done"])
    for place in (ArgoCD(namespace="apps"), ArgoCD(project="shop")):
        argocd = HttpApplications(f"http://{server.host}", place, TOKEN, 2.0)
        with closing(argocd), pytest.raises(ReleaseError, match="404") as caught:
            argocd.look("shop-demo", refresh=True)
        assert f"the project {place.project} and the namespace {place.namespace}" in caught.value.remedy


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 0])
def test_failures_that_pass_are_told_apart(status: int, server: ArgoCDServer, argocd: HttpApplications) -> None:
    server.instead = lambda _: Answer(status, {})
    with pytest.raises(UnavailableError):
        argocd.look("shop-demo", refresh=False)
    server.instead = lambda _: None
    assert argocd.look("shop-demo", refresh=False).health == "Healthy"


def test_nobody_there_is_a_failure_that_passes() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        argocd = HttpApplications(f"http://127.0.0.1:{port}", ArgoCD(), TOKEN, 2.0)
        with closing(argocd), pytest.raises(UnavailableError, match="refused"):
            argocd.look("shop-demo", refresh=False)


def test_a_certificate_has_to_be_known(server: ArgoCDServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.put(DOCUMENTS["done"])
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with over_tls(server.host, tmp_path) as (host, certificate):
        argocd = HttpApplications(f"https://{host}", ArgoCD(), TOKEN, 2.0)
        with closing(argocd), pytest.raises(ReleaseError, match="certificate verify failed") as caught:
            argocd.look("shop-demo", refresh=False)
        assert not isinstance(caught.value, UnavailableError)
        assert "SSL_CERT_FILE" in caught.value.remedy
        assert server.journal == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with closing(HttpApplications(f"https://{host}", ArgoCD(), TOKEN, 2.0)) as argocd:
            assert argocd.look("shop-demo", refresh=False).health == "Healthy"


def test_an_answer_without_end_is_cut_off(server: ArgoCDServer, argocd: HttpApplications) -> None:
    server.instead = lambda _: Answer(200, b" " * (MAX_BYTES + 1))
    with pytest.raises(ReleaseError, match=f"more than {MAX_BYTES} bytes"):
        argocd.look("shop-demo", refresh=False)


def test_a_name_stays_one_part_of_the_path(server: ArgoCDServer, argocd: HttpApplications) -> None:
    server.instead = lambda _: Answer(200, {"metadata": {"name": "../x?y#z"}})
    argocd.look("../x?y#z", refresh=False)
    assert server.journal == ["/api/v1/applications/..%2Fx%3Fy%23z?appNamespace=argocd&project=default"]
    assert argocd.page("a/b") == f"http://{server.host}/applications/argocd/a%2Fb"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("argocd.acme.example", "https://argocd.acme.example"),
        ("argocd.acme.example:8443", "https://argocd.acme.example:8443"),
        ("https://acme.example/argocd/", "https://acme.example/argocd"),
        ("acme.example/argocd", "https://acme.example/argocd"),
        ("localhost:8080", "http://localhost:8080"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
    ],
)
def test_addresses(text: str, expected: str) -> None:
    assert address(text, "--server", insecure=False) == expected


def test_plain_http_is_for_loopback_and_for_who_asks_for_it() -> None:
    for text in ("http://argocd.acme.example", "http://127.0.0.1.acme.example", "http://10.0.0.1"):
        with pytest.raises(InputError, match="plain HTTP"):
            address(text, "--server", insecure=False)
        assert address(text, "--server", insecure=True) == text
    assert address("argocd.acme.example", "--server", insecure=True) == "http://argocd.acme.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "ftp://x",
        f"https://admin:{secret('password')}@argocd.acme.example",
        f"admin:{secret('password')}@argocd.acme.example",
        "https://x/?a=b",
        "https://x/#a",
        "a b",
        "x\ny",
        "https://x\\@y",
        "http://[::1",
    ],
    ids=range(11),
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        address(text, "ARGOCD_SERVER", insecure=False)
    assert caught.value.message.startswith("ARGOCD_SERVER: expected HOST[:PORT]")
    assert caught.value.message.isprintable()
    assert not told_secret(caught.value.message)


@pytest.mark.parametrize("token", ["", "a b", f"{TOKEN}\n", "tok\u00e9n"], ids=range(4))
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InputError, match="a token in ARGOCD_AUTH_TOKEN") as caught:
        checked_token(token)
    assert not told_secret(f"{caught.value.message} {caught.value.remedy}")
