"""What an environment is to run: the Application on its branch, and the chart that it pins, rendered by helm."""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from rehearsal.git_server import git

PLACE = "manifests/application.yaml"
KUBE_VERSION = "1.31.0"


class Pinned(NamedTuple):
    """A chart at one version, with an environment's values."""

    application: str
    """The name of the Application."""
    registry: str
    """Where the chart is, without its name: `127.0.0.1:4711/acme/charts`."""
    chart: str
    version: str
    release: str
    namespace: str
    value_files: tuple[str, ...]
    values: Mapping[str, Any]


class DeployRepository:
    """A copy of the deploy repository, as whoever deploys has it."""

    def __init__(self, url: str, folder: Path) -> None:
        """Makes an empty copy."""
        self.url, self._folder = url, folder
        folder.mkdir(parents=True)
        git(folder, "init", "--quiet", "--bare", ".")

    def heads(self) -> dict[str, str]:
        """Returns the commit of each branch, as of now."""
        git(self._folder, "fetch", "--quiet", "--prune", self.url, "+refs/heads/*:refs/heads/*")
        listed = git(self._folder, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads")
        return {name: sha for name, _, sha in (line.rpartition(" ") for line in listed.splitlines())}

    def pinned(self, commit: str) -> Pinned | None:
        """Returns what a commit pins; None where it has no Application yet."""
        if PLACE not in git(self._folder, "ls-tree", "-r", "--name-only", commit).splitlines():
            return None
        found = yaml.safe_load(git(self._folder, "show", f"{commit}:{PLACE}"))
        source = found["spec"]["source"]
        helm = source["helm"]
        return Pinned(
            found["metadata"]["name"],
            source["repoURL"],
            source["chart"],
            source["targetRevision"],
            helm["releaseName"],
            found["spec"]["destination"]["namespace"],
            tuple(helm.get("valueFiles", ())),
            helm["valuesObject"] if "valuesObject" in helm else yaml.safe_load(helm.get("values", "{}")),
        )


def render(pinned: Pinned, helm: str, home: Path) -> str:
    """Pulls the chart and renders it, as Argo CD does.

    Args:
        pinned: which one, with which values.
        helm: the program.
        home: where it may keep what it likes.

    Raises:
        AssertionError: helm refuses.
    """
    with tempfile.TemporaryDirectory(dir=home) as folder:
        reference = f"oci://{pinned.registry}/{pinned.chart}"
        _helm(
            helm, home, "pull", reference, "--version", pinned.version, "--plain-http", "--untar", "--untardir", folder
        )
        chart = Path(folder, pinned.chart)
        own = Path(folder, "values.yaml")
        own.write_text(yaml.safe_dump(pinned.values))
        files = [*(chart / name for name in pinned.value_files), own]
        values = [argument for file in files for argument in ("--values", str(file))]
        place = ["--namespace", pinned.namespace, "--kube-version", KUBE_VERSION]
        return _helm(helm, home, "template", pinned.release, str(chart), *place, *values)


def _helm(helm: str, home: Path, *arguments: str) -> str:
    environment = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    done = subprocess.run([helm, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"helm {arguments[0]}: {done.stderr}"
    return done.stdout
