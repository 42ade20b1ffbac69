"""Analysis tests of e2e_suite: the document that it writes, what it puts beside it, and what it refuses."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@bazel_skylib//rules:write_file.bzl", "write_file")
load("//bazel:e2e.bzl", "e2e_suite")

_HEALTH = [{"path": "/health", "service": "web"}]
_SOURCES = ["e2e/conftest.py", "e2e/test_login.py", "e2e/more/test_shop.py", "e2e/more/words.py"]
_LOGIN = "e2e/test_login.py::test_login"

def _document_test_impl(ctx):
    env = analysistest.begin(ctx)
    written = [each for each in analysistest.target_actions(env) if each.mnemonic == "FileWrite"]
    asserts.equals(env, json.decode(ctx.attr.expected), json.decode(written[0].content))
    target = analysistest.target_under_test(env)
    folder = "tests/starlark/{}/".format(target.label.name)
    asserts.equals(env, [folder + "suite.json"], [file.short_path for file in target[DefaultInfo].files.to_list()])
    beside = [file.short_path.removeprefix(folder) for file in target[DefaultInfo].default_runfiles.files.to_list()]
    asserts.equals(env, sorted(_SOURCES), sorted(beside), "the scenarios are beside the document")
    return analysistest.end(env)

_document_test = analysistest.make(_document_test_impl, attrs = {"expected": attr.string()})

def _refusal_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, ctx.attr.message)
    return analysistest.end(env)

_refusal_test = analysistest.make(_refusal_test_impl, attrs = {"message": attr.string()}, expect_failure = True)

def _everything(name):
    """Declares a suite with all that it can have; returns the document."""
    e2e_suite(
        name = name,
        srcs = _SOURCES,
        allowed_skips = 1,
        budget = "1m",
        consecutive = 5,
        credentials = ["PASSWORD"],
        deadline = "5m",
        health = _HEALTH,
        required = {_LOGIN: "2s", "e2e/more/test_shop.py::test_shop": ""},
        set_name = "shop",
        tags = ["manual"],
        variables = ["USER_NAME"],
    )
    required = [{"scenario": _LOGIN, "budget": "2s"}, {"scenario": "e2e/more/test_shop.py::test_shop"}]
    return {
        "schema": "rules_release/e2e-suite/v1",
        "name": "shop",
        "scenarios": ["e2e/more/test_shop.py", "e2e/test_login.py"],
        "health": _HEALTH,
        "consecutive": 5,
        "credentials": ["PASSWORD"],
        "variables": ["USER_NAME"],
        "criteria": {"allowed_skips": 1, "budget": "1m", "deadline": "5m", "required": required},
    }

def _least(name):
    """Declares a suite with nothing but what it needs; returns the document."""
    e2e_suite(name = name, srcs = _SOURCES, health = _HEALTH, required = [_LOGIN], tags = ["manual"])
    return {
        "schema": "rules_release/e2e-suite/v1",
        "name": name,
        "scenarios": ["e2e/more/test_shop.py", "e2e/test_login.py"],
        "health": _HEALTH,
        "consecutive": 3,
        "criteria": {"deadline": "10m", "required": [{"scenario": _LOGIN}]},
    }

def _refusals(name):
    """Declares what is refused; returns the message of each."""
    cases = {
        "no_scenario": ({"srcs": ["e2e/conftest.py"]}, "srcs: expected a file test_*.py, found none"),
        "no_health": ({"health": []}, "health: expected an address that says the deployed version, found none"),
        "no_path": ({"health": [{"path": "health"}]}, "health: expected a path such as /health, found \"health\""),
        "no_name": ({"required": ["e2e/test_login.py"]}, "required: expected such as test_login.py::test_login"),
        "no_file": ({"required": ["test_gone.py::test_x"]}, "required: test_gone.py::test_x is in none of the scenario files"),
        "no_test": ({"required": ["e2e/conftest.py::test_x"]}, "e2e/conftest.py::test_x is in none of the scenario files"),
    }
    for case, (attributes, _) in cases.items():
        attributes = {"health": _HEALTH, "srcs": _SOURCES, "tags": ["manual"]} | attributes
        e2e_suite(name = "{}.{}".format(name, case), **attributes)
    return {case: message for case, (_, message) in cases.items()}

def e2e_suite_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    for source in _SOURCES:
        write_file(name = "{}.{}".format(name, source.replace("/", "_")), out = source, tags = ["manual"])
    tests = []
    for document, declare in {"everything": _everything, "least": _least}.items():
        suite = "{}-{}".format(name.replace("_", "-"), document)
        tests.append("{}_{}_document".format(name, document))
        _document_test(name = tests[-1], expected = json.encode(declare(suite)), target_under_test = suite + ".suite")
    for case, message in _refusals(name).items():
        tests.append("{}.{}_refused".format(name, case))
        _refusal_test(name = tests[-1], message = message, target_under_test = "{}.{}.suite".format(name, case))
    native.test_suite(name = name, tests = tests)
