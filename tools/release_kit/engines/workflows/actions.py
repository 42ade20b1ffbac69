"""The actions that generated workflows use, each pinned to a commit."""

import re
from typing import NamedTuple


class Action(NamedTuple):
    """An action of one release."""

    name: str
    commit: str
    release: str

    @property
    def reference(self) -> str:
        """Such as `actions/checkout@...`."""
        return f"{self.name}@{self.commit}"


CHECKOUT = Action("actions/checkout", "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1")
BAZEL = Action("bazel-contrib/setup-bazel", "c5acdfb288317d0b5c0bbd7a396a3dc868bb0f86", "0.19.0")
HELM = Action("azure/setup-helm", "9bc31f4ebc9c6b171d7bfbaa5d006ae7abdb4310", "v5.0.1")
UPLOAD = Action("actions/upload-artifact", "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0")
DOWNLOAD = Action("actions/download-artifact", "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1")
ACTIONS = (CHECKOUT, BAZEL, HELM, UPLOAD, DOWNLOAD)
_RELEASES = {action.reference: action.release for action in ACTIONS}
_USES = re.compile(r"^(\s*(?:- )?uses: (\S+))$", re.MULTILINE)


def with_releases(text: str) -> str:
    """Returns a workflow that says beside each commit which release it is: whoever raises it reads that."""
    return _USES.sub(lambda match: f"{match[1]} # {_RELEASES[match[2]]}" if match[2] in _RELEASES else match[1], text)
