"""The `current_py_toolchain` rule."""

load("//python/private:current_py_toolchain.bzl", _current_py_toolchain = "current_py_toolchain")

current_py_toolchain = _current_py_toolchain
