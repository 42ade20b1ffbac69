"""Runs Bazel in the scratch module, and programs that read registries."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from release_kit.errors import ReleaseError

_LAST_LINES = 15
_OURS = ("BUILD_", "RUNFILES_", "JAVA_RUNFILES", "PYTHON", "TEST_")


class Outcome(NamedTuple):
    """What a program printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def reason(self) -> str:
        """The last lines of what it said."""
        return "\n".join((self.err or self.out).strip().splitlines()[-_LAST_LINES:])


class Bazel(NamedTuple):
    """Bazel in a workspace with the same flags for each command."""

    program: str
    folder: Path
    flags: tuple[str, ...]

    def __call__(self, command: str, *arguments: str) -> Outcome:
        """Runs a command; a failure is for the caller to look at."""
        return run([self.program, command, "--noshow_progress", *self.flags, *arguments], self.folder)

    def output(self) -> Path:
        """Returns the folder with what was built.

        Raises:
            ReleaseError: Bazel does not say.
        """
        outcome = run([self.program, "info", *self.flags, "bazel-bin"], self.folder)
        if outcome.code:
            raise ReleaseError(f"Bazel does not run in {self.folder}: {outcome.reason}", "see what it says")
        return Path(outcome.out.strip())

    def shutdown(self) -> None:
        """Ends the workspace's server."""
        run([self.program, "shutdown"], self.folder)


def run(command: list[str], folder: Path | None = None) -> Outcome:
    """Runs a program without what Bazel has set for this one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return Outcome(done.returncode, done.stdout, done.stderr)


def bazel_program(given: str, repository: Path) -> str:
    """Returns the program that runs Bazel: the given one, or the repository's own."""
    return shutil.which(given) or given if given else str(repository / "bazelw")


def read_by_crane(reference: str, folder: Path) -> Outcome | None:
    """Lets crane copy all of an image or index out of the registry; None where it is not on PATH."""
    return _copied("crane", folder, "pull", "--insecure", "--format=oci", reference, str(folder))


def read_by_skopeo(reference: str, folder: Path) -> Outcome | None:
    """Lets skopeo copy all of an image or index out of the registry; None where it is not on PATH."""
    flags = ("--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false")
    return _copied("skopeo", folder, *flags, f"docker://{reference}", f"dir:{folder}")


def _copied(name: str, folder: Path, *arguments: str) -> Outcome | None:
    program = shutil.which(name)
    shutil.rmtree(folder, ignore_errors=True)
    return run([program, *arguments]) if program else None


def tags(host: str, repository: str) -> dict[str, str]:
    """Asks a registry on loopback for a repository's tags and their digests."""
    names = json.loads(_get(f"http://{host}/v2/{repository}/tags/list")[1])["tags"]
    return {name: _get(f"http://{host}/v2/{repository}/manifests/{name}")[0] for name in names or ()}


def _get(url: str) -> tuple[str, bytes]:
    from urllib.request import Request, urlopen

    kinds = ", ".join(f"application/vnd.oci.image.{kind}.v1+json" for kind in ("manifest", "index"))
    with urlopen(Request(url, headers={"Accept": kinds}), timeout=30) as answer:
        return str(answer.headers.get("Docker-Content-Digest", "")), answer.read()
