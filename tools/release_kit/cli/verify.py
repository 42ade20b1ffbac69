"""`release-kit verify`: is a release in the registry as its record says?"""

import argparse
import json
from contextlib import closing
from pathlib import Path

from release_kit.adapters.registry import credentials
from release_kit.adapters.registry.client import DEFAULT_CONCURRENCY, HttpRegistry
from release_kit.cli.console import Console
from release_kit.documents import release_record
from release_kit.documents.fields import read_document
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.fetch import fetch_record
from release_kit.engines.parallel import Workers
from release_kit.engines.verify import Drift, verify
from release_kit.errors import InputError, ReleaseError
from release_kit.values.reference import is_loopback, parse_reference, parse_registry

OCI_SCHEME = "oci://"
SCHEMA = "rules_release/verification/v1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "record",
        metavar="RECORD",
        help="the release record that a push wrote: a file, or oci://HOST[:PORT]/REPOSITORY[:TAG|@DIGEST]",
    )
    parser.add_argument("--registry", metavar="HOST[:PORT]", help="look there instead of where the record says")
    parser.add_argument("--deep", action="store_true", help="read every manifest and blob, and compare its content")
    parser.add_argument(
        "--without-moving-tags", action="store_true", help="leave out tags that move on, such as latest"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument(
        "--insecure", action="store_true", help="speak plain HTTP to a registry that is not on loopback"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Verifies the release; returns 0 if it is as it was recorded.

    Raises:
        ReleaseError: it is not; the result has been printed.
    """
    record, place = _record(arguments, console)
    if arguments.without_moving_tags:
        record = record.without_moving_tags()
    host = _host(arguments.registry, record.registry, place)
    console.step(f"verify: {record.contents} of {record.name} {record.version} in {host}")
    with closing(_client(host, arguments, console)) as registry:
        drifts = verify(record, registry, Workers(DEFAULT_CONCURRENCY), arguments.deep)
    _show(drifts, console, arguments.json)
    if drifts:
        raise ReleaseError(f"{len(drifts)} things in {host} are not as the record says", _remedy(drifts))
    console.step("everything is as the record says")
    return 0


def _record(arguments: argparse.Namespace, console: Console) -> tuple[ReleaseRecord, str]:
    """Returns the record and the host that it was fetched from, if it was."""
    if not arguments.record.startswith(OCI_SCHEME):
        return read_document(Path(arguments.record), release_record.from_fields), ""
    reference = parse_reference(arguments.record.removeprefix(OCI_SCHEME), "RECORD")
    with closing(_client(reference.host, arguments, console)) as registry:
        return fetch_record(registry, reference), reference.host


def _host(named: str | None, recorded: str, fetched_from: str) -> str:
    """Returns where to look: where the user says, else where the record is, else where it says."""
    if not (named or fetched_from or recorded):
        raise InputError("the record names no registry", "say with --registry where the release is")
    return parse_registry(named or fetched_from or recorded, "--registry" if named else "registry").host


def _client(host: str, arguments: argparse.Namespace, console: Console) -> HttpRegistry:
    client = HttpRegistry(host, credentials.find(host), arguments.insecure or is_loopback(host))
    client.only_reads()
    client.trace(console.detail)
    return client


def _remedy(drifts: list[Drift]) -> str:
    if all(drift.moving for drift in drifts):
        why = "they are tags that move: held back for publish, or with a newer release by now"
        return f"{why}; look at everything else with --without-moving-tags"
    return "push the same release again to restore tags and content, or find out who changed them"


def _show(drifts: list[Drift], console: Console, as_json: bool) -> None:
    if as_json:
        document = {"schema": SCHEMA, "drifts": [drift._asdict() for drift in drifts]}
        console.result(json.dumps(document, indent=2))
    elif drifts:
        rows = [(drift.place, drift.expected, drift.found) for drift in drifts]
        console.table(("WHERE", "RECORDED", "FOUND"), rows)
