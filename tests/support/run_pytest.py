"""Runs pytest on the test files that a pytest_test target names, and leaves a JUnit file for Bazel."""

import os
import sys

import pytest

if __name__ == "__main__":
    junit = os.environ.get("XML_OUTPUT_FILE")
    options = ["-p", "no:cacheprovider", "--strict-markers", "-W", "error", "-o", "junit_logging=all"]
    options += [f"--junitxml={junit}"] if junit else []
    raise SystemExit(pytest.main([*options, *sys.argv[1:]]))
