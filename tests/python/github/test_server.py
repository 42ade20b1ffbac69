"""GitHub on loopback: it takes what the API has, and keeps what it has not."""

import json
from typing import Any

import pytest

from rehearsal.github_server import TOKEN, GitHubServer

SHA = "1" * 40
CREATE = f"/api/v3/repos/acme/deploy/statuses/{SHA}"
LIST = f"/api/v3/repos/acme/deploy/commits/{SHA}/statuses"
PULLS = "/api/v3/repos/acme/deploy/pulls"
STATUS: dict[str, Any] = {"state": "success", "context": "x"}
HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "Authorization": f"Bearer {TOKEN}",
    "User-Agent": "a test",
}


@pytest.fixture(name="server")
def server_fixture(hub: GitHubServer) -> GitHubServer:
    return hub


def answered(server: GitHubServer, method: str, target: str, body: object = None, **headers: str) -> int:
    """Returns the status of an answer."""
    known = HEADERS | ({"Content-Type": "application/json"} if body is not None else {})
    named = {**known, **{name.replace("_", "-"): value for name, value in headers.items()}}
    sent = {name: value for name, value in named.items() if value}
    return server.answer(method, target, sent, b"" if body is None else json.dumps(body).encode()).status


@pytest.mark.parametrize(
    ("target", "status"), [(LIST, 200), (f"{LIST}?per_page=100&page=2", 200), (LIST.replace("deploy", "other"), 404)]
)
def test_what_the_api_has_is_answered(server: GitHubServer, target: str, status: int) -> None:
    assert answered(server, "GET", target) == status
    assert not server.faults


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Accept": "*/*"}, "accept"),
        ({"X_GitHub_Api_Version": ""}, "x-github-api-version"),
        ({"Authorization": ""}, "authorization"),
        ({"Authorization": "Bearer other"}, "authorization"),
        ({"Authorization": f"token {TOKEN}"}, "authorization"),
        ({"User_Agent": ""}, "user-agent"),
        ({"Content_Type": "application/json"}, "GET with a body"),
    ],
)
def test_other_headers_are_faults(server: GitHubServer, headers: dict[str, str], said: str) -> None:
    assert answered(server, "GET", LIST, **headers) >= 400
    (fault,) = server.faults
    assert said in fault
    assert TOKEN not in fault
    server.faults.clear()


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/repos/acme/deploy", None),
        ("GET", "/api/v3/nowhere", None),
        ("GET", LIST.replace("v3", "uploads"), None),
        ("DELETE", LIST, None),
        ("GET", f"{LIST}/", None),
        ("GET", f"{LIST}?state=open", None),
        ("GET", f"{LIST}?page=1&page=2", None),
        ("GET", f"{LIST}?page", None),
        ("GET", f"{LIST}?per_page=101", None),
        ("GET", f"{LIST}?page=0", None),
        ("GET", PULLS, None),
        ("POST", CREATE, None),
        ("POST", CREATE, []),
        ("POST", CREATE, {"state": "success"}),
        ("POST", CREATE, {**STATUS, "sha": SHA}),
        ("POST", CREATE, {**STATUS, "description": None}),
        ("POST", CREATE, {**STATUS, "context": True}),
        ("POST", PULLS, {"title": "x", "head": "a", "base": "b"}),
    ],
)
def test_what_the_api_has_not_is_a_fault(server: GitHubServer, method: str, target: str, body: object) -> None:
    assert answered(server, method, target, body) >= 400
    assert len(server.faults) == 1
    server.faults.clear()
    assert not server.statuses.all


@pytest.mark.parametrize(
    "more",
    [
        {"state": "fine"},
        {"description": "x" * 141},
        {"description": "\N{PARTY POPPER}"},
        {"context": "x" * 256},
        {"target_url": "javascript:alert(1)"},
    ],
)
def test_what_github_refuses_is_refused(server: GitHubServer, more: dict[str, str]) -> None:
    assert answered(server, "POST", CREATE, {**STATUS, **more}) == 422
    assert answered(server, "POST", CREATE.replace(SHA, "main"), STATUS) == 422
    assert not server.statuses.all
    # GitHub's description has some of it, too, and then it is a fault.
    server.faults.clear()


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "pending"),
        (["a success"], "success"),
        (["a success", "b pending"], "pending"),
        (["a success", "b pending", "c error"], "failure"),
        (["a failure", "a success"], "success"),
        (["a success", "A failure"], "failure"),
    ],
)
def test_the_newest_status_of_each_name_counts(server: GitHubServer, states: list[str], expected: str) -> None:
    for each in states:
        context, state = each.split()
        assert answered(server, "POST", CREATE, {"context": context, "state": state}) == 201
    found = server.answer("GET", LIST.removesuffix("es"), HEADERS, b"").body
    assert (found["state"], found["total_count"]) == (expected, len({each[0].lower() for each in states}))


def test_a_context_with_a_fault_ends_badly() -> None:
    with pytest.raises(AssertionError, match="not GitHub's API"), GitHubServer() as server:
        answered(server, "GET", "/elsewhere")
