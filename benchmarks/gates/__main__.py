"""Starts the gates benchmark, as a Bazel target or as `python3 benchmarks/gates`."""

import sys
from pathlib import Path


def run() -> int:
    """Makes the repository's root importable and runs the command line."""
    sys.path.insert(0, str(Path(__file__).absolute().parents[2]))
    from benchmarks.gates.command import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(run())
