"""The `PyInfo` provider."""

load("//python/private:builtin.bzl", "builtin")

PyInfo = builtin.PyInfo
