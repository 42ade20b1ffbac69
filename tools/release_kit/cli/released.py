"""The release that a command is about: its record, from a file or from the registry that the declaration names."""

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from release_kit.cli.console import Console

if TYPE_CHECKING:
    from release_kit.adapters.registry.client import HttpRegistry
    from release_kit.documents.environments import Environments
    from release_kit.documents.release_record import ReleaseRecord


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that name a release; one of them is needed."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--record", metavar="RECORD.json", help="the release record that a push wrote")
    which.add_argument("--release", metavar="VERSION", help="fetch the record of this version from the registry")
    parser.add_argument("--registry", metavar="HOST[:PORT][/PREFIX]", help="instead of the declaration's")
    parser.add_argument(
        "--insecure", action="store_true", help="speak plain HTTP to a registry that is not on loopback"
    )


def record(declared: "Environments", arguments: argparse.Namespace, console: Console) -> "ReleaseRecord":
    """Reads the record that is named, or fetches that of a version.

    Raises:
        InputError: it is none, or the declaration does not say where records are.
        RegistryError: the registry refuses.
    """
    from release_kit.documents import release_record
    from release_kit.documents.fields import read_document
    from release_kit.errors import InputError

    if arguments.record:
        return read_document(Path(arguments.record), release_record.from_fields)
    if not declared.record_repository:
        remedy = "name it in record_repository, or the record itself with --record RECORD.json"
        raise InputError("the declaration does not say where release records are", remedy)
    return _fetched(declared, arguments, console)


def opened(declared: "Environments", arguments: argparse.Namespace, console: Console) -> "closing[HttpRegistry]":
    """Gives access to the registry that the arguments, or else the declaration, name."""
    from release_kit.adapters.registry import credentials
    from release_kit.adapters.registry.client import HttpRegistry
    from release_kit.engines.promotion.released_chart import registry_of
    from release_kit.values.reference import is_loopback

    host = registry_of(declared, arguments.registry).host
    client = HttpRegistry(host, credentials.find(host), arguments.insecure or is_loopback(host))
    client.trace(console.detail)
    return closing(client)


def _fetched(declared: "Environments", arguments: argparse.Namespace, console: Console) -> "ReleaseRecord":
    from release_kit.engines.fetch import fetch_record
    from release_kit.engines.promotion.released_chart import registry_of
    from release_kit.errors import InputError
    from release_kit.values.reference import Reference, tag_fault

    version, place = arguments.release, registry_of(declared, arguments.registry)
    repository = place.repository(declared.record_repository)
    with opened(declared, arguments, console) as registry:
        registry.only_reads()
        registry.announce([repository])
        for tag in (f"v{version}", version):
            if fault := tag_fault(tag):
                raise InputError(f"--release: the tag {tag!r:.200} {fault}")
            digest = registry.manifest_digest(repository, tag)
            found = fetch_record(registry, Reference(place.host, repository, digest)) if digest else None
            if found and found.version == version:
                return found
    raise InputError(
        f"{place.host}/{repository}: there is no release record of {version} with the tag v{version} or {version}",
        "name a version that was pushed, or its record with --record RECORD.json",
    )
