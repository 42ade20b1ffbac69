"""The `py_library` rule."""

load("//python/private:macros.bzl", _py_library = "py_library")

py_library = _py_library
