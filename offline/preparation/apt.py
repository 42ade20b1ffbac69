"""Debian packages of another release than the machine's own, by a private state of the machine's apt-get.

Of the machine's own package state only its Debian mirror and how to reach it are read, and nothing is written.
"""

import hashlib
import os
import platform
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from preparation.progress import PreparationError

_KEPT = ("Acquire::http", "Acquire::https", "Acquire::Retries", "Acquire::Check")
_SUITES = {"oldoldstable", "oldstable", "stable", "testing", "unstable", "sid"}
_RELEASE = re.compile(r"'(?P<mirror>[^']+)/dists/(?P<suite>[^/']+)/(?:In)?Release' ")
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_FILE = re.compile(
    r"'[^']+' (?P<name>[^\s_]+)_(?P<version>[^\s_]+)_[^\s_]+\.deb (?P<size>\d+) (?P<kind>\w+):(?P<hash>[0-9a-f]+)"
)


@dataclass(frozen=True)
class Wanted:
    """A list of packages: those to fetch, and those taken as given."""

    fetched: tuple[str, ...]
    given: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> "Wanted":
        """Reads a file of one name a line; "!name" is given, "#" starts a comment."""
        words = [line.split("#")[0].strip() for line in path.read_text().splitlines()]
        names = [word for word in words if word]
        return cls(
            fetched=tuple(name for name in names if not name.startswith("!")),
            given=tuple(name[1:] for name in names if name.startswith("!")),
        )


@dataclass(frozen=True)
class Package:
    """One .deb file of the archive folder."""

    name: str
    version: str
    size: int
    kind: str
    hash: str
    file: str

    @classmethod
    def read(cls, line: str) -> "Package | None":
        """Reads a line of `apt-get --print-uris`; None where it names no package."""
        found = _FILE.match(line)
        if not found:
            return None
        file = line.split()[1]
        return cls(found["name"], found["version"], int(found["size"]), found["kind"], found["hash"], file)

    def verify(self, folder: Path) -> None:
        """Raises PreparationError unless the downloaded file has the size and the hash of the archive's index."""
        path = folder / self.file
        digest = hashlib.new(self.kind.lower().removesuffix("sum"))
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        if path.stat().st_size != self.size or digest.hexdigest() != self.hash:
            path.unlink()
            raise PreparationError(f"{self.file} is damaged and was deleted: run the command again")


class Apt:
    """A private apt state below one folder, for one release of Debian."""

    def __init__(self, folder: Path, suite: str, architecture: str, given: tuple[str, ...]) -> None:
        """Writes the configuration; `given` are the names of packages that count as installed."""
        self.archives = folder / "archives"
        self._none = folder / "none"
        for part in ("archives/partial", "lists/partial", "none/partial"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / "sources.list").write_text(_source(suite))
        (folder / "status").write_text("\n".join(_installed(name, architecture) for name in given))
        (folder / "apt.conf").write_text(_configuration(folder, architecture))
        self._env = os.environ | {"APT_CONFIG": str(folder / "apt.conf"), "LC_ALL": "C"}

    def update(self) -> None:
        """Fetches the index of the release."""
        self._run("update", "-q", "--error-on=any")

    def resolve(self, wanted: Wanted) -> list[Package]:
        """Returns the files of all packages that `wanted` needs and does not take as given."""
        # With the real archive folder, apt-get would leave out what is there already.
        out = self._run("install", "-qq", "--print-uris", "-o", f"Dir::Cache::archives={self._none}", *wanted.fetched)
        return [package for package in map(Package.read, out.splitlines()) if package]

    def download(self, wanted: Wanted, progress: Callable[[float], None]) -> None:
        """Fetches what is not yet in the archive folder, continuing partial files; `progress` gets percents."""
        read, write = os.pipe()
        # Tied to the preparation: one that is killed must not leave an apt-get behind that holds the archives' lock.
        guard = ["setpriv", "--pdeathsig", "TERM"]
        command = ["apt-get", "install", "-qq", "--yes", "--download-only", "-o", f"APT::Status-Fd={write}"]
        process = subprocess.Popen(
            [*guard, *command, *wanted.fetched],
            env=self._env,
            pass_fds=[write],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.close(write)
        with os.fdopen(read) as status:
            for percent in _percents(status):
                progress(percent)
        _, errors = process.communicate()
        if process.returncode != 0:
            raise PreparationError(
                f"the download failed: {_first_error(errors)}; run the command again to go on with it"
            )

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(["apt-get", *arguments], env=self._env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise PreparationError(
                f"apt-get {arguments[0]} failed: {_first_error(done.stderr)}; is the Debian mirror reachable?"
            )
        return done.stdout


def _percents(status: Iterator[str]) -> Iterator[float]:
    for line in status:
        fields = line.split(":", 3)
        if fields[0] == "dlstatus":
            yield float(fields[2])


def _first_error(errors: str) -> str:
    lines = [line for line in errors.splitlines() if line.startswith("E:")] or errors.splitlines() or ["no message"]
    return lines[0].removeprefix("E:").strip()


def _source(suite: str) -> str:
    """Returns the sources.list line for `suite` on the mirror that the machine itself uses."""
    about = platform.freedesktop_os_release()
    uris = subprocess.run(["apt-get", "update", "--print-uris"], capture_output=True, text=True, check=False).stdout
    for release in filter(None, map(_RELEASE.match, uris.splitlines())):
        if about["ID"] == "debian" and release["suite"] in _SUITES | {about.get("VERSION_CODENAME")}:
            key = f"[signed-by={_KEYRING}] " if _KEYRING.exists() else ""
            return f"deb {key}{release['mirror']} {suite} main\n"
    raise PreparationError(
        f"apt-get knows no mirror of Debian here ({about.get('PRETTY_NAME', 'unknown system')}): "
        "add one to /etc/apt/sources.list.d, or run this in a Debian container"
    )


def _installed(name: str, architecture: str) -> str:
    return (
        f"Package: {name}\nStatus: install ok installed\nArchitecture: {architecture}\nMulti-Arch: foreign\n"
        f"Version: 999:0\nMaintainer: none <none@localhost>\nDescription: taken as given\n"
    )


def _configuration(folder: Path, architecture: str) -> str:
    """Returns an apt.conf that replaces the machine's, but for how it fetches (proxies, certificates, credentials)."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    kept = [line for line in dump.splitlines() if line.startswith(_KEPT)]
    settings = {
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Dir::State": folder,
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder,
        "Dir::Cache::archives": folder / "archives",
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::parts": "/dev/null",
        "Dir::Etc::main": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::Log": folder,
    }
    return "\n".join([*kept, *(f'{key} "{value}";' for key, value in settings.items())]) + "\n"
