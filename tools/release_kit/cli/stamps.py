"""Reads the status files named on the command line."""

from collections.abc import Sequence
from pathlib import Path

from release_kit.adapters.files import read_text
from release_kit.errors import InputError
from release_kit.values.stamp import Stamp, parse
from release_kit.values.tags import TagPolicy, stamped_templates


def read(paths: Sequence[str], policy: TagPolicy, has_charts: bool = False) -> Stamp:
    """Returns the stamp of all files together; of two equal keys the later one counts.

    Raises:
        InputError: a file can't be read, or there is none although the policy has templates, or charts want a version.
    """
    template = next(stamped_templates(policy), None)
    if not paths and (has_charts or template is not None):
        what = "the version of the charts" if template is None else f"the tag template {template!r}"
        remedy = "name one with --status-file: bazel-out/stable-status.txt, or what workspace_status.sh prints"
        raise InputError(f"no status file is given, and {what} needs one", remedy)
    values: dict[str, str] = {}
    for path in paths:
        values |= parse(read_text(Path(path)))
    return Stamp(values)
