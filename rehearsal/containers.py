"""Runs a released image as a process in its own root file system, without a container engine."""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ENTER = ["unshare", "--user", "--map-root-user"]
_LISTENING = "listening on "
_STOP_SECONDS = 10.0


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


def pull(reference: str, folder: Path, platform: str = "amd64", layout: Path | None = None) -> Bundle:
    """Pulls an image with skopeo and unpacks it with umoci.

    Args:
        reference: with a tag or a digest; the registry speaks plain HTTP.
        folder: where it is unpacked.
        platform: an architecture, as Go names it.
        layout: a folder that keeps blobs which several images share; one in `folder` by default.
    """
    folder.mkdir(parents=True, exist_ok=True)
    image = f"{layout or folder / 'layout'}:{folder.name}"
    source = ["--src-tls-verify=false", f"docker://{reference}"]
    run("skopeo", "--override-arch", platform, "copy", *source, f"oci:{image}")
    run("umoci", "unpack", "--rootless", "--image", image, f"{folder}/bundle")
    process = json.loads((folder / "bundle" / "config.json").read_text())["process"]
    environment = dict(pair.split("=", 1) for pair in process["env"])
    return Bundle(folder / "bundle" / "rootfs", process["args"], environment)


class Container:
    """A bundle's process in its root, which says on its first line where it listens."""

    def __init__(self, bundle: Bundle, settings: Mapping[str, str], arguments: Sequence[str] = ()) -> None:
        """Starts it.

        Args:
            bundle: the unpacked image.
            settings: its environment, beside the image's own.
            arguments: in the place of the image's own.

        Raises:
            RuntimeError: it ends, or says something else.
        """
        command = [*_ENTER, f"--root={bundle.rootfs}", *(arguments or bundle.arguments)]
        environment = {**bundle.environment, **settings, "SHOP_LISTEN": "127.0.0.1:0"}
        self._process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        self._lines: list[str] = []
        assert self._process.stderr is not None
        line = self._process.stderr.readline()
        if not line.startswith(_LISTENING):
            self._process.terminate()
            said = line + self._process.communicate()[1]
            raise RuntimeError(f"{bundle.arguments}: does not listen: {said[-2000:]}")
        self.address = line.removeprefix(_LISTENING).strip()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def log(self) -> str:
        """What it has said since."""
        return "".join(self._lines)

    def _read(self) -> None:
        assert self._process.stderr is not None
        self._lines.extend(self._process.stderr)

    def stop(self) -> None:
        """Ends it: kindly, and after a while not."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()


@contextmanager
def started(bundle: Bundle, settings: Mapping[str, str]) -> Iterator[str]:
    """Runs a bundle's entrypoint in its root and yields the address that it says it listens on."""
    container = Container(bundle, settings)
    try:
        yield container.address
    finally:
        container.stop()
