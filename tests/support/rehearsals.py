"""Runs rehearsals as people do, and reads what they leave behind without asking them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

DEPLOY = "deploy/shop-deploy.git"
ORIGIN = "source/origin.git"
REPOSITORIES = "registry/storage/docker/registry/v2/repositories"


class Rehearsed(NamedTuple):
    """A rehearsal that is over."""

    code: int
    document: dict[str, Any]
    narration: str
    folder: Path

    @property
    def versions(self) -> dict[str, str]:
        """Which version answered where, at the end."""
        return {each["name"]: each["version"] for each in self.document["environments"]}

    def stages(self, outcome: str) -> list[str]:
        """Returns the names of the stages of which this came."""
        return [each["name"] for each in self.document["stages"] if each["outcome"] == outcome]

    def history(self, environment: str) -> list[str]:
        """Returns the versions that an environment's branch has held, oldest first, as git has it."""
        repository, branch = self.folder / DEPLOY, f"environment/{environment}"
        commits = git(repository, "rev-list", "--first-parent", "--reverse", branch).split()
        records = [git(repository, "show", f"{commit}:release-record.json") for commit in commits[1:]]
        return [json.loads(each)["version"] for each in records]

    def active(self, environment: str) -> dict[str, Any]:
        """Returns the record of what an environment has."""
        place = f"environment/{environment}:release-record.json"
        record: dict[str, Any] = json.loads(git(self.folder / DEPLOY, "show", place))
        return record

    def digest(self, repository: str, tag: str) -> str:
        """Returns what a tag of the registry points at, as its files have it."""
        place = self.folder / REPOSITORIES / repository / "_manifests/tags" / tag / "current/link"
        return place.read_text().strip()

    @property
    def tags(self) -> list[str]:
        """The tags of the source repository."""
        return git(self.folder / ORIGIN, "tag", "--list").split()


def git(repository: Path, *arguments: str) -> str:
    """Asks a repository that nobody serves any more."""
    command = ["git", "-c", "safe.directory=*", *arguments]
    return subprocess.run(command, cwd=repository, check=True, capture_output=True, text=True).stdout


def command(*arguments: str) -> list[str]:
    """Returns the command of a rehearsal."""
    return [sys.executable, "-m", "rehearsal", *arguments]


def environment(folder: Path) -> dict[str, str]:
    """Returns its environment: temporary folders go below `folder`."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TMPDIR": str(folder)}


def rehearse(folder: Path, *arguments: str) -> Rehearsed:
    """Runs a rehearsal to its end, and keeps all of it."""
    kept = folder / "kept"
    told = command("--json", "--keep", str(kept), *arguments)
    done = subprocess.run(told, env=environment(folder), capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr[-5000:]
    return Rehearsed(done.returncode, json.loads(done.stdout), done.stderr, kept)
