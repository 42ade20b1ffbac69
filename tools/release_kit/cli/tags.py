"""`release-kit tags`: the tag file of container_tags, which `oci_push(remote_tags = ...)` accepts too."""

import argparse
from pathlib import Path

from release_kit.adapters import layout
from release_kit.adapters.files import write_atomically
from release_kit.cli import stamps
from release_kit.cli.console import Console
from release_kit.documents.fields import Fields, read_document
from release_kit.documents.release_set import tag_policy
from release_kit.values.tags import TagPolicy, digest_tag, release_tags, unstamped_tags

SCHEMA = "rules_release/tag-policy/v1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("policy", metavar="POLICY.json", help="the tag policy, written by container_tags")
    parser.add_argument(
        "--status-file", action="append", default=[], metavar="FILE", help="the stamp; without it, unstamped"
    )
    parser.add_argument("--layout", metavar="DIR", help="the image's OCI layout, for its digest tag")
    parser.add_argument("--descriptor", metavar="FILE", help="the descriptor of the layout's root")
    parser.add_argument("--output", metavar="FILE", help="where to write; stdout otherwise")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes the tags, one a line; returns the exit code."""
    policy = read_document(Path(arguments.policy), _policy)
    stamped = bool(arguments.status_file)
    tags = release_tags(policy, stamps.read(arguments.status_file, policy)) if stamped else unstamped_tags(policy)
    by_digest: tuple[str, ...] = ()
    if arguments.layout:
        descriptor = Path(arguments.descriptor) if arguments.descriptor else None
        by_digest = digest_tag(policy, layout.load(Path(arguments.layout), descriptor).root.digest)
    text = "".join(f"{tag}\n" for tag in dict.fromkeys((*tags.immutable, *by_digest, *tags.moving)))
    if arguments.output:
        write_atomically(Path(arguments.output), text)
    else:
        console.result(text)
    return 0


def _policy(fields: Fields) -> TagPolicy:
    fields.schema(SCHEMA)
    return tag_policy(fields)
