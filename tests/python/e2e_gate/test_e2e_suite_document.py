"""The document of a suite: what it says, and what it refuses to say."""

import json
from pathlib import Path
from typing import Any

import pytest

from release_kit.documents import e2e_suite
from release_kit.documents.e2e_suite import Criteria, Health, Required
from release_kit.errors import InputError
from tests.support.sites import write_suite

FILES = {"test_login.py": "", "more/test_shop.py": "", "conftest.py": ""}
WHOLE = {
    "health": [{"path": "/health", "service": "web"}, {"path": "/api/health", "version": "/datasvc/a~1b~0c"}],
    "consecutive": 5,
    "credentials": ["PASSWORD"],
    "variables": ["USER_NAME"],
    "criteria": {
        "required": [
            {"scenario": "test_login.py::test_login", "budget": "2s"},
            {"scenario": "more/test_shop.py::T::t"},
        ],
        "allowed_skips": 1,
        "budget": "1m",
        "deadline": "5m",
    },
}


def test_all_that_is_said_is_read(tmp_path: Path) -> None:
    suite = e2e_suite.load(write_suite(tmp_path, FILES, **WHOLE))
    assert (suite.name, suite.folder, suite.consecutive) == ("shop", tmp_path, 5)
    assert suite.scenarios == ("test_login.py", "more/test_shop.py")
    assert suite.health == (
        Health("/health", ("version",), "web"),
        Health("/api/health", ("datasvc", "a/b~c")),
    )
    assert (suite.credentials, suite.variables) == (("PASSWORD",), ("USER_NAME",))
    required = (Required("test_login.py::test_login", 2), Required("more/test_shop.py::T::t"))
    assert suite.criteria == Criteria(required, 1, 60, 300)


def test_what_is_not_said_is_strict(tmp_path: Path) -> None:
    document = json.loads(write_suite(tmp_path, FILES).read_text())
    del document["consecutive"], document["criteria"]
    (tmp_path / "suite.json").write_text(json.dumps(document))
    suite = e2e_suite.load(tmp_path / "suite.json")
    assert (suite.consecutive, suite.criteria) == (3, Criteria((), 0, None, 600))
    assert suite.health == (Health("/health", ("version",)),)


def required(*names: str) -> dict[str, Any]:
    return {"criteria": {"required": [{"scenario": name} for name in names]}}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"schema": "rules_release/e2e-suite/v2"}, "schema: expected 'rules_release/e2e-suite/v1'"),
        ({"name": "The Shop"}, "name: expected lowercase letters"),
        ({"more": 1}, "more: this field is not known here"),
        ({"scenarios": []}, "scenarios: expected at least one file, found none"),
        ({"scenarios": ["test_login.py", "test_login.py"]}, "scenarios: test_login.py stands there 2 times"),
        ({"scenarios": ["test_gone.py"]}, "scenarios: {folder}/test_gone.py is no file"),
        ({"scenarios": ["more"]}, "scenarios: expected a path such as test_login.py, found 'more'"),
        ({"scenarios": ["../test_login.py"]}, "scenarios: expected a path"),
        ({"scenarios": ["more/../test_login.py"]}, "scenarios: expected a path"),
        ({"scenarios": ["/test_login.py"]}, "scenarios: expected a path"),
        ({"scenarios": ["-k.py\n"]}, "scenarios: expected a path"),
        ({"scenarios": ["--collect-only.py"]}, "scenarios: expected a path"),
        ({"health": []}, "health: expected at least one address, found none"),
        ({"health": [{"path": "health"}]}, "health[0].path: expected a path such as /health, found 'health'"),
        ({"health": [{"path": "//other.example/"}]}, "health[0].path: expected a path"),
        ({"health": [{"path": "/a b"}]}, "health[0].path: expected a path"),
        ({"health": [{"path": "/a#b"}]}, "health[0].path: expected a path"),
        ({"health": [{"path": "/h", "version": "a..b"}]}, "health[0].version: expected such as version"),
        ({"health": [{"path": "/h", "version": ""}]}, "health[0].version: expected"),
        ({"consecutive": 0}, "consecutive: expected 1 to 100, found 0"),
        ({"consecutive": 101}, "consecutive: expected 1 to 100, found 101"),
        ({"credentials": ["A B"]}, "credentials[0]: expected the name of an environment variable"),
        ({"credentials": ["PYTEST_ADDOPTS"]}, "credentials[0]: programs take orders from PYTEST_ADDOPTS"),
        ({"variables": ["LD_PRELOAD"]}, "variables[0]: programs take orders from LD_PRELOAD"),
        ({"credentials": ["A"], "variables": ["A"]}, "credentials and variables: A stands there 2 times"),
        ({"criteria": {"allowed_skips": -1}}, "criteria.allowed_skips: expected 0 to 10000, found -1"),
        ({"criteria": {"deadline": "0s"}}, "criteria.deadline: expected some time, found none"),
        ({"criteria": {"deadline": "soon"}}, "criteria.deadline: expected a duration"),
        ({"criteria": {"budget": "2"}}, "criteria.budget: expected a duration"),
        (required("test_login.py"), "criteria.required[0].scenario: expected such as test_login.py::test_login"),
        (required("test_login.py::"), "criteria.required[0].scenario: expected such as"),
        (required("test_login.py::a\x1b"), "criteria.required[0].scenario: expected such as"),
        (required("test_gone.py::a"), "criteria.required: test_gone.py::a is in none of the scenario files"),
        (required("conftest.py::a"), "criteria.required: conftest.py::a is in none of the scenario files"),
        (required("test_login.py::a", "test_login.py::a"), "criteria.required: test_login.py::a stands there 2 times"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, fields: dict[str, Any], message: str) -> None:
    place = write_suite(tmp_path, FILES, **fields)
    with pytest.raises(InputError) as refused:
        e2e_suite.load(place)
    assert refused.value.message.startswith(f"{place}: {message.format(folder=tmp_path)}")
    assert refused.value.message.isprintable()
