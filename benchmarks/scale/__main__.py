"""Starts the scale benchmark, as a Bazel target or as `python3 benchmarks/scale`."""

import sys
from pathlib import Path


def run() -> int:
    """Makes the repository's roots importable and runs the command line."""
    top = Path(__file__).absolute().parents[2]
    sys.path[:0] = [str(top), str(top / "tools")]
    from benchmarks.scale.command import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(run())
