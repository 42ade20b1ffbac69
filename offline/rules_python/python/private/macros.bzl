"""Bazel's built-in rules with the attributes of rules_python that they lack, which do nothing here."""

load(":builtin.bzl", "builtin")

visibility("//python/...")

# There is one Python in the root, no type checker, and nothing is precompiled.
_IGNORED = [
    "config_settings",
    "interpreter_args",
    "precompile",
    "precompile_invalidation_mode",
    "precompile_optimize_level",
    "precompile_source_retention",
    "pyc_collection",
    "pyi_deps",
    "pyi_srcs",
    "python_version",
]

def _known(attrs):
    return {name: value for name, value in attrs.items() if name not in _IGNORED}

def py_binary(name, **kwargs):
    """An executable Python program.

    Args:
      name: The name of the target.
      **kwargs: As in rules_python.
    """
    builtin.py_binary(name = name, **_known(kwargs))

def py_library(name, **kwargs):
    """A Python library.

    Args:
      name: The name of the target.
      **kwargs: As in rules_python.
    """
    builtin.py_library(name = name, **_known(kwargs))

def py_test(name, **kwargs):
    """A Python test.

    Args:
      name: The name of the target.
      **kwargs: As in rules_python.
    """
    builtin.py_test(name = name, **_known(kwargs))
