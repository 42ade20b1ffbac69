"""The `py_binary` rule."""

load("//python/private:macros.bzl", _py_binary = "py_binary")

py_binary = _py_binary
