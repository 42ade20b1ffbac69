"""What a push says of its plan and of what it did: tables, JSON, and where to look next."""

import json
from pathlib import Path

from release_kit.cli.console import Console
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.push.check import check_relied_on
from release_kit.engines.push.plan import Action, BlobPlan, ItemPlan, Plan
from release_kit.engines.push.release import Kind, Release
from release_kit.errors import ReleaseError
from release_kit.values.reference import Registry, is_loopback

PLAN_SCHEMA = "rules_release/push-plan/v1"


def tell(plan: Plan, record: ReleaseRecord, where: Registry, place: Path, console: Console) -> None:
    """Says that the release is there, where its record is, and where to look."""
    if plan.is_empty:
        count = sum(item.kind is not Kind.RECORD for item, _ in plan.tags(Action.SKIP))
        others = " other" if plan.held else ""
        tags = f": all {count}{others} tags of {record.contents} are in {where} already" if count else ""
        console.step(f"nothing to push{tags}")
    else:
        console.step(f"done: {record.contents} in {where}")
    say_held(plan, console)
    console.note(f"record: {place}")
    for published in plan.of(Kind.RECORD):
        if published.tags:
            version = plan.release.stamp.version_text
            tag = next((tag.tag for tag in published.tags if version in tag.tag), published.tags[0].tag)
            console.note(f"published record: oci://{where.host}/{published.item.repository}:{tag}")
    for image in record.images[:1]:
        console.note(f"look at it: crane ls {where.host}/{image.repository}")
    for chart in record.charts[:1]:
        reference = f"oci://{where.host}/{chart.repository} --version {chart.version}"
        console.note(f"look at it: helm show chart {reference}{' --plain-http' if is_loopback(where.host) else ''}")


def say_held(plan: Plan, console: Console) -> None:
    """Says which tags stay where they are."""
    if plan.held:
        console.note(f"{', '.join(plan.held)}: held back for publish")


def say_signer(release: Release, console: Console) -> None:
    """Says what would be signed."""
    if release.signer and (release.images or release.charts):
        names = ", ".join(item.name for item in release.items)
        console.note(f"{names}: would be signed by {release.signer.name}")


def show_record(plan: Plan, console: Console) -> None:
    """Prints what was released."""
    rows = [_record_row(planned) for planned in plan.items if planned.item.kind is not Kind.RECORD]
    console.table(("REPOSITORY", "KIND", "DIGEST", "SIZE", "TAGS"), rows)


def _record_row(planned: ItemPlan) -> tuple[str, ...]:
    words = {Action.CREATE: "new", Action.SKIP: "there", Action.MOVE: "moved", Action.HOLD: "held back for publish"}
    tags = ", ".join(f"{tag.tag} ({words[tag.action]})" for tag in planned.tags) or "none"
    item = planned.item
    return (item.repository, item.kind, item.digest, _megabytes(item.image.size), tags)


def show_plan(plan: Plan, blobs: list[BlobPlan], console: Console, as_json: bool) -> int:
    """Prints what a push would do.

    Returns:
        The exit code.

    Raises:
        ReleaseError: the push would be refused.
    """
    total = _travelling(blobs)
    if as_json:
        console.result(json.dumps(_document(plan, blobs, total), indent=2))
    else:
        at = _by_repository(blobs)
        rows = [_plan_row(planned, at.get(planned.item.repository, [])) for planned in plan.items]
        console.table(("REPOSITORY", "KIND", "DIGEST", "BLOBS", "TO SEND", "TAGS"), rows)
    say_held(plan, console)
    console.step(f"dry run: nothing was written; {_megabytes(total)} of blobs would travel")
    conflicts = plan.tags(Action.CONFLICT)
    if conflicts:
        raise ReleaseError(f"{len(conflicts)} immutable tags are taken by another content: the push would be refused")
    check_relied_on(plan)
    return 0


def _by_repository(blobs: list[BlobPlan]) -> dict[str, list[BlobPlan]]:
    found: dict[str, list[BlobPlan]] = {}
    for blob in blobs:
        found.setdefault(blob.repository, []).append(blob)
    return found


def _travelling(blobs: list[BlobPlan]) -> int:
    return sum(blob.blob.size for blob in blobs if blob.action is Action.CREATE)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _plan_row(planned: ItemPlan, blobs: list[BlobPlan]) -> tuple[str, ...]:
    words = {Action.CREATE: "upload", Action.MOUNT: "mount", Action.SKIP: "skip"}
    actions = [blob.action for blob in blobs]
    counts = ", ".join(f"{word} {actions.count(action)}" for action, word in words.items() if action in actions)
    tags = ", ".join(f"{tag.action} {tag.tag}" for tag in planned.tags) or "none"
    item = planned.item
    return (item.repository, item.kind, item.digest, counts or "all there", _megabytes(_travelling(blobs)), tags)


def _document(plan: Plan, blobs: list[BlobPlan], total: int) -> dict[str, object]:
    at = _by_repository(blobs)
    images, charts, records = (
        [_entry(planned, at.get(planned.item.repository, [])) for planned in plan.of(kind)]
        for kind in (Kind.IMAGE, Kind.CHART, Kind.RECORD)
    )
    record = {"record": records[0]} if records else {}
    return {"schema": PLAN_SCHEMA, "upload_bytes": total, "images": images, "charts": charts, **record}


def _entry(planned: ItemPlan, blobs: list[BlobPlan]) -> dict[str, object]:
    return {
        "name": planned.item.name,
        "repository": planned.item.repository,
        "digest": planned.item.digest,
        "present": planned.present,
        "upload_bytes": _travelling(blobs),
        "tags": [
            {"tag": tag.tag, "action": str(tag.action), "found": tag.found, "moving": tag.moving}
            for tag in planned.tags
        ],
        "blobs": [
            {"digest": blob.blob.digest, "size": blob.blob.size, "action": str(blob.action), "source": blob.source}
            for blob in blobs
        ],
    }
