"""What helm made of a chart with one values file: the seam between rendering and the gates that read it."""

import json
from typing import NamedTuple

from release_kit.documents.fields import Fields
from release_kit.values.helm_call import Outcome

SCHEMA = "rules_release/chart-rendering/v1"


class Rendering(NamedTuple):
    """All that the gates need of one values file."""

    values: str
    """The values file, by its name in GATES.json."""
    helm: str
    """The version of helm, such as `v4.3.1`; empty where nobody asked it."""
    kube_version: str
    lint: Outcome
    plain: Outcome
    """As it would be installed."""
    again: Outcome
    """The same once more, at another time: what differs is left to chance or to the clock; `plain` where nothing is."""
    sentinel: Outcome
    """The same with a tag and a pull policy that stand nowhere in the chart."""
    sentinel_tag: str
    sentinel_policy: str

    def to_json(self) -> str:
        """Returns the document's text."""
        parts = {key: value._asdict() if isinstance(value, Outcome) else value for key, value in self._asdict().items()}
        return json.dumps({"schema": SCHEMA, **parts}, indent=1) + "\n"


def from_fields(fields: Fields) -> Rendering:
    """Reads a rendering; to be used with `read_document`.

    Raises:
        InputError: a field is missing, mistyped or unknown.
    """
    fields.schema(SCHEMA)
    return Rendering(
        values=fields.string("values"),
        helm=fields.string("helm", ""),
        kube_version=fields.string("kube_version"),
        lint=fields.nested("lint", _outcome),
        plain=fields.nested("plain", _outcome),
        again=fields.nested("again", _outcome),
        sentinel=fields.nested("sentinel", _outcome),
        sentinel_tag=fields.string("sentinel_tag"),
        sentinel_policy=fields.string("sentinel_policy"),
    )


def _outcome(fields: Fields) -> Outcome:
    return Outcome(fields.string("text"), fields.string("error", ""))
