"""Go programs that Debian lacks, built inside the offline root."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from preparation.progress import PreparationError, Step

_GO_SETTINGS = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GONOPROXY", "GOINSECURE", "GOAUTH", "GOVCS")


@dataclass(frozen=True)
class Tool:
    """One line of tools.txt."""

    binary: str
    path: str
    version: str

    @property
    def key(self) -> str:
        """A file name for the built program that differs wherever the line differs."""
        return f"{self.path.replace('/', '!')}@{self.version}"


def read(path: Path) -> list[Tool]:
    """Reads the lines "binary module/path version"; "#" starts a comment."""
    lines = [line.split("#")[0].split() for line in path.read_text().splitlines()]
    for words in lines:
        if len(words) not in (0, 3):
            raise PreparationError(f"{path}: expected 'binary module/path version', found '{' '.join(words)}'")
    return [Tool(*words) for words in lines if words]


def prepare(tools: Sequence[Tool], folder: Path, built: Path, enter: Sequence[str]) -> None:
    """Makes `folder`, which appears when it is complete, with the binaries of `tools`.

    `built` keeps each program under its own key, so a changed list builds only what is new in it.
    `enter` is the command prefix that runs a command inside the root.
    """
    built.mkdir(parents=True, exist_ok=True)
    missing = [tool for tool in tools if not (built / tool.key).exists()]
    for tool in missing:
        with Step(f"building {tool.binary} {tool.version}"):
            _build(tool, built, enter)
    keys = {tool.key for tool in tools}
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for tool in tools:
        os.link(built / tool.key, part / tool.binary)
    part.rename(folder)
    for path in built.iterdir():
        if path.name not in keys and path.is_file():
            path.unlink()
    _remove_caches(built)


def _build(tool: Tool, built: Path, enter: Sequence[str]) -> None:
    work = built / "work"
    (work / "bin").mkdir(parents=True, exist_ok=True)
    settings = _host_settings() | {
        "CGO_ENABLED": "0",
        "GOBIN": str(work / "bin"),
        "GOCACHE": str(work / "cache"),
        "GOMODCACHE": str(work / "modules"),
        "GOPATH": str(work / "path"),
        "GOTOOLCHAIN": "local",
    }
    environment = [f"{name}={value}" for name, value in settings.items()]
    command = [
        *enter,
        "env",
        *environment,
        "go",
        "install",
        "-trimpath",
        "-ldflags=-s -w",
        f"{tool.path}@{tool.version}",
    ]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PreparationError(
            f"{tool.path}@{tool.version} cannot be built: {_reason(done.stderr)}\nCheck GOPROXY, then run the command again."
        )
    (work / "bin" / Path(tool.path).name).rename(built / tool.key)


def _host_settings() -> dict[str, str]:
    """Returns where this machine gets Go modules from, also where only its own Go installation knows that."""
    if shutil.which("go") is None:
        return {}
    done = subprocess.run(["go", "env", *_GO_SETTINGS], capture_output=True, text=True, check=False)
    values = done.stdout.splitlines()
    if len(values) != len(_GO_SETTINGS):
        return {}
    return {name: value for name, value in zip(_GO_SETTINGS, values) if value}


def _reason(errors: str) -> str:
    lines = [line for line in errors.splitlines() if not line.startswith("go: downloading")]
    return "\n".join(lines[-5:]) or "no message"


def _remove_caches(built: Path) -> None:
    """Removes Go's caches; module folders are write-protected, which rmtree alone would trip over."""
    work = built / "work"
    for folder, _, _ in os.walk(work):
        os.chmod(folder, 0o755)
    shutil.rmtree(work, ignore_errors=True)
