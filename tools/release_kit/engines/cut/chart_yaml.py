"""The version and appVersion of a Chart.yaml."""

from typing import NamedTuple

from release_kit.errors import InputError
from release_kit.values.yaml_edit import EditableText

VERSION, APP_VERSION = ("version",), ("appVersion",)


class ChartVersions(NamedTuple):
    """The versions that a Chart.yaml names, as they are written there."""

    version: str
    app_version: str | None
    """None where there is none."""


def versions(text: str, place: str) -> ChartVersions:
    """Reads the versions of a Chart.yaml.

    Args:
        text: its content.
        place: its name, for errors.

    Raises:
        InputError: it is no YAML mapping with a version.
    """
    source = EditableText(text, place)
    try:
        version = _scalar(source, VERSION)
    except InputError as error:
        raise InputError(
            error.message, error.remedy or "a Chart.yaml needs a version, such as `version: 1.2.3`"
        ) from error
    return ChartVersions(version, _scalar(source, APP_VERSION) if "appVersion" in source.value else None)


def raised(text: str, version: str, place: str) -> str:
    """Returns a Chart.yaml with a new version and appVersion; every other byte of it stays.

    An appVersion is added after the version where there is none; a `v` before the present one is kept.

    Raises:
        InputError: it is no YAML mapping with a version, or written in a way that can't be changed.
    """
    app_version = versions(text, place).app_version
    if app_version is None:
        changed = EditableText(text, place).with_strings({VERSION: version})
        return EditableText(changed, place).with_entry_after(VERSION, APP_VERSION[0], version)
    prefix = "v" if app_version.startswith("v") else ""
    return EditableText(text, place).with_strings({VERSION: version, APP_VERSION: prefix + version})


def _scalar(source: EditableText, path: tuple[str]) -> str:
    node = source.node(path)
    if node.scalar is None:
        raise source.fault(path, node, f"expected a version, found a {node.kind}")
    return str(node.scalar.value)
