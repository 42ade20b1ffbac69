"""Values of a chart, merged as Helm merges them."""

from collections.abc import Mapping
from typing import Any


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values of a chart with those of a values file on top.

    Mappings are merged, everything else is replaced, and a null takes a key away (helm.sh/docs/chart_template_guide,
    "Deleting a default key").
    """
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        if value is None:
            result.pop(key, None)
        elif isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = merged(old, value)
        else:
            result[key] = value
    return result


def overlaid(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Returns two values files as one, the second on top.

    Nulls stay: what they take away is a key of the chart (Helm, pkg/cli/values, `MergeValues`).
    """
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        result[key] = overlaid(old, value) if both else value  # type: ignore[arg-type]
    return result


def at(values: Mapping[str, Any], key: str) -> Any:
    """Returns what stands at a key such as `global.imageTag`; None where nothing does."""
    found: Any = values
    for step in key.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
