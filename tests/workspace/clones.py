"""A clone of the repository in which Bazel runs, and what a registry says of its pushes."""

import json
import os
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[2]
_IDENTITY = {f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@dataclass(frozen=True)
class Outcome:
    """What a program printed, and its exit code."""

    out: str
    err: str
    code: int


@dataclass(frozen=True)
class Clone:
    """A clone of the repository with a user's state folder of its own."""

    folder: Path
    state: Path

    def git(self, *arguments: str) -> str:
        """Runs git and returns what it printed."""
        return self._run("git", *arguments, folder=self.folder).out.strip()

    def bazel(self, *arguments: str, folder: str = ".", code: int = 0) -> Outcome:
        """Runs Bazel as the README says, in the clone or in a module within it."""
        outcome = self._run(str(self.folder / "bazelw"), *arguments, folder=self.folder / folder)
        assert outcome.code == code, outcome.out + outcome.err
        return outcome

    def shell(self, command: str, folder: str = ".") -> Outcome:
        """Runs a command line of a page in the clone, or in a folder of it."""
        outcome = self._run("bash", "-euo", "pipefail", "-c", command, folder=self.folder / folder)
        assert outcome.code == 0, outcome.err
        return outcome

    def push(self, *arguments: str, **more: Any) -> Outcome:
        """Runs `bazel run //release:push`."""
        return self.bazel("run", "//release:push", "--", *arguments, **more)

    def executed(self, *arguments: str) -> list[str]:
        """Runs Bazel and returns the mnemonic of every action that its execution log names."""
        log = self.state / "execution.json"
        command, *rest = arguments
        self.bazel(command, f"--execution_log_json_file={log}", *rest)
        text, decoder, mnemonics = log.read_text().strip(), json.JSONDecoder(), []
        while text:
            entry, end = decoder.raw_decode(text)
            mnemonics.append(entry["mnemonic"])
            text = text[end:].lstrip()
        return mnemonics

    def release(self, version: str) -> str:
        """Commits a version with its tag and returns the commit."""
        (self.folder / "VERSION").write_text(f"{version}\n")
        self.git("commit", "--quiet", "--allow-empty", "--all", "--message", f"release {version}")
        self.git("tag", f"v{version}")
        return self.git("rev-parse", "HEAD")

    def _run(self, *command: str, folder: Path) -> Outcome:
        environment = os.environ | _IDENTITY | {"XDG_STATE_HOME": str(self.state), "DOCKER_CONFIG": str(self.state)}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        return Outcome(done.stdout, done.stderr, done.returncode)


def private_registry(state: Path) -> str:
    """Returns host and port of the private registry that a push without a registry has started."""
    note = json.loads((state / "rules_release" / "registry" / "running.json").read_text())
    return f"127.0.0.1:{note['port']}"


def tags(host: str, repository: str) -> dict[str, str]:
    """Asks a registry for a repository's tags and their digests."""
    with urllib.request.urlopen(f"http://{host}/v2/{repository}/tags/list", timeout=30) as answer:
        names = json.load(answer)["tags"]
    return {name: _digest(f"http://{host}/v2/{repository}/manifests/{name}") for name in names}


def _digest(url: str) -> str:
    kinds = ("manifest", "index")
    accept = ", ".join(f"application/vnd.oci.image.{kind}.v1+json" for kind in kinds)
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=30) as answer:
        return str(answer.headers["Docker-Content-Digest"])
