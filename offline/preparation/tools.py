"""Go programs that Debian lacks, built inside the offline root."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from preparation.progress import PreparationError, Step

_SETTINGS = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GONOPROXY", "GOINSECURE", "GOAUTH", "GOVCS")


@dataclass(frozen=True)
class Tool:
    """One line of tools.txt."""

    binary: str
    path: str
    version: str
    linker: tuple[str, ...]

    @property
    def key(self) -> str:
        """A file name for the built program that differs wherever the line differs."""
        return f"{self.binary}-{hashlib.sha256(repr(self).encode()).hexdigest()[:16]}"


def read(path: Path) -> list[Tool]:
    """Reads the lines "binary package version [linker flag ...]"; "#" starts a comment."""
    tools = []
    for words in (line.split("#")[0].split() for line in path.read_text().splitlines()):
        if words and len(words) < 3:
            raise PreparationError(f"{path}: expected 'binary package version', found '{' '.join(words)}'")
        if words:
            tools.append(Tool(words[0], words[1], words[2], tuple(words[3:])))
    return tools


def prepare(tools: Sequence[Tool], folder: Path, built: Path, enter: Sequence[str]) -> None:
    """Makes `folder`, which appears when it is complete, with the binaries of `tools`.

    `built` keeps each program under its own key, so a changed list builds only what is new in it.
    `enter` is the command prefix that runs a command inside the root.
    """
    built.mkdir(parents=True, exist_ok=True)
    for tool in tools:
        if not (built / tool.key).exists():
            with Step(f"building {tool.binary} {tool.version}"):
                _build(tool, built / "work", enter).rename(built / tool.key)
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for tool in tools:
        os.link(built / tool.key, part / tool.binary)
    part.rename(folder)
    _remove(built / "work")
    for path in set(built.glob("*-*")) - {built / tool.key for tool in tools}:
        path.unlink()


def _build(tool: Tool, work: Path, enter: Sequence[str]) -> Path:
    """Builds one program in the folder `work`, which keeps Go's caches, and returns its file."""
    shutil.rmtree(work / "bin", ignore_errors=True)
    (work / "bin").mkdir(parents=True)
    settings = _machine_settings() | {
        "CGO_ENABLED": "0",
        "GOBIN": str(work / "bin"),
        "GOCACHE": str(work / "cache"),
        "GOMODCACHE": str(work / "modules"),
        "GOPATH": str(work / "path"),
        "GOTOOLCHAIN": "local",
    }
    environment = [f"{name}={value}" for name, value in settings.items()]
    flags = ["-trimpath", "-ldflags=" + " ".join(["-s", "-w", *tool.linker])]
    command = [*enter, "env", *environment, "go", "install", *flags, f"{tool.path}@{tool.version}"]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PreparationError(
            f"{tool.path}@{tool.version} cannot be built: {_reason(done.stderr)}\n"
            "Check the line in tools.txt and where GOPROXY points, then run the command again."
        )
    (binary,) = (work / "bin").iterdir()
    return binary


def _machine_settings() -> dict[str, str]:
    """Returns where this machine gets Go modules from, also where only its own Go installation knows that."""
    if shutil.which("go") is None:
        return {}
    done = subprocess.run(["go", "env", *_SETTINGS], capture_output=True, text=True, check=False)
    values = done.stdout.splitlines()
    if len(values) != len(_SETTINGS):
        return {}
    return {name: value for name, value in zip(_SETTINGS, values, strict=True) if value}


def _reason(errors: str) -> str:
    lines = [line for line in errors.splitlines() if not line.startswith("go: downloading")]
    return "\n".join(lines[-5:]) or "no message"


def _remove(work: Path) -> None:
    """Removes Go's caches; Go write-protects module folders, which a plain rmtree would trip over."""
    for folder, _, _ in os.walk(work):
        Path(folder).chmod(0o755)
    shutil.rmtree(work, ignore_errors=True)
