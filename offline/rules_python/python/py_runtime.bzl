"""The `py_runtime` rule."""

load("//python/private:builtin.bzl", "builtin")

py_runtime = builtin.py_runtime
