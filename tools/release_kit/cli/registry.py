"""`release-kit registry`: the private registry on loopback, in the foreground."""

import argparse
import signal

from release_kit.adapters.local_registry import LocalRegistry
from release_kit.adapters.state import state_folder
from release_kit.cli.console import Console

STOPPING = {signal.SIGINT, signal.SIGTERM}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("--stop", action="store_true", help="stop the one that runs in the background")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Keeps the registry up until it is interrupted, or stops it; returns the exit code."""
    registry = LocalRegistry(state_folder() / "registry")
    if arguments.stop:
        stopped = registry.stop()
        console.step(f"stopped the registry on {stopped.host}" if stopped else "no registry was running")
        return 0
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    running = registry.ensure()
    console.step(f"the registry on {running.host} is up (process {running.pid}), kept in {registry.folder}")
    console.note(f"push to it: --registry {running.host}; look into it: crane catalog {running.host}")
    console.note("Ctrl-C stops it")
    try:
        signal.sigwait(STOPPING)
    finally:
        registry.stop()
    console.step("stopped")
    return 0
