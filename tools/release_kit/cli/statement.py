"""`release-kit statement`: a release as an in-toto statement, for those who sign it later or elsewhere."""

import argparse
from pathlib import Path

from release_kit.adapters.files import write_atomically
from release_kit.cli.console import Console
from release_kit.documents import release_record
from release_kit.documents.fields import read_document
from release_kit.documents.statement import statement
from release_kit.values.reference import parse_registry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("record", metavar="RECORD.json", help="the release record that a push wrote")
    parser.add_argument("--registry", metavar="HOST[:PORT]", help="where the release is, if not where the record says")
    parser.add_argument("--output", metavar="FILE", help="write it there instead of to stdout")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Prints the statement; returns 0."""
    record = read_document(Path(arguments.record), release_record.from_fields)
    if arguments.registry:
        record = record._replace(registry=parse_registry(arguments.registry, "--registry").host)
    text = statement(record)
    if arguments.output:
        write_atomically(Path(arguments.output), text)
        console.note(f"statement: {arguments.output}")
    else:
        console.result(text)
    return 0
