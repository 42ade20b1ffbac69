"""Tests that hold a chart to one gate each, and the program that writes its goldens."""

load("@rules_python//python:py_binary.bzl", "py_binary")
load("@rules_python//python:py_test.bzl", "py_test")

visibility(["//bazel/private/helm"])

_MAIN = Label("//tools:release_kit/__main__.py")
_DEPS = [Label("//tools:release_kit_charts")]

def _program(rule, name, folder, options, flags, **kwargs):
    args = ["chart", "gate", "$(rootpath {})".format(folder)]
    for option, label in options:
        args += [option, "$(rootpath {})".format(label)]
    rule(
        name = name,
        srcs = [_MAIN],
        args = args + flags,
        data = [folder] + [label for _, label in options],
        main = _MAIN,
        deps = _DEPS,
        **kwargs
    )

def gate_test(name, gate, folder, options, **kwargs):
    """Declares a test of one gate, with its key among its tags: `gate-lint`.

    Args:
      name: string
      gate: string: its key
      folder: label: the chart's directory
      options: list[tuple[string, label]]: options of `chart gate` that name files
      **kwargs: attributes common to all tests
    """
    tags = kwargs.pop("tags", []) + ["gate-" + gate]
    _program(py_test, name, folder, options, ["--gates", gate], tags = tags, **({"size": "small"} | kwargs))

def golden_update(name, folder, options, **kwargs):
    """Declares a program that writes the goldens anew, in the source tree.

    Args:
      name: string
      folder: label: the chart's directory
      options: list[tuple[string, label]]: options of `chart gate` that name files
      **kwargs: attributes common to all rules
    """
    _program(py_binary, name, folder, options, ["--update-golden"], **kwargs)
