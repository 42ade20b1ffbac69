"""What the commands report, promote and rollback have in common: their arguments, and what they work on."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release_kit.cli import github_access
from release_kit.cli.console import Console

if TYPE_CHECKING:
    from release_kit.documents.environments import Environments
    from release_kit.documents.release_record import ReleaseRecord
    from release_kit.engines.promotion.refusals import Refusal, RefusedError
    from release_kit.engines.promotion.setting import Setting
    from release_kit.engines.verify import Drift


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that name the declaration and the repository."""
    parser.add_argument("environments", metavar="ENVIRONMENTS.json", help="the declaration of the environments")
    parser.add_argument("--repository", metavar="URL", help="where the branches are, instead of the declaration's")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_registry_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that say where a release is looked for."""
    parser.add_argument(
        "--registry", metavar="HOST[:PORT]", help="look for the release there, whatever its record says"
    )
    parser.add_argument(
        "--no-verify", action="store_true", help="do not look whether the release is in the registry as it was"
    )
    parser.add_argument(
        "--insecure", action="store_true", help="speak plain HTTP to a registry that is not on loopback"
    )


@contextmanager
def opened(arguments: argparse.Namespace, console: Console) -> Iterator["Setting"]:
    """Reads the declaration and makes a copy of its repository, which lives as long as the context.

    Raises:
        InputError: the declaration is none, or the repository's address is not legal.
        GitError: the repository can't be read.
    """
    import tempfile
    import time

    from release_kit.adapters.git import GitRepository
    from release_kit.documents import environments
    from release_kit.documents.scm import check_url
    from release_kit.engines.promotion.branches import refs
    from release_kit.engines.promotion.setting import Setting

    declared = environments.load(Path(arguments.environments))
    arguments.way = declared.command or f"release-kit {{command}} {_braced(arguments.environments)}"
    url = arguments.repository or declared.repository.url
    check_url(url, "--repository" if arguments.repository else "repository.url")

    def drifts(record: "ReleaseRecord") -> "Sequence[Drift]":
        return _drifts(record, declared, arguments, console)

    with tempfile.TemporaryDirectory(prefix="release-kit-", ignore_cleanup_errors=True) as folder:
        login = github_access.git_login(declared.repository, url, github_access.deploy_variable(declared))
        repository = GitRepository(url, Path(folder), refs(declared), login)
        console.detail(f"reading {url}")
        repository.fetch()
        yield Setting(declared, repository, drifts, lambda: int(time.time()))


def _drifts(
    record: "ReleaseRecord", declared: "Environments", arguments: argparse.Namespace, console: Console
) -> "Sequence[Drift]":
    """Compares a release with its record, in the registry that the user, the record or the declaration names."""
    from release_kit.adapters.registry import credentials
    from release_kit.adapters.registry.client import DEFAULT_CONCURRENCY, HttpRegistry
    from release_kit.engines.parallel import Workers
    from release_kit.engines.verify import verify
    from release_kit.values.reference import is_loopback, parse_registry

    if arguments.no_verify:
        console.note(f"{record.name} {record.version} is not looked for in the registry (--no-verify)")
        return []
    named = arguments.registry or record.registry or declared.chart.registry
    host = parse_registry(named, "--registry" if arguments.registry else "registry").host
    console.step(f"verify: {record.contents} of {record.name} {record.version} in {host}")
    with closing(HttpRegistry(host, credentials.find(host), arguments.insecure or is_loopback(host))) as registry:
        registry.only_reads()
        registry.trace(console.detail)
        return verify(record, registry, Workers(DEFAULT_CONCURRENCY))


def show_refusals(error: "RefusedError", arguments: argparse.Namespace, console: Console, schema: str) -> None:
    """Prints all reasons of a refusal, as a table or as JSON."""
    if arguments.json:
        console.result(document(schema, refusals=as_json(error.refusals, arguments.way)))
    else:
        rows = [(each.reason, each.who, command(each, arguments.way)) for each in error.refusals]
        console.table(("WHAT STANDS AGAINST IT", "WHO", "COMMAND"), rows)


def as_json(refusals: "Sequence[Refusal]", way: str) -> list[dict[str, str]]:
    """Returns refusals as a document has them."""
    return [{"reason": each.reason, "who": each.who, "command": command(each, way)} for each in refusals]


def command(refusal: "Refusal", way: str) -> str:
    """Returns the command that would help, as people type it; empty where none does.

    Args:
        refusal: what stands against something.
        way: how a command is run, with `{command}` for its name.
    """
    import shlex

    if not refusal.command:
        return ""
    name, *rest = refusal.command
    return " ".join((way.format(command=name), shlex.join(rest))).strip()


def _braced(path: str) -> str:
    """Returns a path as a part of a format."""
    import shlex

    return shlex.quote(path).replace("{", "{{").replace("}", "}}")


def document(schema: str, **parts: Any) -> str:
    """Returns the text of a JSON document."""
    import json

    return json.dumps({"schema": schema, **parts}, indent=2)
