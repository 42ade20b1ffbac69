"""Prepares the root and the tools in the cache folder, in the user's turn."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import base_images

from preparation import host, root, tools
from preparation.apt import Apt
from preparation.progress import PreparationError, say

_HERE = Path(__file__).resolve().parent.parent


def main() -> int:
    """Returns the exit code: 0 ready, 1 not possible, 130 interrupted."""
    try:
        cache = cache_folder()
        with _turn(cache):
            _prepare(cache)
    except PreparationError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted; the same command goes on from here")
        return 130
    return 0


def cache_folder() -> Path:
    """Returns the cache folder, made where it is missing; bazelw and enter compute the same path."""
    base = os.environ.get("XDG_CACHE_HOME") or Path(os.environ.get("HOME") or Path.home()) / ".cache"
    cache = Path(os.environ.get("RULES_RELEASE_CACHE") or Path(base) / "rules_release").absolute()
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PreparationError(
            f"the cache folder {cache} cannot be made ({error.strerror}): set RULES_RELEASE_CACHE"
        ) from error
    return cache


def _prepare(cache: Path) -> None:
    new_root = cache / _name("root", "packages.txt", "preparation/root.py", "preparation/certificates.py")
    new_bin = cache / _name("bin", "tools.txt")
    new_base = cache / _name("base", "base_images.py")
    if not new_root.exists():
        host.check(cache)
        root.prepare(_HERE / "packages.txt", new_root, cache / "download")
    if not new_bin.exists():
        enter = ["env", f"RULES_RELEASE_ROOT={new_root}", str(_HERE / "enter")]
        tools.prepare(tools.read(_HERE / "tools.txt"), new_bin, cache / "tools", enter)
    if not new_base.exists():
        _make_base(new_base, cache / "download")
    _remove_old(cache, {new_root, new_bin, new_base})
    say(f"ready: {_megabytes(cache)} MB in {cache}")


def _make_base(folder: Path, downloads: Path) -> None:
    Apt(downloads, root.SUITE, host.architecture(), ())
    try:
        base_images.prepare(folder, downloads / "apt.conf", say)
    except base_images.BaseImageError as error:
        raise PreparationError(f"the sample's base image: {error}") from error
    shutil.rmtree(downloads)


def _remove_old(cache: Path, current: set[Path]) -> None:
    """Removes what earlier lists made, but for what a process, such as a Bazel server, still has mounted."""
    mounts = "".join(_read(path) for path in Path("/proc").glob("[0-9]*/mountinfo"))
    for old in {*cache.glob("root-*"), *cache.glob("bin-*"), *cache.glob("base-*")} - current:
        if f"/{old.name} " not in mounts and f"/{old.name}/" not in mounts:
            shutil.rmtree(old)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _name(prefix: str, *files: str) -> str:
    """Returns a folder name that changes whenever the files change; enter computes the same."""
    return f"{prefix}-{hashlib.sha256(b''.join((_HERE / file).read_bytes() for file in files)).hexdigest()[:16]}"


@contextmanager
def _turn(cache: Path) -> Iterator[None]:
    """Holds the cache folder's lock, which the kernel frees however the process ends."""
    with (cache / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another call prepares the offline Bazel: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _megabytes(folder: Path) -> int:
    blocks = {(s.st_dev, s.st_ino): s.st_blocks for path in folder.rglob("*") if (s := path.lstat())}
    return sum(blocks.values()) * 512 // 1_000_000
