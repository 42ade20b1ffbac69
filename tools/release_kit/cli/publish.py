"""`release-kit publish`: everybody sees a release that has come through all environments."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from release_kit.cli import github_access, promotion_setting, released
from release_kit.cli.console import Console
from release_kit.errors import InputError

if TYPE_CHECKING:
    from release_kit.documents.environments import Environments
    from release_kit.documents.release_record import ReleaseRecord
    from release_kit.engines.promotion.setting import Setting
    from release_kit.engines.publish.page import Notes, Page
    from release_kit.engines.publish.run import Plan, Source, Work
    from release_kit.engines.publish.tags import TagMove

SCHEMA = "rules_release/publication/v1"
CHANGELOG = Path("CHANGELOG.md")
MAX_NOTES = 125_000
"""As many characters as GitHub takes."""
_NEEDS = "write contents of the repository"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    promotion_setting.add_arguments(parser)
    released.add_arguments(parser)
    parser.add_argument("--notes", metavar="FILE", help="what the page says; by default, what CHANGELOG.md says of it")
    parser.add_argument("--dry-run", action="store_true", help="write nothing; say what would be done")
    parser.set_defaults(no_verify=False)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Publishes; returns 0, also if it was done before.

    Raises:
        ReleaseError: it is refused, and the reasons have been printed; or a server refuses.
    """
    from release_kit.engines.promotion.refusals import RefusedError
    from release_kit.engines.publish.run import carry_out, look

    try:
        with promotion_setting.opened(arguments, console) as setting, _work(setting, arguments, console) as work:
            plan = look(work)
            url = "" if arguments.dry_run else carry_out(work, plan, console)
    except RefusedError as error:
        promotion_setting.show_refusals(error, arguments, console, SCHEMA)
        raise
    _show(work, plan, url, arguments, console)
    return 0


@contextmanager
def _work(setting: "Setting", arguments: argparse.Namespace, console: Console) -> "Iterator[Work]":
    """Opens all that is needed."""
    from release_kit.adapters.registry.client import DEFAULT_CONCURRENCY
    from release_kit.engines.parallel import Workers
    from release_kit.engines.promotion.released_chart import registry_of
    from release_kit.engines.publish.run import Work
    from release_kit.engines.publish.tags import artifact

    declared = setting.declared
    record = released.record(declared, arguments, console)
    place = registry_of(declared, arguments.registry)
    arguments.registry = arguments.registry or record.registry or None
    repository = place.repository(declared.record_repository) if declared.record_repository else ""
    console.step(f"publish: {record.name} {record.version}")
    with released.opened(declared, arguments, console) as registry, _source(declared, record, arguments) as source:
        yield Work(record, artifact(record, repository), setting, registry, Workers(DEFAULT_CONCURRENCY), source)


@contextmanager
def _source(
    declared: "Environments", record: "ReleaseRecord", arguments: argparse.Namespace
) -> "Iterator[Source | None]":
    """Gives access to the repository that the release was made in, where that is declared."""
    pipeline = declared.pipeline
    if pipeline is None:
        yield None
        return
    from release_kit.adapters.github.releases import GitHubReleases
    from release_kit.engines.publish.run import Source

    notes = _notes(record, arguments.notes)
    with github_access.opened(pipeline.domain, "publish", _NEEDS) as api:
        yield Source(f"{pipeline.owner}/{pipeline.name}", GitHubReleases(pipeline, api), notes)


def _notes(record: "ReleaseRecord", named: str | None) -> "Notes":
    """Returns what the page is to say.

    Raises:
        InputError: the file can't be read, or says more than GitHub takes.
    """
    from release_kit.engines.cut.changelog import section
    from release_kit.engines.publish.page import Notes

    file = Path(named) if named else CHANGELOG
    if not named and not file.is_file():
        return Notes("", False)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: can't be read as text: {error}") from error
    text = text if named else section(text, record.version)
    if len(text) > MAX_NOTES:
        raise InputError(f"{file}: {len(text)} characters of notes, GitHub takes {MAX_NOTES}", "name others by --notes")
    return Notes(text, bool(named))


def _show(work: "Work", plan: "Plan", url: str, arguments: argparse.Namespace, console: Console) -> None:
    for each in plan.moves:
        if each.newer:
            console.note(f"{each.target.repository}:{each.target.tag} stays with {each.newer}, which is newer")
    if plan.is_done:
        console.step(f"{work.record.version} was published already")
    elif arguments.dry_run:
        console.step("dry run: nothing was written")
    else:
        console.step(f"done: {work.record.name} {work.record.version} is published")
    if arguments.json:
        console.result(_json(work, plan, url, arguments.dry_run))
        return
    rows = [*map(_row, plan.moves), *([_page_row(plan.page)] if plan.page else [])]
    console.table(("WHERE", "WHAT", "BEFORE", "NOW"), rows) if rows else None
    if url:
        console.note(f"look at it: {url}")


def _row(each: "TagMove") -> tuple[str, ...]:
    """Returns a tag's row; what stays is as it was."""
    now = each.found if each.newer else each.target.digest
    return (each.target.repository, each.target.tag, each.found or "-", now)


def _page_row(page: "Page") -> tuple[str, ...]:
    before = "published" if page.is_done else "without its record" if page.published else "draft" if page.found else "-"
    return (page.repository, f"release {page.wanted.tag}", before, "published")


def _json(work: "Work", plan: "Plan", url: str, is_dry_run: bool) -> str:
    from release_kit.documents.release_record import identity

    tags = [
        {**each.target._asdict(), "action": str(each.action), "found": each.found, "newer": each.newer}
        for each in plan.moves
    ]
    return promotion_setting.document(
        SCHEMA,
        version=work.record.version,
        record=identity(work.record),
        dry_run=is_dry_run,
        tags=tags,
        release=_shown(plan.page, url) if plan.page else None,
    )


def _shown(page: "Page", url: str) -> dict[str, object]:
    wanted = page.wanted
    kinds = {"latest": wanted.is_latest, "prerelease": wanted.is_prerelease, "was_there": page.is_done}
    return {"repository": page.repository, "tag": wanted.tag, "url": url, **kinds}
