"""The `PyRuntimeInfo` provider."""

load("//python/private:builtin.bzl", "builtin")

PyRuntimeInfo = builtin.PyRuntimeInfo
