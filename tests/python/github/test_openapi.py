"""GitHub's published description: what the server on loopback takes and answers is held to it."""

from collections.abc import Mapping
from typing import Any

import pytest

from rehearsal.github_routes import API, UPLOADS, Answer, NotTheApiError, Request
from rehearsal.github_server import GitHubServer
from tests.support.openapi import VARIABLE, OpenApi

SHA = "1" * 40
CREATE = f"/repos/acme/deploy/statuses/{SHA}"
LIST = f"/repos/acme/deploy/commits/{SHA}/statuses"


@pytest.fixture(name="api")
def api_fixture(published: OpenApi | None) -> OpenApi:
    if published is None:
        pytest.skip(f"{VARIABLE} does not say where GitHub's description is")
    return published


def request(method: str, path: str, body: str = "", root: str = API, **query: str) -> Request:
    headers = {"content-type": "application/json"} if body else {}
    return Request(method, root, path, query, headers, body.encode())


def answers(hub: GitHubServer, asked: Request) -> Answer:
    """Lets the server answer, whatever the description says to it."""
    return hub.routed(asked)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (request("POST", CREATE, '{"state": "success", "context": "release-kit/e2e"}'), 201),
        (request("GET", LIST, page="1", per_page="100"), 200),
        (request("GET", f"/repos/acme/deploy/commits/{SHA}/status"), 200),
        (request("GET", "/repos/acme/deploy/commits/nothing/status"), 404),
        (request("GET", "/repos/acme/elsewhere/commits/x/status"), 404),
        (request("POST", f"/repos/acme/deploy/statuses/{'x' * 40}", '{"state": "success", "context": "x"}'), 422),
    ],
)
def test_what_the_server_answers_is_described(api: OpenApi, hub: GitHubServer, asked: Request, status: int) -> None:
    hub.statuses.add("acme/deploy", SHA, context="other", target_url="https://ci.example/1", description="x")
    found = answers(hub, asked)
    assert found.status == status
    api.watch(asked, found)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (request("POST", CREATE, '{"state": "fine", "context": "x"}'), "body: state"),
        (request("POST", CREATE, '{"context": "x"}'), "state"),
        (request("POST", CREATE, '{"state": "success", "more": 1}'), "more"),
        (request("POST", CREATE, '{"state": "success", "description": 7}'), "body: description"),
        (request("POST", CREATE), "body: is missing"),
        (request("PUT", CREATE, '{"state": "success"}'), "is in no description"),
        (request("POST", f"{CREATE}/more", '{"state": "success"}'), "is in no description"),
        (request("GET", "/nowhere"), "is in no description"),
        (request("GET", LIST, state="open"), "query: ['state'] is not known"),
        (request("GET", LIST, page="one"), "query: page"),
        (request("GET", LIST, root=UPLOADS), "is at /api/v3, not at /api/uploads"),
        (request("POST", "/repos/acme/deploy/releases/1/assets", "x"), "is at /api/uploads"),
        (request("POST", "/repos/acme/deploy/releases/1/assets", "x", UPLOADS), "query: name is missing"),
        (request("GET", "/repos/acme/deploy/releases/one", ""), "path: release_id"),
    ],
)
def test_a_request_that_is_not_as_described_is_refused(api: OpenApi, asked: Request, said: str) -> None:
    with pytest.raises(NotTheApiError) as caught:
        api.watch(asked, Answer(200, []))
    assert said in str(caught.value)


def changed(status: Mapping[str, Any], **changes: Any) -> list[dict[str, Any]]:
    return [{key: value for key, value in {**status, **changes}.items() if value != "gone"}]


@pytest.mark.parametrize(
    "changes",
    [{"id": "one"}, {"context": "gone"}, {"creator": {}}, {"invented": 1}, {"description": 3}],
)
def test_an_answer_that_is_not_as_described_is_refused(
    api: OpenApi, hub: GitHubServer, changes: dict[str, object]
) -> None:
    status = hub.statuses.add("acme/deploy", SHA)
    api.watch(request("GET", LIST), Answer(200, changed(status)))
    with pytest.raises(NotTheApiError, match="answer 200"):
        api.watch(request("GET", LIST), Answer(200, changed(status, **changes)))


@pytest.mark.parametrize("answer", [Answer(202, []), Answer(200, {}), Answer(404, {"message": 1}), Answer(422, {})])
def test_an_answer_that_github_does_not_give_is_refused(api: OpenApi, answer: Answer) -> None:
    with pytest.raises(NotTheApiError, match="answer"):
        api.watch(request("GET", LIST), answer)


@pytest.mark.usefixtures("api")
def test_a_server_keeps_what_is_not_as_described(hub: GitHubServer) -> None:
    hub.statuses.add("acme/deploy", SHA, invented=1)
    assert answers(hub, request("GET", LIST)).status == 422
    (fault,) = hub.faults
    assert "answer 200" in fault
    with pytest.raises(AssertionError, match="not GitHub's API"):
        hub.__exit__(None, None, None)
    hub.faults.clear()
