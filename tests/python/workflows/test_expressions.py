"""What expressions of GitHub Actions come to, and what they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_kit.engines.workflows.policy import expressions
from release_kit.engines.workflows.policy.expressions import UNKNOWN, evaluate, names, within

KNOWN = {"needs.test.result": "success", "needs.build.outputs.skip-staging": "true", "cancelled(0)": False}


def look(name: str) -> object:
    return KNOWN.get(name, UNKNOWN)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("true", True),
        ("!true", False),
        ("!!true", True),
        ("'it''s'", "it's"),
        ("'a' == 'A'", True),
        ("needs.test.result == 'success'", True),
        ("needs['test'].result != 'success'", False),
        ("needs.build.outputs.skip-staging == 'true'", True),
        ("github.event_name == 'push'", UNKNOWN),
        ("github.event_name == 'push' && false", False),
        ("github.event_name == 'push' || true", True),
        ("true && github.ref", UNKNOWN),
        ("!github.ref", UNKNOWN),
        ("!cancelled() && (needs.test.result == 'failure' || needs.test.result == 'success')", True),
        ("contains(fromJSON('[\"demo\",\"qa\"]'), 'Demo')", True),
        ("contains(fromJSON('[\"demo\"]'), 'live')", False),
        ("contains('environment', 'ron')", True),
        ("contains(github.ref, 'x')", UNKNOWN),
        ("fromJSON('{')", UNKNOWN),
        ("7 < 8", UNKNOWN),
        ("true false", UNKNOWN),
        ("(true", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_an_expression_comes_to_its_value(expression: str, expected: object) -> None:
    assert evaluate(expression, look) is expected or evaluate(expression, look) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("github.sha", {"github.sha"}),
        ("github['event'].issue.title", {"github.event.issue.title"}),
        ("github.event.commits[0].message", {"github.event.commits.0.message"}),
        ("github.event.*.body", {"github.event.*.body"}),
        ("format('{0}', inputs.a || secrets.B)", {"format()", "inputs.a", "secrets.B"}),
        ("always() && false && github.head_ref", {"always()", "github.head_ref"}),
        ("github.event.issue.title +", {"github.event.issue.title"}),
    ],
)
def test_an_expression_names_all_that_is_in_it(expression: str, expected: set[str]) -> None:
    assert names(expression) == expected


def test_braces_in_a_text_do_not_end_an_expression() -> None:
    found = list(within("a ${{ format('}}{0}', github.ref) }} b ${{ x }}"))
    assert [each.text for each in found] == ["format('}}{0}', github.ref)", "x"]


@given(st.text(alphabet="ab.'()[]!&|=, *$\"0-", max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    evaluate(text, look)
    names(text)
    list(within(text))
    expressions.condition(text)
