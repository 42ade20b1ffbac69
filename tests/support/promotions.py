"""Environments of the sample release `shop` on a git server, and releases that are hydrated without rendering a chart.

with FaultRegistry() as registry, GitServer(tmp_path / "git") as server:
    shop = Promotions(tmp_path, registry.host, server)
    shop.release("1.2.3")
    assert shop.promote("--to", "staging") == 0
    assert shop.active("staging") == "1.2.3"
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from rehearsal.git_server import GitServer, git, refs
from release_kit.adapters.git import GitRepository
from release_kit.cli.app import main
from release_kit.documents import environments, release_record
from release_kit.documents.environments import Environments
from release_kit.documents.fields import read_document
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.promotion.branches import refs as promotion_refs
from release_kit.engines.promotion.hydration import Proposal
from release_kit.engines.promotion.hydrator import Hydrator, Release
from tests.support import layouts, releases
from tests.support.narrators import Kept

E2E = {"kind": "e2e"}
APPROVAL = {"kind": "manual", "key": "approval"}
STAGING = {"name": "staging", "gates": [E2E]}
DEMO = {"name": "demo"}
PROD = {"name": "prod", "automatic": False, "gates": [APPROVAL]}
FLOW = (STAGING, DEMO, PROD)
"""Staging is tested, demo follows by itself, prod waits for an approval and a person."""


class Promotions:
    """A repository with the branches of all environments."""

    def __init__(
        self, folder: Path, host: str, server: GitServer, flow: Sequence[Mapping[str, Any]] = FLOW, **document: Any
    ) -> None:
        """Makes the repository; `document` replaces fields of the declaration."""
        self.folder, self.host, self.server = folder, host, server
        self.bare = server.create("acme/deploy")
        self.url = server.url("acme/deploy")
        self.declaration = folder / "environments.json"
        self.records: dict[str, Path] = {}
        self.declare(flow, **document)
        self._bootstrap()

    def declare(self, flow: Sequence[Mapping[str, Any]], **document: Any) -> None:
        """Writes the declaration."""
        declaration = {
            "schema": "rules_release/environments/v1",
            "name": "shop",
            "repository": {"provider": "fake", "owner": "acme", "name": "deploy", "url": self.url},
            "chart": {"registry": self.host, "name": "shop"},
            "environments": [dict(each) for each in flow],
            **document,
        }
        self.declaration.write_text(json.dumps(declaration))

    @property
    def declared(self) -> Environments:
        """The declaration, read."""
        return environments.load(self.declaration)

    def push(self, version: str, skip_staging: bool = False) -> ReleaseRecord:
        """Pushes an image as a version; returns its record."""
        folder = self.folder / f"release-{version}"
        if not folder.exists():
            folder.mkdir()
            commit = hashlib.sha1(version.encode(), usedforsecurity=False).hexdigest()
            made = {"shop/core": layouts.image(folder / "core", f"content of {version}".encode())}
            command = ["push", str(releases.write_set(folder, made)), "--registry", self.host, "--quiet"]
            status = releases.write_status(folder, version, commit)
            with status.open("a") as file:
                file.write(f"STABLE_SKIP_STAGING {'true' if skip_staging else 'false'}\n")
            assert main([*command, "--status-file", str(status), "--record", str(folder / "record.json")]) == 0
        self.records[version] = folder / "record.json"
        return read_document(self.records[version], release_record.from_fields)

    def release(self, version: str, only: Sequence[str] = (), skip_staging: bool = False, **values: str) -> None:
        """Pushes a version and hydrates it; `values` are what differs from one environment to the other."""
        self.hydrate(self.push(version, skip_staging), only, **values)

    def hydrate(self, record: ReleaseRecord, only: Sequence[str] = (), **values: str) -> None:
        """Proposes a release, to all environments or to some; what skips no staging may be older than the last one."""
        chosen = [each for each in self.declared.pinned if not only or each.name in only]
        proposals = tuple(
            Proposal(each, record, {"app.yaml": f"{record.version} {values.get(each.name, '')}\n".encode()})
            for each in chosen
        )
        files = {
            release_record.FILE_NAME: record._replace(registry="").to_json().encode(),
            "environments.json": self.declaration.read_bytes(),
            "values.json": json.dumps(values).encode(),
        }
        with self.copy() as repository:
            release = Release(record, files, proposals, again=not record.skip_staging)
            Hydrator(repository, self.declared, Kept()).run(release)

    @contextmanager
    def copy(self) -> Iterator[GitRepository]:
        """Makes a copy of the repository, as the commands do."""
        with TemporaryDirectory() as folder:
            repository = GitRepository(self.url, Path(folder), promotion_refs(self.declared))
            repository.fetch()
            yield repository

    def run(self, command: str, *more: str) -> int:
        """Runs a command in this process; returns its exit code."""
        return main([command, str(self.declaration), *more])

    def promote(self, *more: str) -> int:
        """Runs `release-kit promote`."""
        return self.run("promote", *more)

    def rollback(self, name: str, *more: str) -> int:
        """Runs `release-kit rollback`."""
        return self.run("rollback", "--environment", name, *more)

    def report(self, name: str, gate: str, phase: str = "success", *more: str) -> int:
        """Runs `release-kit report`."""
        return self.run("report", "--environment", name, "--gate", gate, "--phase", phase, *more)

    def command(self, command: str, *more: str) -> list[str]:
        """Returns a command of its own process."""
        return [sys.executable, "-m", "release_kit", command, str(self.declaration), *more]

    def environment(self) -> dict[str, str]:
        """Returns the environment of such a process."""
        known = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        return {**known, "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1"}

    def refs(self) -> dict[str, str]:
        """Returns all refs of the repository, without the `refs/heads/` of branches."""
        return {name.removeprefix("refs/heads/"): sha for name, sha in refs(self.bare).items()}

    def restore(self, wanted: Mapping[str, str]) -> None:
        """Lets all refs be as `refs` had them once."""
        present = refs(self.bare)
        full = {name if name.startswith("refs/") else f"refs/heads/{name}": sha for name, sha in wanted.items()}
        moves = [f"update {name} {sha}\n" for name, sha in full.items()]
        moves += [f"delete {name}\n" for name in present if name not in full]
        git(self.bare, "update-ref", "--stdin", input_="".join(moves).encode())

    def version(self, branch: str) -> str:
        """Returns the version on a branch; empty before the first one."""
        if "release-record.json" not in self.files(branch):
            return ""
        return str(json.loads(self.show(branch, "release-record.json"))["version"])

    def active(self, *names: str) -> str:
        """Returns the versions that environments run, with a space between them."""
        return " ".join(self.version(f"environment/{name}") or "-" for name in names)

    def files(self, branch: str) -> list[str]:
        """Returns the paths on a branch."""
        return git(self.bare, "ls-tree", "-r", "--name-only", branch).splitlines()

    def show(self, branch: str, path: str) -> str:
        """Returns a file on a branch."""
        return git(self.bare, "cat-file", "blob", f"{branch}:{path}")

    def message(self, branch: str) -> str:
        """Returns the message of a branch's newest commit."""
        return git(self.bare, "log", "-1", "--format=%B", branch)

    def count(self, branch: str) -> int:
        """Returns how many commits a branch has that no merge brought; 0 where there is no branch."""
        if branch not in self.refs():
            return 0
        return int(git(self.bare, "rev-list", "--count", "--first-parent", branch))

    def identity(self, version: str) -> str:
        """Returns the identity of a release."""
        return release_record.identity(read_document(self.records[version], release_record.from_fields))

    def variant(self, version: str, **fields: str) -> str:
        """Writes the record of a release with other fields, as another push of that version would; returns the path."""
        path = self.folder / f"variant-{version}.json"
        path.write_text(json.dumps(json.loads(self.records[version].read_text()) | fields))
        return str(path)

    def result(self, name: str, version: str, key: str) -> dict[str, Any]:
        """Returns a result as it is on the results branch; nothing where there is none."""
        path = f"{name}/{self.identity(version).partition(':')[2]}/{key}.json"
        if "gate-results" not in self.refs() or path not in self.files("gate-results"):
            return {}
        return dict(json.loads(self.show("gate-results", path)))

    def _bootstrap(self) -> None:
        tree = git(self.bare, "hash-object", "-w", "-t", "tree", "--stdin")
        for each in self.declared.pinned:
            made = git(self.bare, "commit-tree", tree, "-m", f"Begin {each.branch}")
            for branch in (each.branch, each.proposed_branch):
                git(self.bare, "update-ref", f"refs/heads/{branch}", made)


def settle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets nothing of this machine's user be read, and has somebody who commits."""
    settings = folder / "gitconfig"
    settings.write_text("[user]\nname = Jo Doe\nemail = jo@example.com\n")
    monkeypatch.setenv("DOCKER_CONFIG", str(folder / "no-docker-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
