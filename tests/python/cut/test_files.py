"""`release-kit cut --files-only`: everything that names the version is raised together, or nothing is."""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from release_kit.cli import cut
from release_kit.cli.console import Console
from release_kit.errors import InputError, ReleaseError
from tests.support.helm import BOTH, helm

CHART = """\
apiVersion: v2
name: shop   # the name
# Raised by each release.
version: 1.2.0   # of the chart
appVersion: "1.2.0"
dependencies:
  - name: common
    version: 1.2.0
    repository: "file://../common"
"""
CHANGELOG = """\
# Changelog

## [Unreleased]

### Added

- A thing.

## [1.2.0] - 2025-12-01

- First.
"""
RAISED_CHART = CHART.replace("version: 1.2.0   #", "version: 1.3.0   #").replace('"1.2.0"', '"1.3.0"')
RAISED_CHANGELOG = CHANGELOG.replace("## [Unreleased]\n", "## [Unreleased]\n\n## [1.3.0] - 2026-01-31\n")


@pytest.fixture(name="root")
def root_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace at 1.2.0, which is the working directory."""
    monkeypatch.delenv("BUILD_WORKSPACE_DIRECTORY", raising=False)
    monkeypatch.delenv("BUILD_WORKING_DIRECTORY", raising=False)
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"VERSION": "1.2.0\n", "helm/shop/Chart.yaml": CHART, "CHANGELOG.md": CHANGELOG})
    return tmp_path


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())


def contents(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_bytes().decode() for path in root.rglob("*") if path.is_file()}


def command(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    cut.add_arguments(parser)
    return cut.run(parser.parse_args(["--files-only", "--date", "2026-01-31", *arguments]), Console())


def refused(root: Path, *arguments: str) -> InputError:
    before = contents(root)
    with pytest.raises(InputError) as caught:
        command(*arguments)
    assert contents(root) == before
    return caught.value


def test_version_charts_and_changelog_are_raised_and_every_other_byte_stays(root: Path) -> None:
    assert command("1.3.0") == 0
    assert contents(root) == {
        "VERSION": "1.3.0\n",
        "helm/shop/Chart.yaml": RAISED_CHART,
        "CHANGELOG.md": RAISED_CHANGELOG,
    }


def test_the_version_is_the_result_and_the_next_commands_are_told(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, {"helm/my shop/Chart.yaml": CHART})
    assert command("minor") == 0
    told = capsys.readouterr()
    assert told.out == "1.3.0\n"
    assert "git add -- VERSION 'helm/my shop/Chart.yaml' helm/shop/Chart.yaml CHANGELOG.md\n" in told.err
    assert "git commit -m 'Release 1.3.0'\n" in told.err
    assert "git tag -a v1.3.0 -m 'Release 1.3.0'\n" in told.err
    assert "git push --atomic origin HEAD v1.3.0\n" in told.err
    assert "cd " not in told.err


def test_the_told_commands_make_a_released_commit(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git = ["git", "-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], check=True)
    command("1.3.0")
    told = re.findall(r"git (?!push)(.*)\n", capsys.readouterr().err)
    for line in told:
        subprocess.run(f"{' '.join(git)} {line}", shell=True, check=True, capture_output=True)
    described = subprocess.run([*git, "describe", "--exact-match"], capture_output=True, text=True, check=True)
    assert described.stdout == "v1.3.0\n"
    assert subprocess.run([*git, "status", "--porcelain"], capture_output=True, check=True).stdout == b""


def test_the_date_is_today_unless_given(root: Path) -> None:
    parser = argparse.ArgumentParser()
    cut.add_arguments(parser)
    days = {datetime.now(UTC).date().isoformat()}
    assert cut.run(parser.parse_args(["--files-only", "1.3.0"]), Console()) == 0
    days.add(datetime.now(UTC).date().isoformat())
    written = re.search(r"## \[1\.3\.0\] - (.*)\n", (root / "CHANGELOG.md").read_text())
    assert written
    assert written[1] in days


@pytest.mark.parametrize("date", ["today", "2026-02-30", "20260131", "2026-1-31", "2026-W05-6", ""])
def test_what_is_no_day_is_refused(root: Path, date: str) -> None:
    assert "--date: expected a day such as 2026-01-31" in refused(root, "1.3.0", "--date", date).message


@pytest.mark.parametrize("ends", ["lines", "none", "crlf"])
def test_a_dry_run_writes_nothing_and_its_diff_is_the_cut(
    root: Path, ends: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ending: dict[str, Callable[[str], str]] = {
        "lines": lambda text: text,
        "none": lambda text: text.rstrip("\n"),
        "crlf": lambda text: text.replace("\n", "\r\n"),
    }
    write(root, {name: ending[ends](text) for name, text in contents(root).items()})
    before = contents(root)
    assert command("1.3.0", "--dry-run") == 0
    assert contents(root) == before
    subprocess.run(["git", "apply", "-"], input=capsys.readouterr().out.encode(), check=True, capture_output=True)
    patched = contents(root)
    write(root, before)
    assert command("1.3.0") == 0
    assert contents(root) == patched
    assert patched["VERSION"] == ending[ends]("1.3.0\n")


@pytest.mark.parametrize("major", BOTH)
def test_helm_reads_what_was_raised(root: Path, major: str) -> None:
    chart = CHART.partition("dependencies")[0].partition("appVersion")[0]
    write(root, {"helm/shop/Chart.yaml": chart, "helm/shop/values.yaml": ""})
    command("1.3.0-rc.1")
    shown = subprocess.run([helm(major), "show", "chart", "helm/shop"], capture_output=True, text=True, check=True)
    assert "version: 1.3.0-rc.1\n" in shown.stdout
    assert re.search(r"^appVersion: 1\.3\.0-rc\.1$", shown.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("wanted", "message", "remedy"),
    [
        ("1.2.0", "1.2.0 is not higher than 1.2.0, the present version", "patch is 1.2.1"),
        ("1.1.9", "1.1.9 is not higher than 1.2.0", "patch is 1.2.1"),
        ("1.2.0-rc.1", "1.2.0-rc.1 is not higher than 1.2.0", "patch is 1.2.1"),
        ("v1.3.0", "expected a version without a leading v, found 'v1.3.0'", "write 1.3.0"),
        ("1.3.0+build.5", "expected a version without build metadata, found '1.3.0+build.5'", "write 1.3.0: "),
        ("1.3", "the version to cut: expected a version such as 1.2.3", "such as 1.2.1, or a word of major"),
        ("1.3.0-rc.01", "expected a version such as 1.2.3", "such as 1.2.1"),
        ("very", "expected a version such as 1.2.3", "such as 1.2.1"),
        ("", "expected a version such as 1.2.3", "such as 1.2.1"),
        (f"1.3.0-{'a' * 130}", "the tag v1.3.0-aaa", "write a shorter version"),
    ],
)
def test_a_version_that_no_release_can_have_is_refused(root: Path, wanted: str, message: str, remedy: str) -> None:
    error = refused(root, wanted)
    assert message in error.message
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("chart", "message"),
    [
        (CHART.replace("version: 1.2.0   #", "version: 1.1.9   #"), "helm/shop/Chart.yaml has version 1.1.9"),
        (CHART.replace('"1.2.0"', '"1.1.8"'), "helm/shop/Chart.yaml has appVersion 1.1.8"),
        (RAISED_CHART, "helm/shop/Chart.yaml has version 1.3.0 and appVersion 1.3.0"),
    ],
)
def test_files_out_of_step_are_named_with_both_versions(root: Path, chart: str, message: str) -> None:
    write(root, {"helm/shop/Chart.yaml": chart, "helm/other/Chart.yaml": "name: other\nversion: 0.1.0\n"})
    error = refused(root, "2.0.0")
    assert error.message == (
        f"the files are out of step: VERSION has 1.2.0, but helm/other/Chart.yaml has version 0.1.0; {message}"
    )
    assert "--align" in error.remedy


def test_files_out_of_step_are_raised_together_when_told_so(root: Path) -> None:
    chart = CHART.replace("version: 1.2.0   #", "version: 1.4.0   #").replace('"1.2.0"', "'16'")
    write(root, {"helm/shop/Chart.yaml": chart, "helm/other/Chart.yaml": "name: other\nversion: v1\n"})
    error = refused(root, "1.3.0", "--align")
    assert "1.3.0 is not higher than 1.4.0" in error.message
    assert command("minor", "--align") == 0
    after = contents(root)
    assert after["VERSION"] == "1.5.0\n"
    assert after["helm/shop/Chart.yaml"] == chart.replace("1.4.0", "1.5.0").replace("'16'", "'1.5.0'")
    assert after["helm/other/Chart.yaml"] == 'name: other\nversion: 1.5.0\nappVersion: "1.5.0"\n'


def test_charts_are_named_by_folder_or_file_and_each_counts_once(root: Path) -> None:
    write(root, {"charts/a/Chart.yaml": CHART, "b/Chart.yaml": CHART})
    assert command("1.3.0", "--chart", "charts/a", "--chart", "b/Chart.yaml", "--chart", str(root / "b")) == 0
    after = contents(root)
    assert (after["charts/a/Chart.yaml"], after["b/Chart.yaml"]) == (RAISED_CHART, RAISED_CHART)
    assert after["helm/shop/Chart.yaml"] == CHART


def test_files_may_have_other_names_and_places(root: Path) -> None:
    write(root, {"part/version.txt": "1.2.0", "part/NEWS.md": CHANGELOG})
    assert (
        command("1.3.0", "--version-file", "part/version.txt", "--changelog", "part/NEWS.md", "--chart", "helm/shop")
        == 0
    )
    after = contents(root)
    assert (after["part/version.txt"], after["part/NEWS.md"]) == ("1.3.0", RAISED_CHANGELOG)
    assert (after["VERSION"], after["CHANGELOG.md"]) == ("1.2.0\n", CHANGELOG)


def test_the_workspace_of_bazel_run_is_the_root(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("runfiles"))
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(root))
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(root / "helm"))
    assert command("1.3.0") == 0
    assert (root / "VERSION").read_text() == "1.3.0\n"


def test_a_root_that_is_given_wins_and_counts_from_where_the_user_called(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", "/nowhere")
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(root / "helm"))
    assert command("1.3.0", "--root", "..") == 0
    assert (root / "VERSION").read_text() == "1.3.0\n"
    assert f"cd {root}\n" in capsys.readouterr().err


def test_a_repository_without_charts_or_changelog_can_be_cut(root: Path) -> None:
    for name in ("helm/shop/Chart.yaml", "CHANGELOG.md"):
        (root / name).unlink()
    error = refused(root, "1.3.0")
    assert "CHANGELOG.md: can't be read" in error.message
    assert "--no-changelog" in error.remedy
    assert command("1.3.0", "--no-changelog") == 0
    assert contents(root) == {"VERSION": "1.3.0\n"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"VERSION": "dev\n"}, "VERSION: expected a version such as 1.2.3"),
        ({"VERSION": ""}, "VERSION: expected a version such as 1.2.3"),
        ({"VERSION": "1.2.0\n1.2.1\n"}, "VERSION: expected a version such as 1.2.3"),
        ({"helm/shop/Chart.yaml": "a: ["}, "helm/shop/Chart.yaml:2: expected YAML"),
        (
            {"helm/shop/Chart.yaml": "name: shop\n"},
            "helm/shop/Chart.yaml:1: version: the document has no key 'version'",
        ),
        ({"helm/shop/Chart.yaml": "- version\n"}, "helm/shop/Chart.yaml:1: version: the document has no keys"),
        ({"helm/shop/Chart.yaml": ""}, "helm/shop/Chart.yaml: version: the file is empty"),
        (
            {"helm/shop/Chart.yaml": "version: {a: 1}\n"},
            "helm/shop/Chart.yaml:1: version: expected a version, found a mapping",
        ),
        ({"helm/shop/Chart.yaml": f"{CHART}version: 1.2.0\n"}, "'version' stands more than once, in lines 4 and 10"),
        ({"CHANGELOG.md": "# Changelog\n"}, "CHANGELOG.md: expected one heading '## Unreleased', found none"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_stops_the_cut_before_any_write(
    root: Path, files: dict[str, str], message: str
) -> None:
    write(root, files)
    error = refused(root, "1.3.0")
    assert message in error.message
    assert error.remedy


@pytest.mark.parametrize("name", ["VERSION", "helm/shop/Chart.yaml", "CHANGELOG.md"])
def test_a_file_that_is_no_text_stops_the_cut_before_any_write(root: Path, name: str) -> None:
    (root / name).write_bytes(b"\xff\xfe1")
    with pytest.raises(InputError, match=f"{name}: can't be read: it is no UTF-8 text"):
        command("1.3.0")
    assert sum("1.3.0" in path.read_text("latin-1") for path in root.rglob("*") if path.is_file()) == 0


_stop_at: dict[str, Any] = {}


def _stop(event: str, arguments: tuple[Any, ...]) -> None:
    """Fails what is named, as a read-only folder, a full disk or an interrupt would."""
    did = {"open": "open {0}", "os.rename": "rename {0} -> {1}"}.get(event)
    if did and _stop_at and re.search(_stop_at["at"], did.format(*arguments)):
        raise _stop_at["error"]


sys.addaudithook(_stop)


def test_a_folder_that_can_not_be_written_leaves_every_file_as_it_was(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "helm/shop").chmod(0o555)
    if os.access(root / "helm/shop", os.W_OK):  # No mode stops root.
        monkeypatch.setitem(_stop_at, "error", PermissionError(13, "Permission denied"))
        monkeypatch.setitem(_stop_at, "at", r"open .*/helm/shop/\.Chart")
    error = refused(root, "1.3.0")
    assert "helm/shop/Chart.yaml: can't be written: Permission denied; no file was changed" in error.message


@pytest.mark.parametrize("place", ["VERSION", "helm/shop/Chart.yaml", "CHANGELOG.md"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_cut_that_is_stopped_at_any_file_puts_all_of_them_back(
    root: Path, place: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(root)
    monkeypatch.setitem(_stop_at, "error", error)
    monkeypatch.setitem(_stop_at, "at", f"rename .*{place}$")
    with pytest.raises(InputError if isinstance(error, OSError) else KeyboardInterrupt) as caught:
        command("1.3.0")
    assert contents(root) == before
    assert isinstance(error, KeyboardInterrupt) or f"{place}: can't be written: No space left" in str(caught.value)
    monkeypatch.undo()
    monkeypatch.chdir(root)
    assert command("1.3.0") == 0
    assert contents(root)["CHANGELOG.md"] == RAISED_CHANGELOG


def test_an_old_file_that_can_not_be_put_back_stays_beside_its_place(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_stop_at, "error", OSError(28, "No space left on device"))
    monkeypatch.setitem(_stop_at, "at", r"rename .*(CHANGELOG.md$|\.old -> )")
    with pytest.raises(ReleaseError) as caught:
        command("1.3.0")
    assert f"{root / 'VERSION'}: can't be put back: No space left" in caught.value.message
    old = root / f".VERSION.{os.getpid()}.old"
    assert str(old) in caught.value.remedy
    assert old.read_text() == "1.2.0\n"


def test_a_place_that_is_taken_stops_the_cut_before_any_write(root: Path) -> None:
    (root / "helm/shop" / f".Chart.yaml.{os.getpid()}.new").mkdir()
    assert "Chart.yaml: can't be written: File exists" in refused(root, "1.3.0").message


def test_modes_and_links_stay(root: Path) -> None:
    (root / "VERSION").chmod(0o755)
    (root / "helm/shop/Chart.yaml").rename(root / "helm/shop/real.yaml")
    (root / "helm/shop/Chart.yaml").symlink_to("real.yaml")
    assert command("1.3.0") == 0
    assert (root / "VERSION").stat().st_mode & 0o777 == 0o755
    assert (root / "helm/shop/Chart.yaml").readlink() == Path("real.yaml")
    assert (root / "helm/shop/real.yaml").read_text() == RAISED_CHART


def test_json_in_a_chart_stays_json(root: Path) -> None:
    write(root, {"helm/shop/Chart.yaml": '{"name": "shop", "version": "1.2.0", "type": "application"}'})
    assert command("1.3.0") == 0
    chart = (root / "helm/shop/Chart.yaml").read_text()
    assert json.loads(chart) == {"name": "shop", "version": "1.3.0", "appVersion": "1.3.0", "type": "application"}


MENTION = 'README.md=name = "shop", version = "{version}"'
README = 'bazel_dep(name = "lib", version = "1.2.0")\nbazel_dep(name = "shop", version = "1.2.0")\n'


def test_what_mentions_the_version_is_raised_with_it_and_nothing_else_of_the_file(root: Path) -> None:
    write(root, {"README.md": README})
    assert command("1.3.0", "--mention", MENTION) == 0
    assert contents(root)["README.md"] == README.replace('"shop", version = "1.2.0"', '"shop", version = "1.3.0"')


@pytest.mark.parametrize(
    ("mention", "said"),
    [
        ("README.md", "--mention: expected FILE=TEXT with {version} in the text, found 'README.md'"),
        ("README.md=version", "--mention: expected FILE=TEXT with {version} in the text, found 'README.md=version'"),
        ("README.md=v{version}", "README.md: expected v1.2.0, which is not there"),
        ("NONE.md=v{version}", "NONE.md"),
        ("CHANGELOG.md=[{version}]", "CHANGELOG.md would be raised twice"),
    ],
)
def test_a_mention_that_cannot_be_raised_is_refused(root: Path, mention: str, said: str) -> None:
    write(root, {"README.md": README})
    assert said in refused(root, "1.3.0", "--mention", mention).message
