"""A pushed release, a declaration of environments and the repository that they are kept in, for `release-kit hydrate`.

with FaultRegistry() as registry, GitServer(tmp_path / "git") as server:
    shop = Deployment(tmp_path, registry.host, server)
    shop.release("1.2.3")
    assert shop.hydrate() == 0
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from rehearsal.git_server import GitServer, git, refs
from release_kit.cli.app import main
from tests.support.chart_releases import FILES, Workplace
from tests.support.helm import HELM_4, helm

NAMES = ("staging", "demo", "prod")
NEXT = [f"environment/{name}-next" for name in NAMES]
REQUESTS = ["list", "fetch", "list", "fetch", "fetch", "list to push", "push"]
"""What one hydrate asks of the server."""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: {{ .Values.port | default 80 }}}]}
"""
HOOKS = """\
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}
---
apiVersion: v1
kind: Pod
metadata: {name: smoke, annotations: {helm.sh/hook: test}}
"""
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: carts.shop.example}
"""
CART = """\
{{- if .Capabilities.APIVersions.Has "shop.example/v1" }}
apiVersion: shop.example/v1
kind: Cart
metadata: {name: cart, namespace: elsewhere}
{{- end }}
"""
MORE = {
    "templates/service.yaml": SERVICE,
    "templates/hooks.yaml": HOOKS,
    "templates/cart.yaml": CART,
    "crds/cart.yaml": DEFINITION,
    "values-prod.yaml": "port: 443\nreplicas: 3\n",
}


def own_settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets commands in this process know nothing of this machine's user; who commits is Jo Doe."""
    settings = folder / "gitconfig"
    settings.write_text("[user]\nname = Jo Doe\nemail = jo@example.com\n")
    monkeypatch.setenv("DOCKER_CONFIG", str(folder / "no-docker-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


class Deployment:
    """The sample release `shop`, and environments that it is hydrated for."""

    def __init__(self, folder: Path, host: str, server: GitServer, **document: Any) -> None:
        """Makes the repository with the environments' branches; `document` replaces fields of the declaration."""
        (folder / "work").mkdir(parents=True)
        self.folder, self.host, self.server = folder, host, server
        self.work = Workplace(folder / "work", host)
        for path, text in {**FILES, **MORE}.items():
            (self.work.chart / path).parent.mkdir(exist_ok=True)
            (self.work.chart / path).write_text(text)
        self.bare = server.create("acme/deploy")
        self.url = server.url("acme/deploy")
        self.declaration = folder / "environments.json"
        self.declare(**document)
        self.bootstrap()

    @property
    def record(self) -> Path:
        """The record of what was pushed last."""
        return self.work.record

    def declare(self, **changes: Any) -> dict[str, Any]:
        """Writes the declaration; `changes` replace its fields."""
        document = {
            "schema": "rules_release/environments/v1",
            "name": "shop",
            "repository": {"provider": "fake", "owner": "acme", "name": "deploy", "url": self.url},
            "chart": {"registry": self.host, "name": "shop"},
            "environments": [{"name": name} for name in NAMES],
            **changes,
        }
        self.declaration.write_text(json.dumps(document))
        return document

    def bootstrap(self) -> None:
        """Makes the branches of all environments, each pair on one empty commit."""
        tree = git(self.bare, "hash-object", "-w", "-t", "tree", "--stdin")
        for name in NAMES:
            made = git(self.bare, "commit-tree", tree, "-m", f"Begin environment/{name}")
            for branch in (f"environment/{name}", f"environment/{name}-next"):
                git(self.bare, "update-ref", f"refs/heads/{branch}", made)

    def release(self, version: str = "1.2.3", **document: Any) -> None:
        """Pushes images and chart as a version."""
        self.work.stamp(version)
        self.work.write(**document)
        assert self.work.push() == 0

    def arguments(self, *more: str) -> list[str]:
        """Returns a command line that hydrates what was pushed last."""
        named = [] if "--release" in more else ["--record", str(self.record)]
        return ["hydrate", str(self.declaration), *named, "--helm", str(helm(HELM_4)), *more]

    def hydrate(self, *more: str) -> int:
        """Hydrates in this process; returns the exit code."""
        return main(self.arguments(*more))

    def command(self, *more: str) -> list[str]:
        """Returns the same as a command of its own process."""
        return [sys.executable, "-m", "release_kit", *self.arguments(*more)]

    def environment(self, **variables: str) -> dict[str, str]:
        """Returns the environment of such a process, which knows nothing of this machine's user."""
        known = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        own = {"HOME": str(self.folder), "TMPDIR": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1"}
        return {**known, **own, **variables}

    def refs(self) -> dict[str, str]:
        """Returns all refs of the repository, without the `refs/heads/` of branches."""
        return {name.removeprefix("refs/heads/"): sha for name, sha in refs(self.bare).items()}

    def files(self, branch: str) -> list[str]:
        """Returns the paths on a branch."""
        return git(self.bare, "ls-tree", "-r", "--name-only", branch).splitlines()

    def show(self, branch: str, path: str) -> str:
        """Returns a file on a branch."""
        return git(self.bare, "cat-file", "blob", f"{branch}:{path}") + "\n"

    def count(self, branch: str) -> int:
        """Returns how many commits a branch has that no merge brought."""
        return int(git(self.bare, "rev-list", "--count", "--first-parent", branch))

    def is_whole(self) -> bool:
        """Tells whether what is proposed for every environment is made from the newest dry commit."""
        dry = self.refs().get("releases")
        return all(json.loads(self.show(branch, "hydrator.metadata"))["drySha"] == dry for branch in NEXT)

    def commit(self, branch: str, files: dict[str, str], *parents: str, message: str = "By hand") -> str:
        """Puts a commit that has these files, and those of its first parent, on a branch; returns its sha."""
        first = parents or (self.refs()[branch],)
        entries = git(self.bare, "ls-tree", "-r", first[0]).splitlines() if first[0] else []
        kept = [entry for entry in entries if entry.partition("\t")[2] not in files]
        for path, text in files.items():
            blob = git(self.bare, "hash-object", "-w", "--stdin", input_=text.encode())
            kept.append(f"100644 blob {blob}\t{path}")
        index = str(self.folder / "index")
        Path(index).unlink(missing_ok=True)
        git(self.bare, "update-index", "--index-info", input_="\n".join([*kept, ""]).encode(), GIT_INDEX_FILE=index)
        tree = git(self.bare, "write-tree", GIT_INDEX_FILE=index)
        of_parents = [part for parent in first if parent for part in ("-p", parent)]
        made = git(self.bare, "commit-tree", tree, *of_parents, "-m", message)
        git(self.bare, "update-ref", f"refs/heads/{branch}", made)
        return made

    def promote(self, name: str) -> str:
        """Merges what is proposed for an environment, as a pull request does; returns the active head."""
        active, proposed = (self.refs()[f"environment/{name}{suffix}"] for suffix in ("", "-next"))
        made = git(self.bare, "commit-tree", f"{proposed}^{{tree}}", "-p", active, "-p", proposed, "-m", "Promote")
        git(self.bare, "update-ref", f"refs/heads/environment/{name}", made)
        return made
