"""Finds in a Starlark file what later releases of Bazel no longer have.

Starlark's grammar is a part of Python's, so Python parses it. What is looked for:

- rules, providers and modules that Bazel 8 and 9 no longer predeclare, and that a file must load (Bazel's table of
  `--incompatible_autoload_externally`), also as `native.<rule>`;
- functions and fields that are gone from the API of rules and repository rules;
- labels in `@bazel_tools` that are gone, and canonical repository names, whose separator changed with Bazel 8.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

_RULES = """
aar_import android_binary android_library android_local_test android_sdk android_tools_defaults_jar available_xcodes
cc_binary cc_import cc_library cc_proto_library cc_shared_library cc_test cc_toolchain cc_toolchain_suite
fdo_prefetch_hints fdo_profile java_binary java_import java_library java_lite_proto_library java_package_configuration
java_plugin java_proto_library java_runtime java_test java_toolchain memprof_profile objc_import objc_library
propeller_optimize proto_lang_toolchain proto_library py_binary py_library py_runtime py_test sh_binary sh_library
sh_test xcode_config xcode_config_alias xcode_version
"""
_SYMBOLS = """
AndroidIdeInfo CcInfo CcSharedLibraryHintInfo CcSharedLibraryInfo CcToolchainConfigInfo DebugPackageInfo JavaInfo
JavaPluginInfo ProguardSpecProvider ProtoInfo PyCcLinkParamsProvider PyInfo PyRuntimeInfo apple_common cc_common
cc_proto_aspect java_common proto_common_do_not_use
"""
# Of WORKSPACE, which Bazel 9 does not read, and repository rules that were part of Bazel until 8.
_REPOSITORIES = """
android_ndk_repository android_sdk_repository bind http_archive http_file git_repository local_config_platform
local_repository new_git_repository new_local_repository workspace
"""
MUST_BE_LOADED = frozenset(f"{_RULES} {_SYMBOLS} {_REPOSITORIES}".split())

# Attribute -> what it was an attribute of, as files call that; None for whatever it is.
_REMOVED_ATTRIBUTES: dict[str, set[str] | None] = {
    "check_placeholders": {"ctx"},
    "create_file": {"ctx"},
    "empty_action": {"ctx"},
    "file_action": {"ctx"},
    "new_file": {"ctx"},
    "resolve_command": {"ctx"},
    "resolve_tools": {"ctx"},
    "template_action": {"ctx"},
    "to_json": None,
    "to_proto": None,
    "tokenize": {"ctx"},
}
_GONE_LABELS = re.compile(
    r"@bazel_tools//(tools/(android|jdk|objc|osx|python:py)|platforms|third_party/py/six)|@local_config_platform//"
)
_CANONICAL = re.compile(r"@@?[\w.-]+[~+][\w.~+-]*//|external/[\w.-]+[~+]")


class Fault(NamedTuple):
    """What a file has that a later Bazel lacks."""

    line: int
    message: str


def faults(text: str) -> list[Fault]:
    """Reads a BUILD, MODULE.bazel, REPO.bazel or .bzl file.

    Raises:
        SyntaxError: it is no Starlark.
    """
    tree = ast.parse(text)
    bound = set(_bound(tree))
    found = [fault for node in ast.walk(tree) for fault in _faults(node, bound)]
    return sorted(found)


def _bound(tree: ast.Module) -> Iterator[str]:
    """Names the file gives a meaning to: loaded, assigned, defined, parameters."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "load":
            yield from (str(argument.value) for argument in node.args[1:] if isinstance(argument, ast.Constant))
            yield from (keyword.arg or "" for keyword in node.keywords)


def _faults(node: ast.AST, bound: set[str]) -> Iterator[Fault]:
    if isinstance(node, ast.Name) and node.id in MUST_BE_LOADED - bound:
        yield Fault(node.lineno, f"{node.id} is not loaded: Bazel 9 does not predeclare it")
    elif isinstance(node, ast.Attribute):
        yield from _attribute_faults(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from _label_faults(node.lineno, node.value)


def _attribute_faults(node: ast.Attribute) -> Iterator[Fault]:
    owner = node.value.id if isinstance(node.value, ast.Name) else ""
    if owner == "native" and node.attr in MUST_BE_LOADED:
        yield Fault(node.lineno, f"native.{node.attr} is gone from Bazel 9: load it")
    if node.attr in _REMOVED_ATTRIBUTES:
        owners = _REMOVED_ATTRIBUTES[node.attr]
        if owners is None or owner in owners:
            yield Fault(node.lineno, f"{owner or '...'}.{node.attr} is gone from the API")


def _label_faults(line: int, text: str) -> Iterator[Fault]:
    # What is written for people, such as a docstring, is no label.
    if "\n" in text or " " in text:
        return
    if _GONE_LABELS.search(text):
        yield Fault(line, f"{text} is gone from Bazel's own tools")
    if _CANONICAL.search(text):
        yield Fault(line, f"{text} is a canonical repository name, which differs between releases of Bazel")
