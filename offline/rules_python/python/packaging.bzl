"""The rule of rules_python that builds wheels."""

load("//python/private:py_wheel.bzl", _py_wheel = "py_wheel")

py_wheel = _py_wheel
