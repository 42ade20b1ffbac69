"""The `py_runtime_pair` rule."""

load("//python/private:py_runtime_pair.bzl", _py_runtime_pair = "py_runtime_pair")

py_runtime_pair = _py_runtime_pair
