"""A stable address before processes that come and go."""

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from rehearsal.balancer import Balancer
from rehearsal.github_server import GitHubServer


@pytest.fixture(name="balancer")
def balancer_fixture() -> Iterator[Balancer]:
    balancer = Balancer()
    yield balancer
    balancer.close()


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_nothing_answers_before_something_is_deployed(balancer: Balancer) -> None:
    assert status(balancer.url) == 503


def test_each_backend_gets_its_turn(balancer: Balancer) -> None:
    with GitHubServer() as first, GitHubServer() as second:
        balancer.lead_to([first.host, second.host])
        answers = [status(f"{balancer.url}/x") for _ in range(4)]
        asked = [len(each.faults) for each in (first, second)]
        for each in (first, second):
            each.faults.clear()
    assert answers == [400] * 4, "the answer is the backend's"
    assert asked == [2, 2]


def test_a_backend_that_is_gone_is_an_error(balancer: Balancer) -> None:
    with GitHubServer() as gone:
        balancer.lead_to([gone.host])
    assert status(balancer.url) == 502
