"""`release-kit push`: wires the push engine to layouts, a registry and the terminal."""

import argparse
import os
import re
from collections.abc import Collection
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

from release_kit.adapters import layout
from release_kit.adapters.files import append_text, write_atomically
from release_kit.adapters.registry import credentials
from release_kit.adapters.registry.client import DEFAULT_CONCURRENCY, HttpRegistry
from release_kit.adapters.state import state_folder
from release_kit.cli import push_report, stamps
from release_kit.cli.console import Console
from release_kit.documents import release_set
from release_kit.documents.release_record import ReleaseRecord
from release_kit.documents.release_set import ReleaseSet
from release_kit.engines.parallel import Workers
from release_kit.engines.push.look import make_plan
from release_kit.engines.push.plan import look_at_blobs
from release_kit.engines.push.record import make_record, with_record
from release_kit.engines.push.release import Release, assemble
from release_kit.engines.push.run import push_release
from release_kit.errors import InputError, ReleaseError
from release_kit.values.reference import Registry, is_loopback, parse_registry
from release_kit.values.stamp import Stamp


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("set", metavar="SET.json", help="the release set, written by push_targets")
    parser.add_argument("--registry", metavar="HOST[:PORT][/PREFIX]", help="push there instead of where the set says")
    parser.add_argument("--status-file", action="append", default=[], metavar="FILE", help="the stamp; may be repeated")
    parser.add_argument("--dry-run", action="store_true", help="show what would be done and write nothing")
    parser.add_argument(
        "--hold-moving-tags", action="store_true", help="leave the tags that move, such as latest, to `publish`"
    )
    parser.add_argument(
        "--expect-version", metavar="VERSION", help="refuse to push where the stamp has another version"
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="push what has this name only; may be repeated"
    )
    parser.add_argument(
        "--signer", metavar="PROGRAM", help="sign all by this program, before any tag moves: docs/provenance.md"
    )
    parser.add_argument(
        "--no-signer", dest="signer", action="store_const", const=None, help="sign nothing, although a signer was named"
    )
    parser.add_argument("--record", metavar="FILE", help="where to write the release record")
    parser.add_argument(
        "--remote-cache", metavar="URL|FOLDER", help="where layers are that the build left there: docs/remote-cache.md"
    )
    parser.add_argument(
        "--jobs", type=_positive, default=DEFAULT_CONCURRENCY, metavar="N", help="requests at a time (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print the record, or the plan, as JSON")
    parser.add_argument(
        "--insecure", action="store_true", help="speak plain HTTP to a registry that is not on loopback"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Pushes the set; returns the exit code."""
    whole = release_set.load(Path(arguments.set))
    chosen = _chosen(whole, arguments.only, arguments.signer is not None)
    stamp = stamps.read(arguments.status_file, chosen.tags, bool(chosen.charts))
    _check_version(stamp, arguments.expect_version)
    where = _registry(arguments.registry or chosen.registry, console)
    release = _assembled(whole, chosen, where, stamp)
    if arguments.hold_moving_tags:
        release = release.without_moving_tags()
    record = make_record(release, where.host)
    if chosen.record_repository:
        release = with_record(release, record, where.repository(chosen.record_repository), chosen.tags)
    console.step(f"check: {record.contents}, version {stamp.version_text}, to {where}")
    if release.withheld:
        console.note(release.withheld)
    if record.skip_staging:
        console.note(f"{record.version} skips staging: no environment waits until it has passed a staging environment")
    plain = arguments.insecure or is_loopback(where.host)
    known = credentials.find(where.host)
    if arguments.signer is not None:
        release = _with_signer(release, arguments.signer, known)
    client = HttpRegistry(where.host, known, plain, concurrency=arguments.jobs)
    client.trace(console.detail)
    workers = Workers(arguments.jobs)
    with closing(client) as registry, _layers(release, chosen, arguments.remote_cache) as release:
        if arguments.dry_run:
            return _show_plan(release, registry, workers, console, arguments.json)
        plan = push_release(release, registry, workers, layout.verify_blob, console)
    place = Path(arguments.record) if arguments.record else _default_place(record, arguments.only)
    _keep(record, place, where, plan.held)
    push_report.tell(plan, record, where, place, console)
    console.result(record.to_json()) if arguments.json else push_report.show_record(plan, console)
    return 0


def _show_plan(release: Release, registry: HttpRegistry, workers: Workers, console: Console, as_json: bool) -> int:
    """Prints what a push would do; returns the exit code."""
    registry.announce(release.repositories)
    push_report.say_signer(release, console)
    plan = make_plan(release, registry, workers, layout.verify_blob)
    blobs = look_at_blobs(plan, registry, workers)
    code = push_report.show_plan(plan, blobs, console, as_json)
    if any(blob.blob.remote for blob in blobs):
        from release_kit.engines.push.layers import check_cache

        check_cache(plan, blobs, workers)
    return code


def _layers(release: Release, chosen: ReleaseSet, named: str | None) -> AbstractContextManager[Release]:
    """Puts the layers within reach that are in the build's remote cache, for a set that has such."""
    if not chosen.has_remote_layers:
        return nullcontext(release)
    from release_kit.cli.remote_layers import within_reach

    return within_reach(release, named)


def _check_version(stamp: Stamp, expected: str | None) -> None:
    """Refuses another version than the one that a tag promises, before anything is asked or sent."""
    if expected is not None and stamp.version_text != expected:
        remedy = "cut the release with release-kit cut: its tag is on the commit whose VERSION it names"
        found = f"the stamp says STABLE_VERSION {stamp.version_text!r:.100}"
        raise InputError(f"--expect-version: expected {expected!r:.100}, and {found}", remedy)


def _keep(record: ReleaseRecord, place: Path, where: Registry, held: Collection[str]) -> None:
    """Writes the record, and what GitHub Actions is told, of a release that is in the registry."""
    try:
        write_atomically(place, record.to_json())
        _publish_outputs(record, place)
        _summarise(record, held)
    except InputError as error:
        remedy = "run the same push again with a --record that can be written: nothing else will be done"
        message = f"the release is in {where}, but its record is not written: {error.message}"
        raise ReleaseError(message, remedy) from error


def _positive(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 9999, found {text!r}")
    return int(text)


def _chosen(whole: ReleaseSet, names: list[str], is_signed: bool) -> ReleaseSet:
    """Returns what `--only` names; a part is not signed, as the statement of a version says that it is all of it."""
    for name in names:
        if name not in whole.names:
            remedy = f"it has {', '.join(sorted(whole.names))}"
            raise InputError(f"--only {name}: the set has no such image or chart", remedy)
    if not names:
        return whole
    missing = [name for name in whole.names if name not in names]
    if missing and is_signed:
        remedy = "leave out --only, or push this part unsigned with --no-signer"
        raise InputError(
            f"--only: expected the whole set, for that is what is signed; found it without {', '.join(missing)}", remedy
        )
    return whole.part(names)


def _assembled(whole: ReleaseSet, chosen: ReleaseSet, where: Registry, stamp: Stamp) -> Release:
    """Returns what is to be released; without charts nothing that only charts need is loaded."""
    release = assemble(chosen, where, stamp, layout.load)
    if not chosen.charts:
        return release
    from release_kit.adapters import charts
    from release_kit.engines.push.charts import with_charts

    names = {image.name for image in chosen.images}
    others = whole._replace(images=tuple(image for image in whole.images if image.name not in names))
    release = release._replace(relied_on=assemble(others, where, stamp, layout.load).images)
    return with_charts(release, chosen, where, charts.load)


def _with_signer(release: Release, program: str, known: credentials.Credentials) -> Release:
    from release_kit.adapters import signer

    return release._replace(signer=signer.ProgramSigner(signer.find(program), known.secrets()))


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


def _publish_outputs(record: ReleaseRecord, place: Path) -> None:
    """Tells the steps that follow in a job of GitHub Actions what was released, where this runs in one."""
    file = os.environ.get("GITHUB_OUTPUT")
    if file:
        from release_kit.cli.outputs import lines

        append_text(Path(file), lines(record, place))


def _summarise(record: ReleaseRecord, held: Collection[str]) -> None:
    """Adds the release to the page of a GitHub Actions run, where there is one."""
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page:
        from release_kit.cli.summary import markdown

        append_text(Path(page), markdown(record, held))
