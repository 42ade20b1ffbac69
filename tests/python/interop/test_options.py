"""The runner's command line: what is wrong with a checkout is said before anything is built."""

from pathlib import Path

import pytest

from release_kit.errors import InputError
from tests.interop.options import parse


@pytest.fixture
def rules_oci(tmp_path: Path) -> Path:
    folder = tmp_path / "rules_oci"
    folder.mkdir()
    (folder / "MODULE.bazel").write_text('"doc"\n\nmodule(\n    name = "rules_oci",\n    compatibility_level = 1,\n)\n')
    return folder


def test_a_relative_path_starts_where_the_user_is(rules_oci: Path) -> None:
    options = parse(["--rules_oci", "rules_oci", "--folder", "built"], rules_oci.parent)
    assert (options.modules, options.rule_sets) == ({"rules_oci": rules_oci}, ("rules_oci",))
    assert (options.folder, options.shapes) == (str(rules_oci.parent / "built"), "")


def test_flags_are_kept_in_order(rules_oci: Path) -> None:
    given = ["--rules_oci=rules_oci", "--toolchains=@a//:all", "--toolchains=@b//:all", "--bazel_flag=--config=x"]
    options = parse(given, rules_oci.parent)
    assert (options.toolchains, options.bazel_flags) == (("@a//:all", "@b//:all"), ("--config=x",))


def test_without_a_checkout_it_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        parse([], tmp_path)
    assert "--rules_oci PATH or --rules_img PATH" in caught.value.remedy


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="rules_img: .*/nowhere is no folder"):
        parse(["--rules_img", "nowhere"], tmp_path)


def test_a_folder_without_a_module_is_no_checkout(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no MODULE.bazel"):
        parse(["--rules_oci", "."], tmp_path)


def test_another_modules_checkout_is_refused(rules_oci: Path) -> None:
    with pytest.raises(InputError, match="rules_img: .* declares the module rules_oci"):
        parse(["--rules_img", "rules_oci"], rules_oci.parent)


def test_a_module_needs_a_name_and_a_path(rules_oci: Path) -> None:
    with pytest.raises(InputError, match="expected NAME=PATH"):
        parse(["--rules_oci", "rules_oci", "--module", "jq.bzl"], rules_oci.parent)
