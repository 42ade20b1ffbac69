"""The module that the runner writes."""

import gzip
import hashlib
import io
import re
import tarfile
from pathlib import Path

import pytest

from tests.interop import scratch
from tests.interop.images import make_tar
from tests.interop.report import Finding, summary, table


def test_every_image_of_a_package_is_in_the_release() -> None:
    for file, images in (("BUILD.bazel", scratch.OCI_IMAGES), ("img.BUILD", scratch.IMG_IMAGES)):
        text = (scratch.IMAGES / file).read_text()
        declared = re.findall(
            r'^(?:oci_image|oci_image_index|image_manifest|image_index)\(\n    name = "(\w+)"', text, re.M
        )
        assert sorted({*declared} - {"portable"}) == sorted(images)


def test_one_set_has_the_images_of_both_rule_sets_in_repositories_of_their_own() -> None:
    text = scratch.build_text(("rules_oci", "rules_img"))
    entries = re.findall(r'"//(\w+:\w+)": "([\w/-]+)"', text)
    assert len(entries) == len({repository for _, repository in entries}) == len(dict(entries))
    assert len(entries) == len(scratch.OCI_IMAGES) + len(scratch.IMG_IMAGES)


def test_only_rules_oci_brings_an_oci_push() -> None:
    assert "oci_push" in scratch.build_text(("rules_oci",))
    assert "rules_oci" not in scratch.build_text(("rules_img",))


def test_each_module_is_a_dependency_once_and_toolchains_come_in_order() -> None:
    made = scratch.Scratch(Path("/r"), ("rules_oci",), ("rules_oci", "jq.bzl"), ("@a//:all", "@b//:all"))
    text = scratch.module_text(made)
    names = re.findall(r'bazel_dep\(name = "([^"]+)"', text)
    assert len(names) == len(set(names))
    assert {"rules_oci", "jq.bzl", "rules_release"} <= set(names)
    assert text.index("@a//:all") < text.index("@b//:all")


def test_writing_again_replaces_what_was_there(tmp_path: Path) -> None:
    made = scratch.Scratch(Path("/r"), ("rules_oci", "rules_img"))
    scratch.write(tmp_path, made)
    scratch.write(tmp_path, made)
    assert (tmp_path / "img" / "BUILD.bazel").read_text() == (scratch.IMAGES / "img.BUILD").read_text()
    assert (tmp_path / "images" / "make_tar.py").is_file()


@pytest.mark.parametrize("kind", ["plain", "gzip", "zstd"])
def test_a_layer_is_the_same_bytes_each_time(kind: str) -> None:
    assert make_tar.layer(kind, "text") == make_tar.layer(kind, "text")


def test_a_gzip_layer_holds_the_text() -> None:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(make_tar.layer("gzip", "text")))) as packed:
        content = packed.extractfile("content.txt")
        assert content is not None
        assert content.read() == b"text"


def test_a_zstd_frame_is_what_other_programs_read() -> None:
    zstandard = pytest.importorskip("compression.zstd", reason="needs Python 3.14")
    for size in (0, 10, 128 * 1024, 300_000):
        content = hashlib.shake_128(b"seed").digest(size)
        assert zstandard.decompress(make_tar.zstd(content)) == content


def test_the_table_says_why_something_failed_or_was_skipped() -> None:
    findings = [
        Finding("a", "is read"),
        Finding("long", "is read", reason="line 1\nline 2"),
        Finding("c", "is read", skipped="crane is not on PATH"),
    ]
    assert table(findings) == (
        "a     is read  holds\n"
        "long  is read  FAILED\n    line 1\n    line 2\n"
        "c     is read  skipped\n    crane is not on PATH\n"
    )
    assert summary(findings) == "1 hold, 1 failed, 1 skipped"
