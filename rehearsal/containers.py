"""Runs a released image as a process in its own root file system, without a container engine."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ENTER = ["unshare", "--user", "--map-root-user"]
_LISTENING = "listening on "


def run(*command: str) -> str:
    """Runs a program to its end and returns what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
    return done.stdout.strip()


@dataclass(frozen=True)
class Bundle:
    """An unpacked image: its root file system and what its config says of the process."""

    rootfs: Path
    arguments: list[str]
    environment: dict[str, str]


def pull(reference: str, folder: Path, platform: str = "amd64") -> Bundle:
    """Pulls an image with skopeo and unpacks it with umoci."""
    folder.mkdir(exist_ok=True)
    layout = f"{folder}/layout:image"
    run(
        "skopeo",
        "--override-arch",
        platform,
        "copy",
        "--src-tls-verify=false",
        f"docker://{reference}",
        f"oci:{layout}",
    )
    run("umoci", "unpack", "--rootless", "--image", layout, f"{folder}/bundle")
    process = json.loads((folder / "bundle" / "config.json").read_text())["process"]
    environment = dict(pair.split("=", 1) for pair in process["env"])
    return Bundle(folder / "bundle" / "rootfs", process["args"], environment)


@contextmanager
def started(bundle: Bundle, settings: dict[str, str]) -> Iterator[str]:
    """Runs a bundle's entrypoint in its root and yields the address that it says it listens on."""
    command = [*_ENTER, f"--root={bundle.rootfs}", *bundle.arguments]
    environment = bundle.environment | settings | {"SHOP_LISTEN": "127.0.0.1:0"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert line.startswith(_LISTENING), line + process.stderr.read()
            yield line.removeprefix(_LISTENING).strip()
        finally:
            process.terminate()
