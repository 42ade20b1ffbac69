"""The `py_import` rule: a library of what others have built."""

load("//python/private:macros.bzl", "py_library")

py_import = py_library
