"""The release that a command is to hold on to: what may run in an environment, or be proposed for it, by then."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from release_kit.engines.promotion.report import Released

MAX_VERSION = 128
"""As long as a tag may be."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that name a release; without them, and with an empty version, it is whatever is there."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--record", metavar="RECORD.json", help="only this release, by its record")
    which.add_argument("--release", metavar="VERSION", default="", help="only this release; empty: whatever is there")


def released(arguments: argparse.Namespace) -> "Released":
    """Reads what is named.

    Raises:
        InputError: the record is none, or the version has no version's letters.
    """
    from release_kit.documents import release_record
    from release_kit.documents.fields import read_document
    from release_kit.engines.promotion.report import Released
    from release_kit.errors import InputError

    if not arguments.release.isprintable() or len(arguments.release) > MAX_VERSION:
        raise InputError(f"--release: expected a version, found {arguments.release!r:.100}")
    record = read_document(Path(arguments.record), release_record.from_fields) if arguments.record else None
    return Released(arguments.release, record)
