"""What bazel says of a workspace, and what of it is released."""

import pytest

from release_kit.engines.init.targets import Push, Target, read
from release_kit.errors import InputError
from tests.support.init_workspaces import rule


def labels(output: str) -> list[str]:
    return [image.label for image in read(output).images]


def test_what_an_index_or_another_image_consists_of_is_not_released() -> None:
    output = rule("//a:index", "oci_image_index", images=["//a:one", "@//a:two"])
    output += "".join(rule(f"//a:{name}", "oci_image") for name in ("one", "two", "base"))
    output += rule("//a:top", "oci_image", base="@@//a:base")
    output += rule("//a:all", "image_index", manifests=["//a:part"]) + rule("//a:part", "image_manifest")
    assert labels(output) == ["//a:all", "//a:index", "//a:top"]


def test_an_image_for_tests_is_not_released() -> None:
    assert labels(rule("//a:x", "oci_image", testonly="true") + rule("//a:y", "oci_image", testonly="false")) == [
        "//a:y"
    ]


@pytest.mark.parametrize(
    ("rules", "released", "bases"),
    [
        ([rule("//a:t", "oci_image", base="//a:x", testonly="true")], ["//a:x"], ()),
        ([rule("//a:t", "oci_image", base="//a:x")], ["//a:t"], ("//a:x",)),
        ([rule("//a:t", "oci_image", base="//a:y"), rule("//a:y", "alias", actual="//a:x")], ["//a:t"], ("//a:x",)),
        ([rule("//a:t", "oci_image", base="//a:x"), rule("//a:p", "oci_push", image="//a:x")], ["//a:t", "//a:x"], ()),
        ([rule("//a:t", "oci_image_index", images=["//a:x"]), rule("//a:p", "oci_push", image="//a:x")], ["//a:t"], ()),
    ],
)
def test_what_another_image_stands_on_is_released_where_it_ships(
    rules: list[str], released: list[str], bases: tuple[str, ...]
) -> None:
    found = read("".join([rule("//a:x", "oci_image"), *rules]))
    assert ([image.label for image in found.images], found.bases) == (released, bases)


def test_aliases_are_what_they_stand_for() -> None:
    output = rule("//a:x", "oci_image") + rule("//a:p", "oci_push", image="//a:one")
    output += rule("//a:one", "alias", actual="//a:two") + rule("//a:two", "alias", actual="@@//a:x")
    output += rule("//a:loop", "alias", actual="//a:loop") + rule("//r:set", "release_set", inputs=("//a:two",))
    found = read(output)
    assert (found.pushes[0].image, found.sets) == ("//a:x", {"//r:set": frozenset({"//a:x"})})


def test_who_sees_an_image_is_kept() -> None:
    output = rule("//a/b:x", "oci_image", visibility=["//release:__pkg__"])
    assert read(output).images == (Target("//a/b:x", ("//release:__pkg__",)),)
    assert (read(output).images[0].package, read(output).images[0].name) == ("a/b", "x")


def test_pushes_of_both_rule_sets_are_read() -> None:
    output = rule("//a:p", "oci_push", image="//a:x", repository="ghcr.io/acme/x", remote_tags="//a:tags")
    output += rule("//a:q", "image_push", image="//a:y", registry="ghcr.io", repository="acme/y", tag="")
    assert read(output).pushes == (
        Push("//a:p", "//a:x", "ghcr.io/acme/x", has_tags=True),
        Push("//a:q", "//a:y", "ghcr.io/acme/y", has_tags=False),
    )


def test_a_repository_that_a_build_chooses_is_none() -> None:
    output = rule("//a:p", "oci_push", image="//a:x", repository=["ghcr.io/a/x", "ghcr.io/b/x"])
    assert read(output).pushes[0].address == ""


def test_charts_and_sets_that_are_there_are_found() -> None:
    found = read(rule("//c:chart", "chart_folder") + rule("//r:push.set", "release_set", inputs=("//a:x", "//c:chart")))
    assert found.charts == {"c": Target("//c:chart", ())}
    assert found.sets == {"//r:push.set": frozenset({"//a:x", "//c:chart"})}


@pytest.mark.parametrize(
    "output", ["nonsense", "[]", '{"rule": {}}', '{"type": "RULE"}', '{"type": "RULE", "rule": 1}', "[" * 9999]
)
def test_another_answer_is_an_error_with_its_line(output: str) -> None:
    with pytest.raises(InputError, match="bazel query: line 2: expected a target as JSON") as caught:
        read('{"type": "SOURCE_FILE"}\n' + output)
    assert "--bazel" in caught.value.remedy
