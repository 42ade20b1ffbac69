"""Chart folders as they are on disk: links, odd files, large files; nothing else of the disk makes a difference."""

import contextlib
import hashlib
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

import release_kit
from release_kit.adapters import chart_folder
from release_kit.adapters.chart_folder import LeavingLink
from release_kit.engines.chart.package import pack
from release_kit.errors import InputError
from release_kit.values.chart_archive import MAX_FILE_BYTES
from tests.support.helm import BOTH, HELM_3, HELM_4
from tests.support.helm_packages import CHART, REFUSED, packed_by_helm, packed_by_us, write

FILES = {
    "templates/a.yaml": "a: 1\n" * 100,
    "templates/b/c.tpl": "c",
    "values.yaml": "x: y\n",
    "README.md": "é\n",
    "run": "#!",
}
both = pytest.mark.parametrize("major", BOTH)


def link(place: Path, target: str | Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


class Change(NamedTuple):
    """What is done to a folder: what is taken away, then made; a pipe or socket is made in its place."""

    links: Mapping[str, str] = {}
    files: Mapping[str, str] = {}
    folders: tuple[str, ...] = ()
    pipes: tuple[str, ...] = ()
    sockets: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def make(self, folder: Path) -> None:
        for name in self.without:
            (folder / name).unlink()
        for path, text in self.files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text)
        for path, target in self.links.items():
            link(folder / path, target)
        for name in self.folders:
            (folder / name).mkdir()
        for name in self.pipes:
            os.mkfifo(folder / name)
        for name in self.sockets:
            with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(folder):
                server.bind(name)


CHANGES = {
    "nothing": Change(),
    "an empty folder": Change(folders=("empty",)),
    "a link to a file": Change({"link.md": "README.md"}),
    "a link to a file outside": Change({"link.md": "../outside/x.md"}),
    "a link to a folder": Change({"files": "templates/b"}),
    "a link to a folder outside": Change({"templates/more": "../../outside"}),
    "a link to a link": Change({"one": "two", "two": "README.md"}),
    "a link that is ignored": Change({"x": "README.md"}, {".helmignore": "x"}),
    "a link to a folder that is ignored": Change({"x": "."}, {".helmignore": "x/"}),
    "a link back that is ignored within": Change({"x": "."}, {".helmignore": "x/x"}),
    "a link back and a rule that ignores nothing": Change({"x": "."}, {".helmignore": "."}),
    "the same folder by two links": Change({"x": "templates", "y": "templates"}),
    "a link to its own folder": Change({"x": "."}),
    "a link to a folder further up": Change({"templates/x": "../templates"}),
    "a link to itself": Change({"x": "x"}),
    "a dangling link": Change({"x": "gone"}),
    "a dangling link that is ignored": Change({"x": "gone"}, {".helmignore": "x"}),
    "a dangling link in an ignored folder": Change({"d/x": "gone"}, {".helmignore": "d"}),
    "a .helmignore that is a link": Change({".helmignore": "i"}, {"i": "run\n"}),
    "a .helmignore that is a dangling link": Change({".helmignore": "gone"}),
    "a .helmignore that is a folder": Change(folders=(".helmignore",)),
    "a pipe": Change(pipes=("pipe",)),
    "a pipe that is ignored": Change({}, {".helmignore": "pipe"}, pipes=("pipe",)),
    "a link to a pipe": Change({"x": "../pipe"}, pipes=("../pipe",)),
    "a socket": Change(sockets=("socket",)),
    "a link to a device": Change({"null": "/dev/null"}),
    "a Chart.yaml that is a link": Change({"Chart.yaml": "c"}, {"c": CHART}, without=("Chart.yaml",)),
    "a Chart.yaml that is a folder": Change(folders=("Chart.yaml",), without=("Chart.yaml",)),
    "no Chart.yaml": Change(without=("Chart.yaml",)),
}


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    """A chart folder, with another folder beside it."""
    (tmp_path / "outside" / "deep").mkdir(parents=True)
    for name in ("x.md", "deep/y.md"):
        (tmp_path / "outside" / name).write_text(name)
    return write(tmp_path / "chart", FILES)


@both
@pytest.mark.parametrize("case", CHANGES)
def test_a_folder_is_read_as_helm_reads_it(case: str, major: str, folder: Path) -> None:
    CHANGES[case].make(folder)
    assert packed_by_us(folder) == packed_by_helm(major, folder)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("a link to its own folder", "/x/x: is a link that leads back to a folder it is in"),
        ("a dangling link that is ignored", "/x: is a link that leads nowhere: No such file or directory"),
        ("a link to itself", "/x: is a link that leads nowhere: Too many levels of symbolic links"),
        ("a pipe", "/pipe: expected a regular file"),
        ("a link to a device", "/null: expected a regular file"),
        ("a .helmignore that is a folder", "/.helmignore: expected a regular file"),
        ("no Chart.yaml", ": expected a chart, found no Chart.yaml in it"),
    ],
)
def test_what_is_refused_is_named_with_its_place(case: str, message: str, folder: Path) -> None:
    CHANGES[case].make(folder)
    with pytest.raises(InputError) as caught:
        chart_folder.load(folder)
    assert caught.value.message == f"{folder}{message}"


def test_links_that_lead_out_are_told_of(folder: Path) -> None:
    outside = folder.parent / "outside"
    link(folder / "in", "README.md")
    link(folder / "back", f"../{folder.name}/README.md")
    link(folder / "out.md", outside / "x.md")
    link(folder / "templates" / "more", "../../outside")
    link(folder / "by" / "another", "../hop")
    link(folder / "hop", "../outside/x.md")
    write(folder, {".helmignore": "hop"})
    leaving = chart_folder.load(folder).leaving
    assert leaving == (
        LeavingLink("by/another", str(outside / "x.md")),
        LeavingLink("out.md", str(outside / "x.md")),
        LeavingLink("templates/more", str(outside)),
    )


def test_a_chart_folder_that_is_a_link_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    link(folder / "x", "README.md")
    link(tmp_path / "linked", "chart")
    assert chart_folder.load(tmp_path / "linked").leaving == ()


def test_a_large_file_is_refused_as_helm_3_does_unless_it_is_allowed(folder: Path) -> None:
    write(folder, {"large": bytes(MAX_FILE_BYTES)})
    assert packed_by_us(folder) == packed_by_helm(HELM_3, folder) == packed_by_helm(HELM_4, folder)
    write(folder, {"large": bytes(MAX_FILE_BYTES + 1)})
    assert packed_by_us(folder) == packed_by_helm(HELM_3, folder) == REFUSED
    with pytest.raises(InputError, match="large: expected at most 5242880 bytes"):
        chart_folder.load(folder)
    assert len(chart_folder.load(folder, MAX_FILE_BYTES + 1).files["large"]) > MAX_FILE_BYTES


def test_a_chart_that_is_too_large_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_folder, "MAX_CHART_BYTES", 1000)
    write(folder, {"large": bytes(1000)})
    with pytest.raises(InputError, match="chart: has 1000 bytes or more, which Helm refuses"):
        chart_folder.load(folder)


def test_a_name_that_is_no_utf_8_is_refused(folder: Path) -> None:
    (folder / os.fsdecode(b"\xff.txt")).write_text("")
    with pytest.raises(InputError, match=r"udcff.txt: expected a name in UTF-8"):
        chart_folder.load(folder)


def digest(folder: Path) -> str:
    return hashlib.sha256(pack(chart_folder.load(folder).files).archive).hexdigest()


def test_ages_modes_and_order_of_files_change_nothing(folder: Path, tmp_path: Path) -> None:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    random.Random(1).shuffle(paths)
    copy = tmp_path / "copy"
    for age, path in enumerate(paths):
        place = copy / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.write_bytes(path.read_bytes())
        place.chmod(0o600 if age % 2 else 0o777)
        os.utime(place, (age, age * 1_000_000))
    assert digest(copy) == digest(folder)


def test_a_tree_of_links_is_the_same_chart(folder: Path, tmp_path: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            link(tmp_path / "links" / path.relative_to(folder), path)
    linked = chart_folder.load(tmp_path / "links")
    assert pack(linked.files).archive == pack(chart_folder.load(folder).files).archive
    assert len(linked.leaving) == len(linked.files)


PROGRAM = """
import hashlib, os, pathlib, sys
os.umask(int(sys.argv[2], 8))
from release_kit.adapters import chart_folder
from release_kit.engines.chart.package import pack
files = chart_folder.load(pathlib.Path(sys.argv[1])).files
print(sys.version_info[:2], hashlib.sha256(pack(files).archive).hexdigest())
"""
SETTINGS = (
    ("002", {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
    ("077", {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "SOURCE_DATE_EPOCH": "1"}),
)


def pythons() -> list[str]:
    """Returns all Pythons on PATH that can run us, each version once."""
    names = ["python3", *(f"python3.{minor}" for minor in range(11, 20))]
    found = {str(Path(path).resolve()): path for path in map(shutil.which, names) if path}
    return [sys.executable, *(path for real, path in found.items() if real != str(Path(sys.executable).resolve()))]


def run(python: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    paths = [str(Path(release_kit.__file__).parents[1]), *sys.path]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, paths)), **environ}
    return subprocess.run([python, "-c", *arguments], capture_output=True, text=True, env=environment)


@pytest.mark.parametrize(("umask", "environ"), SETTINGS)
def test_time_zone_umask_and_locale_change_nothing(umask: str, environ: dict[str, str], folder: Path) -> None:
    done = run(sys.executable, PROGRAM, str(folder), umask, **environ)
    assert (done.stdout.split()[-1:], done.stderr) == ([digest(folder)], "")


def test_every_python_at_hand_makes_the_same_bytes(folder: Path) -> None:
    others = pythons()[1:]
    check = "import sys; assert sys.version_info >= (3, 11); import zlib, _bz2"
    usable = [python for python in others if run(python, check).returncode == 0]
    if not usable:
        pytest.skip("there is one Python on PATH")
    for python in usable:
        done = run(python, PROGRAM, str(folder), "022")
        assert done.stdout.split()[-1:] == [digest(folder)], done.stderr
