"""Tests that run one release-kit command."""

load("@rules_python//python:py_test.bzl", "py_test")

visibility(["//bazel", "//bazel/private/gitops"])

_MAIN = Label("//tools:release_kit/__main__.py")

def kit_test(name, kit = "release_kit_environments", deps = [], **kwargs):
    """Declares a test that passes where a release-kit command ends with 0.

    Args:
      name: string
      kit: string: the library in //tools with what the command needs
      deps: list[label]: other Python libraries
      **kwargs: attributes of py_test: `args`, the command and its arguments, `data`, and those common to all tests
    """
    py_test(
        name = name,
        srcs = [_MAIN],
        main = _MAIN,
        deps = [Label("//tools:" + kit)] + deps,
        **({"size": "small"} | kwargs)
    )
