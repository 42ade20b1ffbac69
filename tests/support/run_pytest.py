"""Runs pytest on the test files that a pytest_test target names, and leaves a JUnit file for Bazel."""

import importlib.util
import os
import sys

import pytest

WATCH = "tests.support.schema_watch"


def watched() -> bool:
    """Tells whether the test has what holds documents to their schemas."""
    try:
        return importlib.util.find_spec(WATCH) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    junit = os.environ.get("XML_OUTPUT_FILE")
    options = ["-p", "no:cacheprovider", "--strict-markers", "-W", "error", "-o", "junit_logging=all"]
    options += [f"--junitxml={junit}"] if junit else []
    options += ["-p", WATCH] if watched() else []
    raise SystemExit(pytest.main([*options, *sys.argv[1:]]))
