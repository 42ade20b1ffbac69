"""The package that releases a workspace, and what its images have to allow for it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from release_kit.engines.init import modules, stamp
from release_kit.engines.init.charts import Chart, Judged, write
from release_kit.engines.init.edits import BUILD_FILES, Change, Edits
from release_kit.engines.init.naming import Names
from release_kit.engines.init.stamp import Stamp
from release_kit.engines.init.starlark import called
from release_kit.engines.init.targets import IMAGES, Target, Targets
from release_kit.errors import InputError, ReleaseError

_FILE, _RULE = "bazel:push_targets.bzl", "push_targets"
_CHARTS = ("helm_chart",)
_ANYBODY = ("//visibility:public", "//:__subpackages__")


class Wanted(NamedTuple):
    """What is to be released, and how."""

    package: str
    """The package that is written, such as `release`."""
    version: str
    """Of rules_release."""
    stamp: Stamp
    targets: Targets
    names: Names
    charts: Sequence[Chart]
    judged: Mapping[str, Judged]
    """What the gates say of each new chart, by its folder."""


def write_all(wanted: Wanted, edits: Edits) -> None:
    """Adds all that the workspace lacks.

    Raises:
        InputError: something that is there is in the way.
        ReleaseError: there is nothing to release.
    """
    rules = modules.repository(edits, wanted.version)
    new = [chart for chart in wanted.charts if chart.is_new]
    if not wanted.targets.sets:
        _write_set(wanted, rules, edits)
        for chart in new:
            judged = wanted.judged[chart.folder.path]
            if chart is new[0]:
                helm = modules.helm(edits, rules, judged.helm)
            write(chart, judged._replace(helm=helm), rules, wanted.package, edits)
    else:
        _note_missing(wanted, edits)
    stamp.add(edits, wanted.stamp)


def _write_set(wanted: Wanted, rules: str, edits: Edits) -> None:
    if not wanted.targets.images and not wanted.charts:
        raise ReleaseError(
            f"nothing to release: `bazel query //...` finds no target of {', '.join(IMAGES)}, and no chart will do",
            "declare an image with rules_oci or rules_img, or add a folder with a Chart.yaml; then run it again",
        )
    path = edits.build_file(wanted.package)
    if edits.text(path) is not None:
        raise InputError(f"{path}: is there already, and releases nothing", "name another package with --package")
    arguments = {
        "name": "push",
        "charts": {chart.label: wanted.names.charts for chart in wanted.charts} or None,
        "images": wanted.names.images,
        "registry": wanted.names.registry or None,
    }
    about = f"# bazel run //{wanted.package}:push releases all of it; -- --dry-run shows what it would do.\n"
    edits.add(path, f'load("@{rules}//{_FILE}", "{_RULE}")\n\n{about}{called(_RULE, arguments)}')
    _open(wanted, edits)
    _note_pushes(wanted, edits)
    if wanted.targets.bases:
        edits.note(
            f"left out, as other images stand on them: {', '.join(wanted.targets.bases)}; "
            "add those to images that are released themselves"
        )


def _note_pushes(wanted: Wanted, edits: Edits) -> None:
    """Says what of the targets that push already is done in another way."""
    for push in wanted.names.elsewhere:
        edits.note(f"{push.label}: where it pushes to is no repository below {wanted.names.registry or 'a registry'}")
    for push in wanted.targets.pushes:
        if push.image not in wanted.names.images:
            edits.note(f"{push.label}: what it pushes is no image of this release: {push.image or 'not known'}")
    tagging = [push.label for push in wanted.targets.pushes if push.has_tags and push.image in wanted.names.images]
    if tagging:
        edits.note(
            f"{', '.join(tagging)}: the tags are those of //{wanted.package}:push from now on; see its container_tags"
        )


def _open(wanted: Wanted, edits: Edits) -> None:
    """Lets each image, and each chart that is there, be seen by what releases it.

    Raises:
        InputError: the argument can't be added to a target; says to which.
    """
    closed = [
        f"{chart.label} for //{wanted.package}"
        for chart in wanted.charts
        if not chart.is_new and not _opened(chart.target, [wanted.package], _CHARTS, edits)
    ]
    for image in wanted.targets.images:
        users = [wanted.package, *(chart.folder.path for chart in wanted.charts if image.label in chart.images)]
        if not _opened(image, users, IMAGES, edits):
            closed.append(f"{image.label} for //{' and //'.join(users)}")
    if closed:
        raise InputError(
            f"not visible: {'; '.join(closed)}",
            'add visibility = ["//:__subpackages__"] to them, then run it again; nothing is written',
        )


def _opened(target: Target, users: Sequence[str], rules: Sequence[str], edits: Edits) -> bool:
    """Lets packages see a target, besides those that do; tells whether that can be done."""
    if all(_is_visible(target, user) for user in users):
        return True
    kept = {each for each in target.visibility if not each.startswith("//visibility:")}
    visibility = sorted(kept | {f"//{user}:__pkg__" for user in users if user != target.package})
    path = edits.build_file(target.package)
    insertion = edits.source(path).visible(target.name, visibility, rules)
    if insertion is not None:
        edits.insert(path, insertion)
    return insertion is not None


def _is_visible(target: Target, package: str) -> bool:
    """Tells whether a package sees a target; what package groups hold is not known, and taken to do."""
    parts = package.split("/")
    above = {f"//{'/'.join(parts[:count])}:__subpackages__" for count in range(len(parts) + 1)}
    allowed = {*_ANYBODY, f"//{package}:__pkg__", *above}
    groups = (each for each in target.visibility if not each.endswith((":__pkg__", ":__subpackages__", ":private")))
    return target.package == package or bool(allowed.intersection(target.visibility)) or any(groups)


def _note_missing(wanted: Wanted, edits: Edits) -> None:
    """Says which images and charts are in no release set of the workspace."""
    released = frozenset[str]().union(*wanted.targets.sets.values())
    labels = [*(image.label for image in wanted.targets.images), *(chart.label for chart in wanted.charts)]
    missing = [label for label in labels if label not in released]
    if missing:
        sets = ", ".join(sorted(wanted.targets.sets))
        edits.note(f"not released by {sets}: {', '.join(missing)}; add what belongs there")


def in_order(changes: Sequence[Change], package: str) -> list[Change]:
    """Returns changes as they are written: what names another file comes after that, the release itself last.

    So a process that is killed leaves a workspace that builds, and a second run adds what is missing.
    """
    own = [f"{package}/{name}" for name in BUILD_FILES]

    def order(change: Change) -> tuple[bool, bool, bool, bool]:
        is_module = change.path == modules.MODULE
        return (change.path in own, change.path == stamp.BAZELRC, not is_module, change.before is None)

    return sorted(changes, key=order)
