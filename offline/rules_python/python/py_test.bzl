"""The `py_test` rule."""

load("//python/private:macros.bzl", _py_test = "py_test")

py_test = _py_test
