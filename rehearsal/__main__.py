"""`bazel run //release:rehearse`: a release from its cut to its end, on this machine alone."""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rehearsal import timeline
from rehearsal.faults import FAULTS
from rehearsal.play import NAMES, Rehearsal, Wishes
from rehearsal.timeline import Timeline
from rehearsal.world import MissingError, World

SAMPLE = Path(__file__).absolute().parents[1]
"""The root of this repository's files, with what Bazel has built among them: the runfiles."""


def main(argv: Sequence[str] | None = None) -> int:
    """Rehearses.

    Returns:
        0 all stages have passed; 1 one has failed; 2 something is missing on this machine; 130 interrupted.
    """
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _folder(arguments.keep) as folder:
            return _rehearse(arguments, folder)
    except MissingError as error:
        print(f"ERROR {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("ERROR interrupted; everything that ran has been stopped", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rehearse", description="Rehearses a release of the sample on loopback.")
    parser.add_argument("--version", default="", metavar="VERSION", help="a pre-release of the next minor version")
    parser.add_argument(
        "--fail-at", action="append", default=[], choices=NAMES, metavar="STAGE", help=f"one of {', '.join(NAMES)}"
    )
    parser.add_argument("--resume", action="store_true", help="run a stage that was made to fail once more, and go on")
    parser.add_argument(
        "--fault", action="append", default=[], choices=[*FAULTS, "all"], help="of the faulty release; login"
    )
    parser.add_argument("--skip-staging", action="store_true", help="release a hotfix, which does not wait for staging")
    parser.add_argument("--json", action="store_true", help="print all that has happened as JSON")
    parser.add_argument("--keep", metavar="DIR", help="keep repositories, registry and logs; it has to be empty")
    return parser


def _rehearse(arguments: argparse.Namespace, folder: Path) -> int:
    chosen = [*FAULTS] if "all" in arguments.fault else arguments.fault or ["login"]
    wishes = Wishes(
        arguments.version, tuple(chosen), tuple(arguments.fail_at), arguments.resume, arguments.skip_staging
    )
    told = Timeline(timeline.shown)
    with World(SAMPLE, folder, told) as world:
        rehearsal = Rehearsal(world, wishes)
        passed = rehearsal.play()
        document = rehearsal.document()
    if arguments.json:
        print(json.dumps(document, indent=2))
    else:
        timeline.table(told.stages)
        for each in document["environments"]:
            print(f"{each['name']} answered {each['version'] or 'nothing'}")
    return 0 if passed else 1


@contextmanager
def _folder(keep: str | None) -> Iterator[Path]:
    """Gives an empty folder, which is gone afterwards unless it is to be kept."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="rehearsal-", ignore_cleanup_errors=True) as name:
            yield Path(name)
        return
    folder = Path(os.environ.get("BUILD_WORKING_DIRECTORY", "."), keep).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise MissingError(f"--keep: {folder} is not empty: name another folder")
    yield folder


if __name__ == "__main__":
    sys.exit(main())
