"""`release-kit hydrate`: writes what each environment is to run to its proposed branch."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from release_kit.cli import github_access, released
from release_kit.cli.console import Console, escaped
from release_kit.documents import release_record

if TYPE_CHECKING:
    from release_kit.documents.environments import Environments
    from release_kit.engines.promotion.hydrator import Hydrated, Hydration, Release
    from release_kit.ports import Repository

SCHEMA = "rules_release/hydration/v1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("environments", metavar="ENVIRONMENTS.json", help="the declaration of the environments")
    released.add_arguments(parser)
    parser.add_argument("--repository", metavar="URL", help="where to push to, instead of the declaration's")
    parser.add_argument(
        "--environment", action="append", default=[], metavar="NAME", help="only this one; may be said several times"
    )
    parser.add_argument("--again", action="store_true", help="though a newer release was hydrated already")
    parser.add_argument(
        "--dry-run", action="store_true", help="push nothing; show what a promotion would change in each environment"
    )
    parser.add_argument("--helm", metavar="PROGRAM", help="helm; by default $HELM_BIN, or helm on PATH")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Hydrates the release; returns the exit code."""
    import tempfile

    from release_kit.cli.hydrate_release import ReleaseSource
    from release_kit.documents.scm import check_url

    source = ReleaseSource(arguments, console)
    url = arguments.repository or source.declared.repository.url
    check_url(url, "--repository" if arguments.repository else "repository.url")
    record = source.record()
    console.step(f"hydrate: {record.name} {record.version} into {url}")
    if record.skip_staging:
        console.note(_skipping(record.version, source.declared))
    with tempfile.TemporaryDirectory(prefix="release-kit-", ignore_cleanup_errors=True) as folder:
        release = source.release(record, Path(folder))
        repository = _copy(url, Path(folder) / "copy", source.declared)
        done = _hydrate(repository, release, source.declared, arguments.dry_run, console)
        patches = [repository.diff(each.active, each.commit) for each in done.environments if arguments.dry_run]
    if arguments.json:
        console.result(_json(done, release, patches))
        return 0
    _show(done, release, console)
    for each, patch in zip(done.environments, patches, strict=False):
        console.result(f"\n{_heading(each, patch)}\n{escaped(patch)}")
    return 0


def _skipping(version: str, declared: "Environments") -> str:
    names = ", ".join(each.name for each in declared.environments if each.staging)
    if not names:
        return f"{version} skips staging, which changes nothing: no environment is declared as staging"
    return f"{version} skips staging: no environment waits until it has passed {names}"


def _copy(url: str, folder: Path, declared: "Environments") -> "Repository":
    from release_kit.adapters.git import GitRepository
    from release_kit.engines.promotion.branches import refs

    folder.mkdir()
    login = github_access.git_login(declared.repository, url, github_access.deploy_variable(declared))
    return GitRepository(url, folder, refs(declared), login)


def _hydrate(
    repository: "Repository", release: "Release", declared: "Environments", is_dry_run: bool, console: Console
) -> "Hydration":
    from release_kit.engines.promotion.hydrator import Hydrator

    hydrator = Hydrator(repository, declared, console)
    done = hydrator.plan(release) if is_dry_run else hydrator.run(release)
    if is_dry_run:
        console.step("nothing was pushed: this was a dry run")
    elif not done.changes:
        console.step("everything is hydrated already")
    return done


def _show(done: "Hydration", release: "Release", console: Console) -> None:
    rows = [
        (each.environment.name, each.environment.proposed_branch, each.commit[:12], _WORDS[each.outcome])
        for each in done.environments
    ]
    version = release.record.version
    first = ("", done.branch, done.dry[:12], _WORDS["committed" if done.is_new else "nothing"])
    console.table(("ENVIRONMENT", "BRANCH", "COMMIT", "CHANGE", "VERSION"), [(*row, version) for row in (first, *rows)])


_WORDS = {"committed": "new commit", "noted": "new note", "nothing": "none"}


def _json(done: "Hydration", release: "Release", patches: Sequence[str]) -> str:
    diffs: Sequence[str | None] = patches or [None] * len(done.environments)
    environments = [
        {
            "environment": each.environment.name,
            "branch": each.environment.proposed_branch,
            "commit": each.commit,
            "change": each.outcome,
            **({} if diff is None else {"diff": diff}),
        }
        for each, diff in zip(done.environments, diffs, strict=True)
    ]
    document = {
        "schema": SCHEMA,
        "version": release.record.version,
        "record": release_record.identity(release.record),
        "dry": {"branch": done.branch, "commit": done.dry, "change": "committed" if done.is_new else "nothing"},
        "environments": environments,
    }
    return json.dumps(document, indent=2)


def _heading(each: "Hydrated", patch: str) -> str:
    if not patch:
        return f"{each.environment.name}: {each.environment.branch} has all of it"
    return f"{each.environment.name}: from {each.environment.branch} ({each.active[:12]})"
