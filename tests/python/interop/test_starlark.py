"""The search for what later releases of Bazel lack finds it, and nothing else."""

import pytest

from tests.interop.starlark import faults

FAULTY = {
    "a rule in a BUILD file": 'py_binary(name = "a")',
    "a rule of a macro": "def f():\n    native.sh_test(name = 'a')",
    "a provider": "def _impl(ctx):\n    return ctx.attr.x[CcInfo]",
    "a module": "x = java_common.compile",
    "a struct's method": "x = struct(a = 1).to_json()",
    "an old action": "def _impl(ctx):\n    ctx.file_action(output = 1)",
    "resolved tools": "def _impl(ctx):\n    ctx.resolve_tools()",
    "a repository rule of WORKSPACE": "local_repository(name = 'a')",
    "Android's tools": 'x = "@bazel_tools//tools/android:sdk"',
    "a canonical name of Bazel 7": 'x = "@@rules_python~~pip~x//:y"',
    "a canonical name of Bazel 8": 'x = "@rules_python++pip+x//:y"',
}
CLEAN = {
    "a loaded rule": 'load("@rules_python//python:py_binary.bzl", "py_binary")\npy_binary(name = "a")',
    "a loaded rule of another name": 'load("//:x.bzl", _x = "py_test", PyInfo = "Y")\nPyInfo()\n_x()',
    "a rule that stays": 'genrule(name = "a")\nfilegroup(name = "b")\nalias(name = "c")\nconfig_setting(name = "d")',
    "native things that stay": "def f():\n    native.alias(name = 'a')\n    native.package_name()",
    "a parameter of that name": "def f(cc_common):\n    return cc_common",
    "a keyword of that name": "x = struct(py_binary = 1).py_binary",
    "the shell's toolchain": 'x = "@bazel_tools//tools/sh:toolchain_type"',
    "a label": 'x = "@rules_oci//oci:defs.bzl"',
    "JSON": "x = json.encode({})",
    "a text about it": 'x = "write @@rules_python~x//:y as you like"',
}


@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_what_is_gone_is_found(text: str) -> None:
    assert len(faults(text)) == 1


@pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN)
def test_what_stays_is_left_alone(text: str) -> None:
    assert faults(text) == []


def test_a_fault_has_its_line() -> None:
    assert [fault.line for fault in faults("x = 1\n\nsh_test(name = 'a')\n")] == [3]
