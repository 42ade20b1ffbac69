"""`release-kit chart package` as a user calls it."""

import hashlib
from pathlib import Path

import pytest

from release_kit.cli.app import main
from tests.support.helm_packages import CHART, chart, entries, write


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    return write(tmp_path / "chart", {"Chart.yaml": chart("appVersion: 1.0.0\n"), "values.yaml": "a: 1\n"})


def package(folder: Path, output: str | Path, *options: str) -> int:
    return main(["chart", "package", str(folder), "--output", str(output), *options])


def chart_file(path: Path) -> str:
    return entries(path.read_bytes())[0].content.decode()


def test_path_and_digest_are_the_result(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "dist" / "x.tgz"
    assert package(folder, path) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (f"{path} sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n", "")
    assert [entry.name for entry in entries(path.read_bytes())] == ["shop/Chart.yaml", "shop/values.yaml"]


def test_a_folder_gets_a_file_of_helms_name(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "odd.tgz").mkdir()
    for output in (tmp_path / "dist", tmp_path / "odd.tgz", f"{tmp_path}/more/"):
        assert package(folder, output, "--version", "2.0.0+x") == 0
        assert (Path(output) / "shop-2.0.0+x.tgz").is_file()


def test_quiet_prints_nothing(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert package(folder, tmp_path, "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_version_and_app_version_are_written(folder: Path, tmp_path: Path) -> None:
    assert package(folder, tmp_path / "x.tgz", "--version", "2.0.0", "--app-version", "3") == 0
    assert chart_file(tmp_path / "x.tgz") == 'apiVersion: v2\nappVersion: "3"\nname: shop\nversion: 2.0.0\n'


@pytest.mark.parametrize(
    ("status", "options", "expected"),
    [
        ("STABLE_VERSION 2.0.0\n", (), "appVersion: 2.0.0\nname: shop\nversion: 2.0.0\n"),
        ("STABLE_VERSION 2.0.0\n", ("--version", "3.0.0"), "appVersion: 2.0.0\nname: shop\nversion: 3.0.0\n"),
        ("STABLE_VERSION dev\n", (), "appVersion: 1.0.0\nname: shop\nversion: 1.2.3\n"),
        ("STABLE_COMMIT_SHA x\n", ("--app-version", "4"), 'appVersion: "4"\nname: shop\nversion: 1.2.3\n'),
    ],
)
def test_a_stamp_says_the_version_of_a_release(
    status: str, options: tuple[str, ...], expected: str, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "status").write_text(status)
    assert package(folder, tmp_path / "x.tgz", "--status-file", str(tmp_path / "status"), *options) == 0
    assert chart_file(tmp_path / "x.tgz") == f"apiVersion: v2\n{expected}"


def test_a_large_file_is_packed_where_it_is_allowed(folder: Path, tmp_path: Path) -> None:
    write(folder, {"x": bytes(2000)})
    assert package(folder, tmp_path, "--max-file-bytes", "1999") == 2
    assert package(folder, tmp_path, "--max-file-bytes", "2000") == 0


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("- a", (), "chart/Chart.yaml:1: the document: expected a mapping, found ['a']"),
        (
            CHART,
            ("--version", "none"),
            "chart/Chart.yaml: version: expected a version such as 1.2.3 (SemVer), found 'none'",
        ),
        (CHART, ("--status-file", "gone"), "gone: can't be read"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    text: str, options: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "chart", {"Chart.yaml": text})
    assert package(folder, tmp_path / "dist", *options) == 2
    out, err = capsys.readouterr()
    assert (out, message in err) == ("", True), err
    assert not (tmp_path / "dist").exists()


def test_a_place_that_can_not_be_written_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert package(folder, tmp_path / "file" / "x.tgz") == 2
    assert "file/x.tgz: can't be written" in capsys.readouterr().err


def test_a_package_is_there_whole_or_not_at_all(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "dist"
    assert package(folder, out) == 0
    before = (out / "shop-1.2.3.tgz").stat().st_ino
    write(folder, {"x": "more"})
    assert package(folder, out) == 0
    assert list(out.iterdir()) == [out / "shop-1.2.3.tgz"]
    assert (out / "shop-1.2.3.tgz").stat().st_ino != before
