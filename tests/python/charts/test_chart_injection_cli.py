"""`release-kit chart inject`: the command line of writing images into values."""

import argparse
from pathlib import Path

import pytest

from release_kit.cli import chart_inject
from release_kit.cli.console import Console
from release_kit.errors import InputError

DIGEST = f"sha256:{'ab' * 32}"
VALUES = "# ünï\r\nimages:\r\n  core: {repository: x, tag: y1} # c\r\n  web: 'old'"


def command(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    chart_inject.add_arguments(parser)
    return chart_inject.run(parser.parse_args(arguments), Console())


@pytest.fixture(name="values")
def values_fixture(tmp_path: Path) -> Path:
    path = tmp_path / "values.yaml"
    path.write_bytes(VALUES.encode())
    return path


def test_values_are_written_to_stdout_and_the_file_stays(values: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(str(values), "--image", "images.web=ghcr.io/acme/web:v1.2.3") == 0
    assert capsys.readouterr().out == VALUES.replace("old", "ghcr.io/acme/web:v1.2.3") + "\n"
    assert values.read_bytes() == VALUES.encode()


def test_a_file_can_be_written_over_itself_byte_for_byte(values: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images = ["--image", f"images.web=localhost:5000/web@{DIGEST}", "--image", f"images.core=r.io/core:v2@{DIGEST}"]
    assert command(str(values), *images, "--output", str(values)) == 0
    expected = VALUES.replace("old", f"localhost:5000/web@{DIGEST}").replace("x, tag: y1", "r.io/core, tag: v2")
    assert values.read_bytes() == expected.encode()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("a=r.io/b", ("a", "r.io/b", "", "")),
        ("a=r.io:80/b", ("a", "r.io:80/b", "", "")),
        ("a=r.io:80/b:v1", ("a", "r.io:80/b", "v1", "")),
        (f"a[0].b=r.io/b/c:v1@{DIGEST}", ("a[0].b", "r.io/b/c", "v1", DIGEST)),
        (f'"a=b".c=docker.io/b@{DIGEST}', ('"a=b".c', "docker.io/b", "", DIGEST)),
    ],
)
def test_an_image_is_read_into_its_parts(image: str, expected: tuple[str, ...]) -> None:
    assert chart_inject.injection(image) == expected


@pytest.mark.parametrize(
    "image",
    ["images.web", "images.web=", "images.web=redis", "images.web=r.io/x:v 1", "=", "images.web=r.io/x@sha256:1"],
)
def test_what_is_no_image_is_refused(values: Path, image: str) -> None:
    with pytest.raises(InputError, match="--image"):
        command(str(values), "--image", image)


def test_an_image_without_tag_and_digest_is_refused(values: Path) -> None:
    with pytest.raises(InputError, match="neither tag nor digest"):
        command(str(values), "--image", "images.web=r.io/web")


def test_a_wrong_path_names_the_file_and_leaves_no_output(values: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        command(str(values), "--image", "images.we=r.io/web:v1", "--output", str(tmp_path / "out.yaml"))
    assert caught.value.message == f"{values}:3: images.we: 'images' has no key 'we'"
    assert "images.web" in caught.value.remedy
    assert not (tmp_path / "out.yaml").exists()


def test_values_that_are_not_there_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be read"):
        command(str(tmp_path / "none.yaml"), "--image", "a=r.io/b:v1")
