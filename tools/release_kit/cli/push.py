"""`release-kit push`: wires the push engine to layouts, a registry and the terminal."""

import argparse
import json
import os
import re
from contextlib import closing
from pathlib import Path

from release_kit.adapters import layout
from release_kit.adapters.files import append_text, write_atomically
from release_kit.adapters.registry import credentials
from release_kit.adapters.registry.client import HttpRegistry
from release_kit.adapters.state import state_folder
from release_kit.cli import stamps
from release_kit.cli.console import Console
from release_kit.documents import release_set
from release_kit.documents.release_record import ReleaseRecord
from release_kit.documents.release_set import ReleaseSet
from release_kit.engines.push.plan import Action, BlobPlan, ImagePlan, Plan, look_at_blobs, make_plan
from release_kit.engines.push.release import assemble
from release_kit.engines.push.run import make_record, push_release
from release_kit.errors import InputError, ReleaseError
from release_kit.values.reference import Registry, is_loopback, parse_registry

DEFAULT_JOBS = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("set", metavar="SET.json", help="the release set, written by push_targets")
    parser.add_argument("--registry", metavar="HOST[:PORT][/PREFIX]", help="push there instead of where the set says")
    parser.add_argument("--status-file", action="append", default=[], metavar="FILE", help="the stamp; may be repeated")
    parser.add_argument("--dry-run", action="store_true", help="show what would be done and write nothing")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="push this image only; may be repeated"
    )
    parser.add_argument("--record", metavar="FILE", help="where to write the release record")
    parser.add_argument(
        "--jobs", type=_positive, default=DEFAULT_JOBS, metavar="N", help="requests at a time (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print the record, or the plan, as JSON")
    parser.add_argument(
        "--insecure", action="store_true", help="speak plain HTTP to a registry that is not on loopback"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Pushes the set; returns the exit code."""
    chosen = _chosen(release_set.load(Path(arguments.set)), arguments.only)
    stamp = stamps.read(arguments.status_file, chosen.tags)
    where = _registry(arguments.registry or chosen.registry, console)
    release = assemble(chosen, where, stamp, layout.load)
    console.step(f"check: {len(release.images)} images, version {stamp.version_text}, to {where}")
    if release.withheld:
        console.note(release.withheld)
    plain = arguments.insecure or is_loopback(where.host)
    jobs = arguments.jobs
    client = HttpRegistry(where.host, credentials.find(where.host), plain, concurrency=jobs)
    client.trace(console.detail)
    with closing(client) as registry:
        if arguments.dry_run:
            registry.open(image.repository for image in release.images)
            plan = make_plan(release, registry, jobs)
            return _show_plan(plan, look_at_blobs(plan, registry, jobs), console, arguments.json)
        plan = push_release(release, registry, jobs, layout.verify_blob, console)
    record = make_record(plan, where.host)
    place = Path(arguments.record) if arguments.record else _default_place(record, arguments.only)
    write_atomically(place, record.to_json())
    _summarise(record)
    _tell(plan, where, place, console)
    console.result(record.to_json()) if arguments.json else _show_record(plan, console)
    return 0


def _positive(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 9999, found {text!r}")
    return int(text)


def _chosen(whole: ReleaseSet, names: list[str]) -> ReleaseSet:
    known = {image.name for image in whole.images}
    for name in names:
        if name not in known:
            raise InputError(f"--only {name}: the set has no such image", f"it has {', '.join(sorted(known))}")
    images = tuple(image for image in whole.images if not names or image.name in names)
    return ReleaseSet(whole.name, whole.registry, images, whole.tags)


def _registry(named: str | None, console: Console) -> Registry:
    if named:
        return parse_registry(named, "--registry")
    from release_kit.adapters.local_registry import LocalRegistry

    local = LocalRegistry(state_folder() / "registry")
    running = local.ensure()
    console.note(
        f"no registry is named: using the private one on {running.host} (process {running.pid}), kept in {local.folder}"
    )
    return Registry(running.host, "")


def _default_place(record: ReleaseRecord, only: list[str]) -> Path:
    """Returns where a record goes that is given no place; that of a part never takes the place of the whole set's."""
    commit = f"-{record.commit[:12]}" if record.commit else ""
    part = f"-only-{'-'.join(sorted(set(only))).replace('/', '_')}" if only else ""
    return state_folder() / "records" / record.name / f"{record.version}{commit}{part}.json"


def _summarise(record: ReleaseRecord) -> None:
    """Adds the release to the page of a GitHub Actions run, where there is one."""
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page:
        from release_kit.cli.summary import markdown

        append_text(Path(page), markdown(record))


def _tell(plan: Plan, where: Registry, place: Path, console: Console) -> None:
    if plan.is_empty:
        count = len(plan.tags(Action.SKIP))
        console.step(f"nothing to push: all {count} tags of {len(plan.images)} images are in {where} already")
    else:
        console.step(f"done: {len(plan.images)} images in {where}")
    console.note(f"record: {place}")
    if plan.images:
        console.note(f"look at it: crane ls {where.host}/{plan.images[0].release.repository}")


def _show_record(plan: Plan, console: Console) -> None:
    rows = [_row(image) for image in plan.images]
    console.table(("IMAGE", "DIGEST", "SIZE", "TAGS"), rows)


def _row(image: ImagePlan) -> tuple[str, str, str, str]:
    words = {Action.CREATE: "new", Action.SKIP: "there", Action.MOVE: "moved"}
    tags = ", ".join(f"{tag.tag} ({words[tag.action]})" for tag in image.tags) or "none"
    release = image.release
    return (release.repository, image.digest, f"{release.image.size / 1e6:.1f} MB", tags)


def _show_plan(plan: Plan, blobs: list[BlobPlan], console: Console, as_json: bool) -> int:
    travelling = sum(item.blob.size for item in blobs if item.action is Action.CREATE)
    if as_json:
        images = [_plan_image(image, blobs) for image in plan.images]
        document = {"schema": "rules_release/push-plan/v1", "upload_bytes": travelling, "images": images}
        console.result(json.dumps(document, indent=2))
    else:
        console.table(("IMAGE", "DIGEST", "BLOBS", "TAGS"), [_plan_row(image, blobs) for image in plan.images])
    console.step(f"dry run: nothing was written; {travelling / 1e6:.1f} MB of blobs would travel")
    conflicts = plan.tags(Action.CONFLICT)
    if conflicts:
        raise ReleaseError(f"{len(conflicts)} immutable tags are taken by another content: the push would be refused")
    return 0


def _plan_row(image: ImagePlan, blobs: list[BlobPlan]) -> tuple[str, str, str, str]:
    words = {Action.CREATE: "upload", Action.MOUNT: "mount", Action.SKIP: "skip"}
    actions = [item.action for item in blobs if item.repository == image.release.repository]
    counts = ", ".join(f"{word} {actions.count(action)}" for action, word in words.items() if action in actions)
    tags = ", ".join(f"{tag.action} {tag.tag}" for tag in image.tags) or "none"
    return (image.release.repository, image.digest, counts or "all there", tags)


def _plan_image(image: ImagePlan, blobs: list[BlobPlan]) -> dict[str, object]:
    own = [item for item in blobs if item.repository == image.release.repository]
    return {
        "name": image.release.name,
        "repository": image.release.repository,
        "digest": image.digest,
        "present": image.present,
        "tags": [
            {"tag": tag.tag, "action": str(tag.action), "found": tag.found, "moving": tag.moving} for tag in image.tags
        ],
        "blobs": [
            {"digest": item.blob.digest, "size": item.blob.size, "action": str(item.action), "source": item.source}
            for item in own
        ],
    }
