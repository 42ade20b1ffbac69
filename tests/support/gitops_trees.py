"""Declarations of environments for tests, and the files that are generated from them."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from release_kit.adapters import environment_values
from release_kit.documents import environments
from release_kit.documents.environments import Environments
from release_kit.engines.gitops import tree
from release_kit.values import release_number
from release_kit.values.yaml_source import read

FOLDER = Path(__file__).parents[1] / "python" / "gitops"
DECLARATIONS = FOLDER / "declarations"
GOLDEN = FOLDER / "golden"
NAMES = ("full", "tracking")
"""`full` has every kind of gate and rendered manifests, at GitHub; `tracking` an environment that tracks versions and
delivers Applications with native charts, at a GitLab of its own."""
RELEASES = ("0.36.0", "0.38.0", "0.39.0")
"""Of GitOps Promoter: one for each shape."""
Edit = Callable[[dict[str, Any]], Any]


def declared(name: str, promoter: str = "", edit: Edit = lambda _: None) -> Environments:
    """Returns a declaration, edited, for a release of GitOps Promoter other than its own."""
    document = copy.deepcopy(json.loads((DECLARATIONS / f"{name}.json").read_text()))
    edit(document)
    made = environments.parse(json.dumps(document).encode(), f"{name}.json", DECLARATIONS)
    if not promoter:
        return made
    return made._replace(promoter=made.promoter._replace(release=release_number.parse(promoter, "here")))


def files(made: Environments) -> dict[str, str]:
    """Returns what is generated."""
    return tree.files(made, environment_values.load(made))


def objects(text: str) -> list[dict[str, Any]]:
    """Returns the objects of a YAML text."""
    return [document.value for document in read(text)]


def every_object(made: Environments) -> list[dict[str, Any]]:
    """Returns the objects of all files."""
    return [each for path, text in files(made).items() if path.endswith(".yaml") for each in objects(text)]


def of_kind(made: Environments, kind: str) -> dict[str, dict[str, Any]]:
    """Returns the objects of a kind by their names."""
    return {each["metadata"]["name"]: each for each in every_object(made) if each["kind"] == kind}
