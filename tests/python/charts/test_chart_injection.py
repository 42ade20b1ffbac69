"""Images written into values: only the named scalars change, and a wrong path says where images could be."""

import itertools
import json
import re
import subprocess
from pathlib import Path

import pytest

from release_kit.engines.chart.injection import Injection, inject
from release_kit.errors import InputError
from release_kit.values.yaml_source import read_one
from tests.support.helm import BOTH, helm

DIGEST = f"sha256:{'ab' * 32}"
OTHER_DIGEST = f"sha256:{'cd' * 32}"
CORE = "ghcr.io/acme/core"
WHOLE = f"{CORE}:v1.2.3@{DIGEST}"


def image(path: str, repository: str = CORE, tag: str = "v1.2.3", digest: str = DIGEST) -> Injection:
    return Injection(path, repository, tag, digest)


def refused(text: str, *injections: Injection) -> InputError:
    with pytest.raises(InputError) as caught:
        inject(text, injections, "shop/values.yaml")
    assert caught.value.message.startswith("shop/values.yaml")
    return caught.value


def test_repository_tag_and_digest_of_a_mapping_are_set_and_nothing_else() -> None:
    before = """\
# All images.
images:
    core:   # the core
        repository: "localhost/core"   # moves
        tag: 'latest'
        digest: ""

        pullPolicy: IfNotPresent
replicas: 3
"""
    after = (
        before.replace("localhost/core", CORE).replace("latest", "v1.2.3").replace('digest: ""', f'digest: "{DIGEST}"')
    )
    assert inject(before, [image("images.core")]) == after


def test_keys_that_are_not_there_are_not_added() -> None:
    assert (
        inject("core:\n  repository: x\n  tag: y1\n", [image("core")])
        == f"core:\n  repository: {CORE}\n  tag: v1.2.3\n"
    )
    assert inject("core:\n  digest:\n  repository: x\n", [image("core")]) == (
        f"core:\n  digest: {DIGEST}\n  repository: {CORE}\n"
    )


@pytest.mark.parametrize(
    ("before", "registry", "repository"),
    [
        ("docker.io", "ghcr.io", "acme/core"),
        ('""', '"ghcr.io"', "acme/core"),
        ("ghcr.io/acme", "ghcr.io/acme", "core"),
        ("ghcr.io/acm", "ghcr.io", "acme/core"),
        ("docker.io/", "ghcr.io/", "acme/core"),
        ("", "ghcr.io", "acme/core"),
    ],
)
def test_a_registry_of_its_own_gets_its_part_of_the_repository(before: str, registry: str, repository: str) -> None:
    text = f"core:\n  registry: {before}\n  repository: x\n  tag: y1\n"
    expected = f"core:\n  registry: {registry}\n  repository: {repository}\n  tag: v1.2.3\n"
    assert inject(text.replace(": \n", ":\n"), [image("core")]) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("image: old", f"image: {WHOLE}"),
        ("image: 'old'", f"image: '{WHOLE}'"),
        ('image: "old" # c', f'image: "{WHOLE}" # c'),
        ("image:\nb: 1", f"image: {WHOLE}\nb: 1"),
        ("image: # c\nb: 1", f"image: {WHOLE} # c\nb: 1"),
        ("image: ~\n", f"image: {WHOLE}\n"),
        ("image: ''", f"image: '{WHOLE}'"),
        ("image: !!str old # c\n", f"image: !!str {WHOLE} # c\n"),
        ("image: &image old\n", f"image: &image {WHOLE}\n"),
        ("image: &image # c\n", f"image: &image {WHOLE} # c\n"),
        ("image:\n  old/\n  folded # c\n", f"image:\n  {WHOLE} # c\n"),
        ('image: "old\n  folded" # c\n', f'image: "{WHOLE}" # c\n'),
        ("image: >- # c\n  old\n  # no comment\n\n# d\nb: 1\n", f"image: {WHOLE} # c\n\n# d\nb: 1\n"),
        ("image: |\n  old", f"image: {WHOLE}"),
        ("image: |2+\r\n   old\r\n\r\nb: 1\r\n", f"image: {WHOLE}\r\n\r\nb: 1\r\n"),
        ("{image: old, b: 1}", f'{{image: "{WHOLE}", b: 1}}'),
        ("{image, b: 1}", f'{{image: "{WHOLE}", b: 1}}'),
        ("{b: 1, image: }\n", f'{{b: 1, image: "{WHOLE}" }}\n'),
        ('{"image": "old", "b": 1}', f'{{"image": "{WHOLE}", "b": 1}}'),
        ('{"image":"old"}', f'{{"image":"{WHOLE}"}}'),
        ("\ufeff# ünï 😀\r\nb: '😀'\r\nimage:\told # ü\r\n", f"\ufeff# ünï 😀\r\nb: '😀'\r\nimage:\t{WHOLE} # ü\r\n"),
        ("%YAML 1.1\n--- # c\nimage: old\n...\n", f"%YAML 1.1\n--- # c\nimage: {WHOLE}\n...\n"),
    ],
)
def test_a_string_or_an_empty_value_becomes_the_whole_reference_in_its_own_style(before: str, after: str) -> None:
    assert inject(before, [image("image")]) == after


ODD_TAGS = "1.20 1e3 0x1F 0o17 0b1 017 1_000 12345e67 1e999 true no null y Off 2026-01-02 0".split()  # noqa: SIM905


@pytest.mark.parametrize("tag", ODD_TAGS)
def test_a_tag_that_yaml_takes_for_something_else_is_quoted(tag: str) -> None:
    text = inject("core:\n  repository: x\n  tag: v1\n", [image("core", tag=tag)])
    assert text == f'core:\n  repository: {CORE}\n  tag: "{tag}"\n'


@pytest.mark.parametrize("major", BOTH)
def test_helm_reads_exactly_what_was_written(major: str, tmp_path: Path) -> None:
    styles = ("old", "'old'", '"old"', "", "|\n    old", "1.0", "&a{} old")
    tags = (*ODD_TAGS, "v1.2.3", "1.2.3-rc.1", "_", "latest", "a" * 128)
    text = "".join(
        f"i{at}:\n  tag: {style.format(at)}\n  repository: x\nf{at}: {{repository: x, tag: {tag}, digest}}\n"
        for at, (style, tag) in enumerate(itertools.product(styles, tags))
    )
    names = read_one(text).value
    injections = [image(name, tag=tag) for name, tag in zip(names, itertools.cycle(tags), strict=False)]
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text(inject(text, injections))
    (tmp_path / "templates/values.yaml").write_text("values: {{ toJson .Values }}")
    done = subprocess.run([helm(major), "template", tmp_path], capture_output=True, text=True, check=True)
    read = json.loads(done.stdout.partition("values: ")[2])
    pinned = {name: {"digest": DIGEST} if name.startswith("f") else {} for name in names}
    assert read == {each.path: {"repository": CORE, "tag": each.tag, **pinned[each.path]} for each in injections}


def test_a_tag_that_was_a_number_becomes_a_string() -> None:
    assert inject("core: {repository: x, tag: 1.20}", [image("core", tag="v2")]).endswith("tag: v2}")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("workers[1].image", "workers:\n- image: one\n- image: HERE\n"),
        ("[1]", "- one\n-  HERE # c\n"),
        ("[0][1]", "[[one, HERE]]"),
        ('"a.b".image', "a.b:\n  image: HERE\n"),
        ("'a.b'.image", "'a.b': {image: HERE}\n"),
        ("charts['a.b'].image", 'charts: {"a.b": {image: HERE}}\n'),
        (r'"a\"b"', 'a"b: HERE\n'),
        ("true.image", "on:\n  image: HERE\n"),
        ("1.image", "1:\n  image: HERE\n"),
        ("a-b_c.i m", "a-b_c:\n  i m: HERE\n"),
        ("größe", "größe: HERE\n"),
    ],
)
def test_paths_reach_list_items_and_keys_of_any_name(path: str, text: str) -> None:
    after = inject(text, [image(path)])
    quoted = text.replace("HERE", f'"{WHOLE}"' if re.search(r"[{\[]", text) else WHOLE)
    assert after == quoted


def test_several_images_are_written_at_once() -> None:
    text = "a: one\nb: {repository: x, tag: two, digest: three}\nc: |-\n  four\n"
    after = inject(
        text, [image("c"), image("a", tag="", digest=OTHER_DIGEST), image("b", digest="", repository="r.io/x/y")]
    )
    assert after == f'a: {CORE}@{OTHER_DIGEST}\nb: {{repository: r.io/x/y, tag: v1.2.3, digest: ""}}\nc: {WHOLE}\n'


def test_without_images_a_text_stays_as_it_is_whatever_it_is() -> None:
    assert inject("a: [", []) == "a: ["


def test_writing_the_same_images_again_changes_nothing() -> None:
    injections = [image("images.core"), image("images.web"), image("web")]
    once = inject("images:\n  core: {repository: x, tag: y1}\n  web:\nweb: |\n  z\n", injections)
    assert inject(once, injections) == once


def test_an_alias_becomes_a_scalar_of_its_own_and_other_places_stay() -> None:
    text = "tags:\n  appTag: &appTag latest\ncore: {repository: x, tag: *appTag}\nweb:\n  tag: *appTag # c\n"
    assert inject(text, [image("core")]) == text.replace("x, tag: *appTag", f"{CORE}, tag: v1.2.3")


def test_an_anchored_scalar_changes_where_all_its_aliases_do() -> None:
    text = "a: &image old\nb: *image\nc: *image\n"
    assert inject(text, [image(name) for name in "abc"]) == f"a: &image {WHOLE}\nb: {WHOLE}\nc: {WHOLE}\n"
    error = refused(text, image("a"), image("b"))
    assert (
        "values.yaml:1: a: has the anchor &image, and a change here would also change what its alias in line 3"
        in str(error)
    )
    assert "name its place for a change, too" in error.remedy


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("base: &base\n  repository: x\n  tag: y\ncore: *base\n", "base", "stands in what has the anchor &base"),
        (
            "base: &base\n  repository: x\n  tag: y\ncore: *base\n",
            "core",
            "'core' is the alias *base of what stands in line 1",
        ),
        ("base: &base\n  image: x\ncore: *base\n", "core.image", "'core' is the alias *base of what stands in line 1"),
        ("base: &base\n  image: x\ncore:\n  <<: *base\n", "core.image", "'image' comes from a merge key (<<)"),
        ("base: &base\n  image: x\ncore:\n  <<: *base\n", "base.image", "stands in what has the anchor &base"),
        (
            "base: &base\n  tag: x\ncore:\n  <<: *base\n  repository: x\n",
            "core",
            "core.tag: 'tag' comes from a merge key",
        ),
        (
            "base: &base\n  tag: x\ncore:\n  <<: [*base]\n  repository: x\n",
            "core",
            "core.tag: 'tag' comes from a merge key",
        ),
    ],
)
def test_a_change_that_would_move_other_places_is_refused(text: str, path: str, message: str) -> None:
    error = refused(text, image(path))
    assert message in error.message
    assert error.remedy


def test_a_key_beside_a_merge_is_the_places_own() -> None:
    text = "base: &base\n  image: x\ncore:\n  <<: *base\n  image: old\n"
    assert inject(text, [image("core.image")]) == text.replace("old", WHOLE)


VALUES = """\
replicas: 3
image:
  pullPolicy: IfNotPresent
  tag: latest
images:
  core:
    repository: ghcr.io/acme/core
    tag: latest
  web: ghcr.io/acme/web:latest
  agent:
workers:
- name: one
  image: worker
- name: two
  image: worker
sidecar: {ref: "docker.io/library/envoy:v1"}
"""


@pytest.mark.parametrize(
    ("path", "message", "nearest"),
    [
        ("images.cor", "values.yaml:6: images.cor: 'images' has no key 'cor'", "images.core, "),
        ("image.core", "values.yaml:3: image.core: 'image' has no key 'core'", "images.core, "),
        (
            "workers[2].image",
            "values.yaml:12: workers[2].image: the list 'workers' has 2 items",
            "workers[0].image, workers[1]",
        ),
        ("images[0]", "'images' is no list but a mapping", "images.web"),
        ("images.web.tag", "values.yaml:9: images.web.tag: 'images.web' has no keys, it is a scalar", "images.web, "),
        ("replicas", "expected a string or a mapping with 'repository', found 3", "images.agent"),
        (
            "image",
            "values.yaml:3: image: expected a string or a mapping with 'repository', found one with 'pullPolicy'",
            "images.",
        ),
        ("workers", "found a list", "workers[0].image, workers[1].image"),
        ("side", "the document has no key 'side'", "sidecar.ref"),
    ],
)
def test_a_wrong_path_names_the_nearest_places_that_could_hold_an_image(path: str, message: str, nearest: str) -> None:
    error = refused(VALUES, image(path))
    assert message in error.message
    assert f"nearest are: {nearest}" in error.remedy or ("nearest are: " in error.remedy and nearest in error.remedy)
    assert not re.search(r"pullPolicy|\btag\b|replicas|name\b", error.remedy.partition("nearest are:")[2])


def test_a_key_name_on_a_list_is_told_how_to_name_an_item() -> None:
    error = refused(VALUES, image("workers.image"))
    assert "'workers' has no keys, it is a list" in error.message
    assert error.remedy == "name one of its items, such as workers[0]"


def test_a_values_file_without_any_image_says_so() -> None:
    assert "could hold an image" in refused("a: 1\n", image("b")).remedy
    assert "the file is empty" in refused("# nothing\n", image("b")).message


def test_a_part_of_an_image_is_told_from_the_whole() -> None:
    error = refused(VALUES, image("images.core.tag"))
    assert "images.core.tag: is only a part of an image" in error.message
    assert error.remedy == "name the whole of it: images.core"


def test_a_mapping_without_tag_and_digest_says_which_key_to_add() -> None:
    error = refused("core:\n  repository: x\n", image("core"))
    assert "expected a key 'tag' or 'digest', found neither" in error.message
    assert "add `tag:` or `digest:`" in error.remedy


@pytest.mark.parametrize(
    ("text", "tag", "digest", "message"),
    [
        ("core: {repository: x, tag: y1}", "", DIGEST, "the image has no tag"),
        ("core: {repository: x, digest: y}", "v1", "", "the image has no digest"),
        ("core: {repository: x, tag: y1, digest: z}", "", "", "the image has no tag and no digest"),
        ("core: {repository: x, tag: y1, digest: z}", "", DIGEST, "the one of another image would stay"),
        ("core: old", "", "", "the image has neither tag nor digest"),
    ],
)
def test_a_place_never_names_half_of_another_image(text: str, tag: str, digest: str, message: str) -> None:
    assert message in refused(text, image("core", tag=tag, digest=digest)).message


def test_a_digest_of_another_image_is_cleared_and_an_empty_one_left() -> None:
    assert inject("a: {repository: x, tag: y1, digest: z}", [image("a", digest="")]).endswith(
        'tag: v1.2.3, digest: ""}'
    )
    assert inject("a: {repository: x, tag: y1, digest: }", [image("a", digest="")]).endswith("tag: v1.2.3, digest: }")


def test_two_images_at_one_place_are_refused() -> None:
    assert "images.web: two images" in refused(VALUES, image("images.web"), image('images["web"]')).message
    error = refused(VALUES, image("images.core"), image("images.core.repository"))
    assert (
        "images.core.repository: an image is to be written here and another to images.core, around it" in error.message
    )


@pytest.mark.parametrize(
    "path", ["", ".", "a.", ".a", "a..b", "a[", "a[-1]", "a[x]", "a]", '"a', 'a"b"', "a[0]b", "a[1e3]"]
)
def test_what_is_no_path_is_refused(path: str) -> None:
    assert f"expected the path of a value, found {path!r}" in refused(VALUES, image(path)).message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "values.yaml:2: expected YAML: did not find"),
        ("image: a\n---\nimage: b\n", "values.yaml:3: expected YAML: expected one document, found more"),
        ("image: a\nimage: b\n", "values.yaml:1: image: 'image' stands more than once, in lines 1 and 2"),
        ("image: !!null x", "found the YAML tag tag:yaml.org,2002:null"),
        ("? image\n", "image: the YAML there is written in a way that can't be changed in place"),
    ],
)
def test_what_can_not_be_changed_safely_is_refused(text: str, message: str) -> None:
    assert message in refused(text, image("image")).message


@pytest.mark.parametrize(
    ("repository", "tag", "digest"),
    [
        ("core", "v1", ""),
        ("ghcr.io/Acme", "v1", ""),
        ("https://x/y", "v1", ""),
        (CORE, "v 1", ""),
        (CORE, "v1", "sha256:12"),
    ],
)
def test_what_is_no_image_is_not_written(repository: str, tag: str, digest: str) -> None:
    with pytest.raises(InputError, match="the image for images.web"):
        inject(VALUES, [image("images.web", repository, tag, digest)])


def test_a_hostile_document_ends_in_one_clear_error() -> None:
    assert "expected YAML" in refused("[" * 5000, image("image")).message
    assert "expected YAML" in refused("a: &a [*a]\nimage: x\n", image("image")).message


def test_values_of_a_thousand_images_are_still_those() -> None:
    names = [f"image{number}" for number in range(1000)]
    after = inject("".join(f"{name}: x # {name}\n" for name in names), [image(name) for name in names])
    assert read_one(after).value == dict.fromkeys(names, WHOLE)
