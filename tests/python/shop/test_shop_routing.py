"""The routing table."""

import pytest

from shop.messages import Answer, RefusedError, Request, json_answer
from shop.routing import Handler, Routes


def named(name: str) -> Handler:
    """Returns a handler that answers with its name and the request's parameters."""
    return lambda request: json_answer([name, dict(request.params)])


def answered(method: str, target: str) -> Answer:
    routes = Routes()
    routes.add("GET", "/", named("root"))
    routes.add("GET", "/products", named("list"))
    routes.add("POST", "/products", named("create"))
    routes.add("GET", "/products/{id}", named("one"))
    routes.add("GET", "/api/*", named("rest"))
    return routes.answer(Request(method, target))


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/", b'["root", {}]\n'),
        ("GET", "/?x=/products", b'["root", {}]\n'),
        ("GET", "/products?q=tea", b'["list", {}]\n'),
        ("HEAD", "/products", b'["list", {}]\n'),
        ("POST", "/products", b'["create", {}]\n'),
        ("GET", "/products/a%2Fb", b'["one", {"id": "a/b"}]\n'),
        ("GET", "/api/a/b", b'["rest", {}]\n'),
        ("GET", "/api/", b'["rest", {}]\n'),
    ],
)
def test_request_reaches_the_handler_of_its_pattern(method: str, target: str, body: bytes) -> None:
    assert answered(method, target).body == body


@pytest.mark.parametrize("target", ["/nothing", "/products/", "/products/a/b", "/apix", "//", "/{id}"])
def test_other_paths_are_not_found(target: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        answered("GET", target)
    assert (refusal.value.status, refusal.value.code) == (404, "not_found")


def test_other_method_is_refused_with_the_methods_that_are_allowed() -> None:
    with pytest.raises(RefusedError) as refusal:
        answered("DELETE", "/products")
    assert (refusal.value.status, refusal.value.headers) == (405, {"Allow": "GET, POST"})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 60_000])
def test_body_that_is_no_json_object_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(RefusedError) as refusal:
        Request("POST", "/", body=body).json_object()
    assert refusal.value.status == 400


def test_query_is_decoded_and_capped() -> None:
    assert Request("GET", "/?q=a+b%26&limit=").query == {"q": "a b&", "limit": ""}
    with pytest.raises(RefusedError):
        _ = Request("GET", "/?" + "&".join("abcdefghijklmnopqrstu")).query
