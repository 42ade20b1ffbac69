"""Makes the base image layers that `offline/rules_oci` hands out instead of pulled images.

One layer for each architecture: a root file system with the C library and Python 3, made from Debian packages which
the machine's own package mirror serves. The layer runs (`python3 -m http.server`), and has no package manager, no shell
and no documentation.

Result, in one folder:
    amd64.tar.gz, arm64.tar.gz   the layers; the same packages give the same bytes
    packages.json                what is in them: `{"schema", "packages": {arch: {name: version}}}`
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

ARCHITECTURES = ("amd64", "arm64")
SCHEMA = "rules_release/base-images/v1"

_ROOT_PACKAGES = ("base-files", "libc6", "libpython3-stdlib", "netbase", "python3-minimal")

# Pulled in by the closure, but only configuration scripts and the modules dropped below would use them.
_DROPPED_PACKAGES = re.compile(
    r"cdebconf|debconf|gcc-\d+-base|libc-gconv-modules-extra|libcrypt1?-dev|libdb\d.*|libdebconfclient0|libncursesw6|libnsl2"
    r"|libreadline.*|libtinfo6|libtirpc.*|mawk|media-types|openssl-provider-legacy|perl.*|readline-common|tzdata|.*-dev"
)

_DROPPED_PATHS = re.compile(
    r"usr/(games|include|sbin|share|src)/"
    r"|usr/lib/(locale|gconv|mime|dpkg|valgrind|debug)(/|$)|usr/lib/[^/]+/(gconv|audit|engines-3|perl|ossl-modules)(/|$)"
    r"|usr/bin/(?!python3(\.\d+)?$)|.+\.(a|la|o)$|(boot|home|media|mnt|opt|srv)/"
    r"|usr/lib/python3(\.\d+)?/(config-|ensurepip|idlelib|lib2to3|pydoc_data|test|tkinter|turtle|curses|__phello__)"
    r"|usr/lib/python3[^/]*/lib-dynload/(_curses|_curses_panel|_dbm|_gdbm|nis|readline|_tkinter|_test|_ctypes_test|xx)[^/]*\.so$"
    r"|usr/lib/[^/]+/lib(nss_(hesiod|nis|nisplus)|memusage|pcprofile|c_malloc_debug|thread_db|nsl|BrokenLocale|mvec|anl|SegFault)[.-]"
)

_MERGED = ("bin", "lib", "lib64", "sbin")

_FILES = {
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
    "etc/passwd": (
        "root:x:0:0:root:/root:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
    ),
}

# Python images from a hub have their interpreter in usr/local/bin, and entry points name it.
_LINKS = {
    "usr/local/bin/python": "../../bin/python3",
    "usr/local/bin/python3": "../../bin/python3",
    "var/lock": "/run/lock",
    "var/run": "/run",
}


class BaseImageError(Exception):
    """A step failed; the text says which and what to do."""


@dataclass(frozen=True)
class Package:
    """A downloaded package: its name without architecture, its full version, its `.deb` file."""

    name: str
    version: str
    path: Path


@dataclass(frozen=True)
class Apt:
    """A package state of one architecture, separate from the machine's.

    Attributes:
        state: folder for lists and packages; everything apt writes is below.
        architecture: a Debian architecture name.
        config: an apt configuration which names the sources; None takes the machine's own.
    """

    state: Path
    architecture: str
    config: Path | None

    def run(self, *arguments: str) -> str:
        """Runs apt-get and returns its warnings; raises BaseImageError with its complaint."""
        environment = dict(os.environ, LC_ALL="C.UTF-8", DEBIAN_FRONTEND="noninteractive")
        if self.config:
            environment["APT_CONFIG"] = str(self.config)
        command = ["apt-get", "-qq", *self._options(), *arguments]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise BaseImageError(
                "apt-get is not on PATH: base images are made from Debian packages, on a Debian machine"
            ) from error
        if done.returncode:
            raise BaseImageError(f"apt-get {arguments[0]} for {self.architecture} failed:\n{done.stderr.strip()}")
        return done.stderr

    def _options(self) -> Iterator[str]:
        settings = {
            "APT::Architecture": self.architecture,
            "APT::Architectures": self.architecture,
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "",
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
            "Acquire::Languages": "none",
            "Dir::Cache": f"{self.state}/cache",
            "Dir::Cache::archives": f"{self.state}/archives",
            "Dir::Cache::pkgcache": "",
            "Dir::Cache::srcpkgcache": "",
            "Dir::State": f"{self.state}",
            "Dir::State::lists": f"{self.state}/lists",
            "Dir::State::status": f"{self.state}/status",
        }
        for key, value in settings.items():
            yield from ("-o", f"{key}={value}")

    def download(self) -> list[Package]:
        """Downloads the closure of the root packages, whose checksums apt verifies, sorted by name."""
        for folder in ("archives/partial", "cache", "lists/partial"):
            (self.state / folder).mkdir(parents=True, exist_ok=True)
        # An empty status makes apt resolve everything, not only what this machine lacks.
        (self.state / "status").write_text("")
        # An unreachable source is only a warning of the update, yet the cause of what the installation then misses.
        warnings = self.run("update")
        try:
            self.run("install", "--yes", "--download-only", *_ROOT_PACKAGES)
        except BaseImageError as error:
            raise BaseImageError(f"{error}\n{warnings.strip()}") from error
        return [_package(path) for path in sorted((self.state / "archives").glob("*.deb"))]


@dataclass
class Root:
    """The entries of a layer under construction, by path without a leading slash."""

    entries: dict[str, tuple[tarfile.TarInfo, bytes]] = field(default_factory=dict)

    def add(self, path: str, kind: bytes, mode: int, content: bytes = b"", target: str = "") -> None:
        """Adds one entry with owner, time and names that are the same everywhere."""
        entry = tarfile.TarInfo(path)
        entry.type, entry.mode, entry.size, entry.linkname = kind, mode, len(content), target
        self.entries[path] = (entry, content)

    def add_package(self, package: Package) -> None:
        """Adds what a package installs, except what no container needs."""
        with tarfile.open(fileobj=io.BytesIO(_file_system(package)), mode="r:") as archive:
            for member in archive:
                path = _merged(member.name)
                if not path or path in _MERGED or _DROPPED_PATHS.match(path):
                    continue
                reader = archive.extractfile(member) if member.isreg() else None
                target = _merged(member.linkname) if member.islnk() else member.linkname
                self.add(path, member.type, member.mode, reader.read() if reader else b"", target)

    def finish(self) -> None:
        """Adds the merged-/usr links, accounts, and every missing parent folder."""
        for name in _MERGED:
            self.add(name, tarfile.SYMTYPE, 0o777, target=f"usr/{name}")
        for path, text in _FILES.items():
            self.add(path, tarfile.REGTYPE, 0o644, text.encode())
        for path, target in _LINKS.items():
            self.add(path, tarfile.SYMTYPE, 0o777, target=target)
        for path in [*self.entries, *(f"usr/{name}/entry" for name in _MERGED)]:
            self._add_folders(path)

    def _add_folders(self, path: str) -> None:
        for parent in PurePosixPath(path).parents:
            if parent.name and str(parent) not in self.entries:
                self.add(str(parent), tarfile.DIRTYPE, 0o755)

    def write(self, path: Path) -> None:
        """Writes the layer as a gzip tar."""
        with (
            path.open("wb") as raw,
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive,
        ):
            for _, (entry, content) in sorted(self.entries.items()):
                archive.addfile(entry, io.BytesIO(content) if entry.isreg() else None)


def _package(path: Path) -> Package:
    name, version, _ = path.stem.split("_")
    return Package(name, version.replace("%3a", ":"), path)


def _file_system(package: Package) -> bytes:
    done = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package.path)], capture_output=True, check=False)
    if done.returncode:
        raise BaseImageError(f"{package.path.name} cannot be unpacked: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def _merged(name: str) -> str:
    """Returns a package's path below the merged /usr: `./lib/x` becomes `usr/lib/x`, the root becomes empty."""
    path = name.removeprefix("./").strip("/")
    first, separator, _ = path.partition("/")
    if first in _MERGED and separator:
        return f"usr/{path}"
    return "" if path == "." else path


def _make(apt: Apt, layer: Path) -> dict[str, str]:
    """Makes one architecture's layer and returns the versions of the packages in it."""
    packages = [package for package in apt.download() if not _DROPPED_PACKAGES.fullmatch(package.name)]
    root = Root()
    for package in packages:
        root.add_package(package)
    root.finish()
    if "usr/bin/python3" not in root.entries:
        raise BaseImageError(
            f"the packages for {apt.architecture} hold no usr/bin/python3: they are not the expected Debian ones"
        )
    root.write(layer)
    return {package.name: package.version for package in packages}


def prepare(folder: Path, apt_config: Path | None, report: Callable[[str], None]) -> None:
    """Makes the base image layers: `amd64.tar.gz`, `arm64.tar.gz` and `packages.json` in `folder`.

    Args:
        folder: appears when it is complete.
        apt_config: an apt configuration file which names the package sources; None takes the machine's own sources.
        report: called with one line of text for each step.

    Raises:
        BaseImageError: packages could not be had, or are not the expected ones.
    """
    report("making the sample's base image for " + " and ".join(ARCHITECTURES))
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=part) as state, ThreadPoolExecutor(len(ARCHITECTURES)) as pool:
        making = {
            name: pool.submit(_make, Apt(Path(state, name), name, apt_config), part / f"{name}.tar.gz")
            for name in ARCHITECTURES
        }
        packages = {name: made.result() for name, made in making.items()}
    document = {"schema": SCHEMA, "packages": packages}
    (part / "packages.json").write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
    part.rename(folder)
