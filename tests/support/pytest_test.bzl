"""Python tests run by pytest."""

load("@rules_python//python:py_test.bzl", "py_test")

def pytest_test(name, srcs, deps = [], args = [], **kwargs):
    """Declares a test that runs pytest on its sources.

    Args:
      name: string
      srcs: list[label]: test files; files beside them that are no tests, such as conftest.py, go along
      deps: list[label]
      args: list[string]: further arguments for pytest
      **kwargs: further attributes of py_test
    """
    tests = [src for src in srcs if src.split("/")[-1].startswith("test_")]
    py_test(
        name = name,
        srcs = srcs + ["//tests/support:run_pytest.py"],
        args = ["$(rootpath {})".format(test) for test in tests] + args,
        # Nobody's home: a test must not read what the user has configured.
        env = {"HOME": "/nonexistent"},
        main = "//tests/support:run_pytest.py",
        deps = deps + ["@dev_pypi//pytest"],
        **kwargs
    )
