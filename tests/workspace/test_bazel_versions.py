"""Bazel 7.7, 8 and 9: no file has what later ones lack, and the consumer holds under their rules."""

from pathlib import Path

from tests.interop.starlark import faults
from tests.workspace.clones import Clone

STARLARK = ("*.bzl", "*.bazel", "*.BUILD")
# It stands on the built-in rules of the Bazel that it is made for, and on none other.
OFFLINE = "offline/"
# Of those that Bazel 8 and 9 have made the rule, what 7.7 knows and its own files stand.
LATER = (
    "--incompatible_autoload_externally=-@rules_android",
    "--incompatible_config_setting_private_default_visibility",
    "--incompatible_disable_native_repo_rules",
    "--incompatible_disable_starlark_host_transitions",
    "--incompatible_disable_target_provider_fields",
    "--incompatible_disallow_empty_glob",
    "--incompatible_enforce_config_setting_visibility",
    "--incompatible_struct_has_no_methods",
    "--incompatible_use_plus_in_repo_names",
)


def starlark(clone: Clone) -> list[Path]:
    names = clone.git("ls-files", *STARLARK).splitlines()
    return [clone.folder / name for name in names if not name.startswith(OFFLINE)]


def test_no_file_uses_what_bazel_8_or_9_lacks(clone: Clone) -> None:
    files = starlark(clone)
    assert clone.folder / "bazel" / "push_targets.bzl" in files
    assert clone.folder / "tests" / "consumer" / "MODULE.bazel" in files
    found = [
        f"{path.relative_to(clone.folder)}:{fault.line}: {fault.message}"
        for path in files
        for fault in faults(path.read_text())
    ]
    assert found == []


def test_no_file_is_for_workspace(clone: Clone) -> None:
    assert clone.git("ls-files", "*WORKSPACE", "*WORKSPACE.*") == ""


def test_the_consumer_holds_under_the_rules_of_later_releases(clone: Clone) -> None:
    clone.bazel("build", "--nobuild", *LATER, "//...", folder="tests/consumer")


def test_no_package_of_the_module_has_an_empty_glob(clone: Clone) -> None:
    clone.bazel("query", "--incompatible_disallow_empty_glob", "--output=package", "//bazel/... + //tools/...")
