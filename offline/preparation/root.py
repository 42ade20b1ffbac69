"""The offline root: a folder with the unpacked Debian packages, entered by `offline/enter`.

Packages are unpacked, not installed: their maintainer scripts do not run (they would need to be root, and a running
system). What those scripts would have made, and something here needs, `_finish` makes.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

from preparation import certificates, host
from preparation.apt import Apt, Package, Wanted
from preparation.progress import PreparationError, Step, say

SUITE = "forky"
_LEFT_OUT = (
    "./usr/share/doc/*",
    "./usr/share/info/*",
    "./usr/share/locale/*",
    "./usr/share/man/*",
    "./usr/share/bash-completion/*",
)
_TOLD = ("bazel-bootstrap", "python3", "git", "golang-go", "bubblewrap", "skopeo", "crane", "docker-registry")
_LINKS = {
    "bin": "usr/bin",
    "lib": "usr/lib",
    "lib64": "usr/lib64",
    "sbin": "usr/sbin",
    "usr/bin/awk": "mawk",
    "usr/bin/c++": "g++",
    "usr/bin/cc": "gcc",
    "usr/bin/java": "../lib/jvm/default-java/bin/java",
    "usr/bin/keytool": "../lib/jvm/default-java/bin/keytool",
    "usr/bin/nawk": "mawk",
    "usr/bin/sh": "dash",
    "usr/bin/which": "which.debianutils",
}
_MOUNT_POINTS = (
    "etc/bazel/bazelrc",
    "etc/group",
    "etc/hosts",
    "etc/passwd",
    "etc/resolv.conf",
    "etc/rules_release",
)
_NAME_SERVICE = "passwd: files\ngroup: files\nhosts: files dns\nprotocols: files\nservices: files\n"


def prepare(packages: Path, root: Path, downloads: Path) -> None:
    """Builds the folder `root`, which appears when it is complete, from the list `packages`.

    Downloaded files stay in `downloads` until the root is complete: an interrupted call is continued by the next one.
    """
    wanted = Wanted.read(packages)
    apt = Apt(downloads, SUITE, host.architecture(), wanted.given)
    found = _fetch(apt, wanted)
    part = root.with_name(root.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    _link(part, {name: target for name, target in _LINKS.items() if "/" not in name})
    with Step(f"unpacking {len(found)} packages", sum(p.size for p in found)) as step:
        _unpack(found, apt.archives, part, step)
    _finish(part)
    part.rename(root)
    shutil.rmtree(downloads)
    versions = {package.name: unquote(package.version) for package in found}
    say("Debian " + SUITE + ": " + ", ".join(f"{name} {versions[name]}" for name in _TOLD if name in versions))


def _fetch(apt: Apt, wanted: Wanted) -> list[Package]:
    with Step(f"reading the package index of Debian {SUITE}"):
        apt.update()
        found = apt.resolve(wanted)
    here = {path.name: path.stat().st_size for path in apt.archives.glob("*.deb")}
    missing = [package.size for package in found if here.get(package.file) != package.size]
    if missing:
        total = sum(missing)
        with Step(f"downloading {len(missing)} packages", total) as step:
            apt.download(wanted, lambda percent: step.update(int(total * percent / 100)))
    return found


def _unpack(found: Iterable[Package], archives: Path, root: Path, step: Step) -> None:
    done = 0

    def unpack(package: Package) -> int:
        package.verify(archives)
        _unpack_one(archives / package.file, root)
        return package.size

    with ThreadPoolExecutor(max_workers=4) as pool:
        for size in pool.map(unpack, found):
            done += size
            step.update(done)


def _unpack_one(archive: Path, root: Path) -> None:
    # Tied to the preparation: one that is killed must not leave a tar behind that still writes.
    guard = ["setpriv", "--pdeathsig", "KILL"]
    tar = ["tar", "-xp", "--keep-directory-symlink", "--no-same-owner", "--directory", str(root)]
    excludes = [f"--exclude={pattern}" for pattern in _LEFT_OUT]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE) as source:
        done = subprocess.run(
            [*guard, *tar, *excludes], stdin=source.stdout, capture_output=True, text=True, check=False
        )
    if done.returncode != 0 or source.returncode != 0:
        raise PreparationError(
            f"{archive.name} cannot be unpacked: {done.stderr.strip() or 'damaged file'}; run the command again"
        )


def _finish(root: Path) -> None:
    _link(root, {name: target for name, target in _LINKS.items() if "/" in name})
    for name in _MOUNT_POINTS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "usr/local/bin").mkdir(parents=True, exist_ok=True)
    (root / "etc/nsswitch.conf").write_text(_NAME_SERVICE)
    certificates.write(root)
    _compile(root)


def _compile(root: Path) -> None:
    """Compiles Python's standard library, as its package would: otherwise every start does it again."""
    libraries = next(root.glob("usr/lib/*-linux-gnu"))
    loader = next(libraries.glob("ld-linux-*.so.*"))
    library = next(root.glob("usr/lib/python3.*"))
    python = [str(loader), "--library-path", str(libraries), str(root / "usr/bin/python3")]
    command = [*python, "-m", "compileall", "-q", "-s", str(root), "-p", "/", str(library)]
    environment = {**os.environ, "PYTHONHOME": str(root / "usr"), "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)


def _link(root: Path, links: dict[str, str]) -> None:
    for name, target in links.items():
        path = root / name
        if not path.is_symlink() and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
