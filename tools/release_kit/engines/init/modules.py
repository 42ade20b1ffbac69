"""The modules that a release needs: rules_release, and the helm that renders charts."""

import ast
import re
from collections.abc import Iterator

from release_kit.engines.init.edits import Edits
from release_kit.engines.init.starlark import Source, argument, called, quoted, text
from release_kit.errors import InputError

MODULE = "MODULE.bazel"
_MAX_INCLUDES = 100
_INCLUDED = re.compile(r"//(?P<package>[^:]*):(?P<name>.+)", re.DOTALL)
_HELM = """\

# Which helm renders the charts: the one of this machine.
"""


def _sources(edits: Edits) -> Iterator[Source]:
    """Yields MODULE.bazel, and the files that it includes."""
    paths = [MODULE]
    for path in paths:
        if edits.text(path) is None:
            continue
        source = edits.source(path)
        yield source
        named = [_INCLUDED.fullmatch(text(each)) for call in source.calls("include") for each in _values(call)]
        found = ["/".join(filter(None, each.group("package", "name"))) for each in named if each]
        paths += [each for each in dict.fromkeys(found) if each not in paths][: _MAX_INCLUDES - len(paths)]


def _values(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(each.value for each in call.keywords)]


def repository(edits: Edits, version: str) -> str:
    """Returns the name that the workspace has for rules_release; adds the dependency where there is none.

    Raises:
        InputError: the workspace has no MODULE.bazel, or that is no Starlark.
    """
    if edits.text(MODULE) is None:
        raise InputError(f"{MODULE}: is not there", "run this in a workspace of Bazel modules, or name its folder")
    for source in _sources(edits):
        for call in source.calls("bazel_dep"):
            if argument(call, "name") == "rules_release":
                return argument(call, "repo_name") or "rules_release"
    source = edits.source(MODULE)
    line = f'bazel_dep(name = "rules_release", version = {quoted(version)})\n'
    place = source.after_last("bazel_dep", line) or source.after_last("module", f"\n{line}") or source.end(line)
    edits.insert(MODULE, place)
    return "rules_release"


def helm(edits: Edits, rules: str, major: str) -> str:
    """Declares which helm renders charts, unless the workspace does; returns its major version."""
    for source in _sources(edits):
        for call in source.calls("use_extension"):
            if [*map(text, call.args)] == [f"@{rules}//bazel:extensions.bzl", "helm"]:
                return _declared(source, source.assigned(call)) or major
    source = edits.source(MODULE)
    name = "helm" if "helm" not in source.names() else "release_helm"
    call_text = called(f"{name}.local", {"version": major}).replace("(\n    ", "(").replace(",\n)", ")")
    declaration = f'{name} = use_extension("@{rules}//bazel:extensions.bzl", "helm")\n{call_text}'
    edits.insert(MODULE, source.end(_HELM.lstrip("\n") + declaration))
    return major


def _declared(source: Source, variable: str) -> str:
    """Returns the newest major version that a file declares."""
    tags = [call for tag in ("local", "toolchain") for call in source.calls(f"{variable}.{tag}")]
    return max((argument(call, "version").partition(".")[0] for call in tags), default="")
