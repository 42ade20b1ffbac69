"""What this machine must offer before anything is downloaded."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from preparation.progress import PreparationError

DISK_BYTES = 4_000_000_000
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_COMMANDS = {"apt-get": "apt", "dpkg-deb": "dpkg", "tar": "tar", "xz": "xz-utils"}


def check(cache: Path) -> None:
    """Raises PreparationError, naming the remedy, where the root could not be built or entered."""
    if sys.platform != "linux" or platform.machine() not in _ARCHITECTURES:
        raise PreparationError(
            f"the offline Bazel needs Linux on x86_64 or aarch64, this is {sys.platform} on {platform.machine()}: "
            "install bazelisk, or run this in a Linux container"
        )
    for command, package in _COMMANDS.items():
        if shutil.which(command) is None:
            raise PreparationError(f"{command} is missing: install {package}, or run this on Debian")
    _check_namespaces()
    _check_disk(cache)


def architecture() -> str:
    """Returns Debian's name of this machine's architecture."""
    return _ARCHITECTURES[platform.machine()]


def _check_namespaces() -> None:
    flags = ["--mount"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--mount"]
    done = subprocess.run(["unshare", *flags, "true"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PreparationError(
            f"this machine lets {'root' if os.geteuid() == 0 else 'this user'} make no namespaces "
            f"({done.stderr.strip()}): in a container run it with --privileged, "
            "else set `sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0`"
        )


def _check_disk(cache: Path) -> None:
    free = shutil.disk_usage(cache).free
    if free < DISK_BYTES:
        raise PreparationError(
            f"{cache} has {free / 1e9:.1f} GB free, {DISK_BYTES / 1e9:.0f} GB are needed: "
            "make room, or set RULES_RELEASE_CACHE to a folder on a larger disk"
        )
