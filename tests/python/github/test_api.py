"""Calls of GitHub's API: what is tried again and when, where the token goes, what is told of a failure."""

import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from rehearsal.github_routes import Answer
from rehearsal.github_server import TOKEN, GitHubServer
from release_kit.adapters.github.api import MAX_PAGES, Content, GitHubApi, checked_token, repository_path
from release_kit.adapters.registry.messages import Times
from release_kit.adapters.registry.patience import Patience
from release_kit.adapters.web import MAX_BYTES
from release_kit.errors import InputError, ReleaseError
from tests.support.secret_search import found as told_secret
from tests.support.secret_search import secret

SHA = "1" * 40
LIST = repository_path("acme", "deploy", "commits", SHA, "statuses")
CREATE = repository_path("acme", "deploy", "statuses", SHA)
BODY = {"state": "success", "context": "x"}
NOW = 1_800_000_000
PROXIES = [f"{name}_proxy" for name in ("http", "https", "all", "no")]


class Waits(list[float]):
    """Takes down how long was waited, and waits not at all."""

    @property
    def patience(self) -> Patience:
        """What lets it be waited here."""
        return Patience(times=Times(connect=2.0, idle=2.0, total=5.0), sleep=self.append)


@pytest.fixture(name="waits")
def waits_fixture(monkeypatch: pytest.MonkeyPatch) -> Waits:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(time, "time", lambda: float(NOW))
    return Waits()


@pytest.fixture(name="access")
def access_fixture(hub: GitHubServer, waits: Waits) -> Iterator[GitHubApi]:
    with closing(GitHubApi(hub.host, TOKEN, waits.patience)) as access:
        yield access


def failing(*answers: Answer) -> Callable[[object], Answer | None]:
    """Returns a hook that answers these first."""
    left = [*answers]
    return lambda _: left.pop(0) if left else None


def failure(action: Callable[[], object]) -> str:
    """Returns all that is told of a failure, which has no secret in it."""
    with pytest.raises(ReleaseError) as caught:
        action()
    text = f"{caught.value.message} {caught.value.remedy}"
    everything = "".join(traceback.format_exception(caught.value))
    assert not told_secret(everything + text)
    assert text.isprintable()
    return text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 0])
def test_a_passing_failure_is_tried_again(hub: GitHubServer, access: GitHubApi, method: str, status: int) -> None:
    hub.instead = failing(*[Answer(status, {"message": "later"})] * 5)
    if method == "GET":
        assert access.call("GET", LIST, 200) == []
    else:
        assert access.call("POST", CREATE, 201, BODY)["state"] == "success"
    assert len(hub.journal) == 6


def test_a_failure_that_does_not_pass_is_told(hub: GitHubServer, access: GitHubApi, waits: Waits) -> None:
    hub.instead = lambda _: Answer(503, {"message": "never"})
    assert "503 never" in failure(lambda: access.call("GET", LIST, 200))
    assert len(hub.journal) == 6
    assert all(earlier < later for earlier, later in zip(waits, waits[2:], strict=False)), "it waits ever longer"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 501])
def test_a_refusal_is_not_tried_again(hub: GitHubServer, access: GitHubApi, status: int) -> None:
    hub.instead = lambda _: Answer(status, {"message": "no"})
    failure(lambda: access.call("GET", LIST, 200))
    assert len(hub.journal) == 1


SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
PRIMARY = {"message": "API rate limit exceeded for installation ID 7."}


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (SECONDARY, {"Retry-After": "17"}, 17),
        (SECONDARY, {"Retry-After": "Fri, 15 Jan 2027 08:00:23 GMT"}, 23),
        (SECONDARY, {"Retry-After": "5", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(NOW + 50)}, 5),
        (SECONDARY, {"X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": str(NOW + 3000)}, 60),
        (PRIMARY, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(NOW + 42)}, 42),
    ],
)
def test_a_limit_is_waited_for(
    hub: GitHubServer,
    access: GitHubApi,
    waits: Waits,
    status: int,
    body: dict[str, str],
    headers: dict[str, str],
    expected: int,
) -> None:
    hub.instead = failing(Answer(status, body, (*headers.items(),)))
    assert access.call("GET", LIST, 200) == []
    assert waits == [expected]


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "61"},
        {"Retry-After": "999999999"},
        {"Retry-After": "Sat, 16 Jan 2027 08:00:00 GMT"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(NOW + 3600)},
    ],
)
def test_a_limit_that_lasts_is_told(
    hub: GitHubServer, access: GitHubApi, waits: Waits, headers: dict[str, str]
) -> None:
    hub.instead = lambda _: Answer(403, PRIMARY, (*headers.items(),))
    said = failure(lambda: access.call("GET", LIST, 200))
    assert "the rate of this token's requests is limited" in said
    assert "run the same command again" in said
    assert (len(hub.journal), waits) == (1, [])


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Remaining": "0"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 40},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(NOW - 5)},
        {"Retry-After": "soon"},
        {"Retry-After": "-1"},
    ],
)
def test_a_limit_without_a_time_is_tried_again_soon(
    hub: GitHubServer, access: GitHubApi, waits: Waits, headers: dict[str, str]
) -> None:
    hub.instead = failing(Answer(403, PRIMARY, (*headers.items(),)))
    assert access.call("GET", LIST, 200) == []
    assert len(waits) == 1
    assert waits[0] < 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401, {"message": f"Bad credentials {TOKEN}"}), "does not know the token"),
        (Answer(403, {"message": "Resource not accessible by integration"}), "let the token in GITHUB_TOKEN do this"),
        (Answer(404, {"message": "Not Found"}), "let the token in GITHUB_TOKEN do this"),
        (Answer(422, {"message": "Validation Failed", "errors": [{"message": "No commits"}]}), "No commits"),
        (Answer(422, {"message": "Validation Failed", "errors": [TOKEN, 7, None]}), "Validation Failed"),
        (Answer(418, b"\x1b[2Jno json"), "418"),
        (Answer(418, ["\x1b[2J"]), "418"),
        (Answer(418, {"message": "x" * 99999}), "418 xxx"),
        (Answer(418, b"[" * 99999), "418"),
    ],
)
def test_what_github_refuses_is_told_without_the_token(
    hub: GitHubServer, access: GitHubApi, answer: Answer, said: str
) -> None:
    hub.instead = lambda _: answer
    text = failure(lambda: access.call("GET", f"{LIST}?page=1", 200))
    assert f"{hub.host}: GET {LIST}: {answer.status}" in text
    assert said in text
    assert len(text) < 1000


@pytest.mark.parametrize("body", [b"no json", b"[" * 99999, b"\xff"])
def test_what_is_no_json_is_told(hub: GitHubServer, access: GitHubApi, body: bytes) -> None:
    hub.instead = lambda _: Answer(200, body)
    assert "no JSON" in failure(lambda: access.call("GET", LIST, 200))


def test_an_answer_without_end_is_not_read(hub: GitHubServer, access: GitHubApi) -> None:
    hub.instead = lambda _: Answer(200, b" " * (MAX_BYTES + 1))
    assert f"more than {MAX_BYTES} bytes" in failure(lambda: access.call("GET", LIST, 200))
    assert len(hub.journal) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(hub: GitHubServer, access: GitHubApi, status: int) -> None:
    with GitHubServer() as other:
        location = f"http://{other.host}/api/v3{LIST}"
        hub.instead = lambda _: Answer(status, {"message": "Moved"}, (("Location", location),))
        said = failure(lambda: access.call("GET", LIST, 200))
        assert "the repository has moved: give the declaration its new name" in said
        assert not other.journal


@pytest.mark.parametrize("domain", ["", "github.acme.example", "127.0.0.1:1"])
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/api/v3/x",
        "https://api.github.com.evil.example/x",
        "https://api.github.com@evil.example/x",
        "https://uploads.github.com.evil.example/x",
        "https://github.acme.example.evil/api/v3/x",
        "https://evil.example/https://api.github.com/x",
        "http://api.github.com/x",
        "//evil.example/x",
        "repos/x",
    ],
)
def test_the_token_goes_to_no_other_address(waits: Waits, domain: str, address: str) -> None:
    asked = GitHubApi(domain, TOKEN, waits.patience)
    if address.startswith("//"):
        assert asked._address(address).startswith(f"{asked.root}/"), "it is a path"
        return
    assert "names an address that is not its own" in failure(lambda: asked.call("GET", address, 200))
    assert not waits


@pytest.mark.parametrize(
    ("domain", "uploads"),
    [
        ("", "https://uploads.github.com/repos/x"),
        ("github.acme.example", "https://github.acme.example/api/uploads/repos/x"),
        ("acme.ghe.com", "https://uploads.acme.ghe.com/repos/x"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/api/uploads/repos/x"),
    ],
)
def test_uploads_go_to_where_github_takes_them(domain: str, uploads: str) -> None:
    assert GitHubApi(domain, TOKEN)._address(uploads) == uploads


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("", "https://api.github.com"),
        ("github.acme.example", "https://github.acme.example/api/v3"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/api/v3"),
    ],
)
def test_the_api_is_where_github_has_it(domain: str, expected: str) -> None:
    assert GitHubApi(domain, TOKEN).root == expected


def test_an_address_that_nobody_answers_at_is_told(waits: Waits) -> None:
    said = failure(lambda: GitHubApi("127.0.0.1:1", TOKEN, waits.patience).call("GET", LIST, 200))
    assert "Connection refused" in said
    assert "check that GitHub can be reached" in said


@contextmanager
def proxy(refusal: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Is a proxy that refuses; gives its address, and what it was told."""
    told: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                client, _ = server.accept()
                with client:
                    if not (head := client.recv(65536)):
                        return
                    told.append(head)
                    client.sendall(refusal)

        thread = threading.Thread(target=serve)
        thread.start()
        address = f"127.0.0.1:{server.getsockname()[1]}"
        try:
            yield address, told
        finally:
            with socket.create_connection(server.getsockname()):
                pass
            thread.join()


def test_a_proxy_of_the_environment_is_used_and_gets_no_token(waits: Waits, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n") as (address, told):
        monkeypatch.setenv("https_proxy", f"http://jo:{secret('proxy')}@{address}")
        said = failure(lambda: GitHubApi("github.acme.example", TOKEN, waits.patience).call("GET", LIST, 200))
    assert "407" in said
    assert all(head.startswith(b"CONNECT github.acme.example:443 ") for head in told)
    assert all(b"proxy-authorization: basic " in head.lower() for head in told)
    assert all(TOKEN.encode() not in head for head in told)


def test_what_is_on_loopback_is_asked_without_a_proxy(
    hub: GitHubServer, access: GitHubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert access.call("GET", LIST, 200) == []


def test_a_list_is_read_page_by_page_and_no_further_than_is_looked(hub: GitHubServer, access: GitHubApi) -> None:
    for number in range(250):
        hub.statuses.add("acme/deploy", SHA, context=f"x/{number}")
    items = access.pages(LIST)
    assert next(items)["context"] == "x/249"
    assert len(hub.journal) == 1
    assert len([*items]) == 249
    assert len(hub.journal) == 3


def test_a_list_without_end_is_given_up(hub: GitHubServer, access: GitHubApi) -> None:
    hub.instead = lambda _: Answer(200, [{}] * 100)
    assert "more than 2000 items" in failure(lambda: [*access.pages(LIST)])
    assert len(hub.journal) == MAX_PAGES


@pytest.mark.parametrize("body", [{"message": "none"}, 7, None, {"items": 7}])
def test_a_list_that_is_none_is_told(hub: GitHubServer, access: GitHubApi, body: Any) -> None:
    hub.instead = lambda _: Answer(200, body)
    assert "expected a list" in failure(lambda: [*access.pages(LIST, "items")])


def test_what_is_not_there_is_found_to_be_so(hub: GitHubServer, access: GitHubApi) -> None:
    assert access.find(repository_path("acme", "elsewhere", "commits", SHA, "statuses")) is None
    hub.instead = lambda _: Answer(403, {"message": "no"})
    failure(lambda: access.find(LIST))


def test_parts_of_a_path_stay_parts() -> None:
    assert repository_path("a/../b", "c?d", "e#f") == "/repos/a%2F..%2Fb/c%3Fd/e%23f"


def test_a_body_that_is_no_json_has_its_own_type(hub: GitHubServer, access: GitHubApi) -> None:
    seen: list[tuple[str | None, bytes]] = []

    def keep(request: Any) -> Answer:
        seen.append((request.headers.get("content-type"), request.body))
        return Answer(201, {})

    hub.instead = keep
    access.call("POST", LIST, 201, Content(b"\x00\xff", "application/octet-stream"))
    access.call("POST", LIST, 201, Content(b"", "text/plain"))
    assert seen == [("application/octet-stream", b"\x00\xff"), ("text/plain", b"")]


@pytest.mark.parametrize("token", ["", " ", "two words", "ghs_one\nX: two", "ghs_\N{SNOWMAN}", "\x7f"])
def test_a_token_that_is_none_is_never_shown(token: str) -> None:
    with pytest.raises(InputError) as caught:
        checked_token(token, "--pull-request", "write pull requests")
    text = f"{caught.value.message} {caught.value.remedy}"
    assert "--pull-request: needs a token in GITHUB_TOKEN" in text
    assert not token.strip() or token not in text
