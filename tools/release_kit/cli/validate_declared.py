"""What a declaration of environments says about files that are validated: which there are, and what is hydrated."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from release_kit.adapters import environment_values
from release_kit.documents.environments import Environments
from release_kit.engines.gitops import tree
from release_kit.engines.gitops.applications import pinned_application
from release_kit.engines.validation.run import Options

UNRELEASED = "0.0.0"
"""Stands for the version where no chart is named."""


def added(options: Options, declared: Environments, paths: Sequence[str]) -> Options:
    """Returns options with all that a declaration says.

    Args:
        options: those that are known.
        declared: the declaration.
        paths: what is validated; the first folder of it is where the generated files are.

    Raises:
        InputError: a values file is not what it should be, or there can be no such resources.
    """
    folder = next((PurePosixPath(path) for path in paths if Path(path).is_dir()), PurePosixPath())
    values = environment_values.load(declared)
    generated = tree.files(declared, values)
    version = options.chart.version if options.chart else UNRELEASED
    return options._replace(
        release=declared.promoter.release,
        because="as declared",
        argocd=declared.argocd.release,
        declared={str(folder / name): text for name, text in generated.items() if name.endswith(".yaml")},
        hydrated=dict(_hydrated(declared, values, version)),
    )


def _hydrated(
    declared: Environments, values: Mapping[str, Mapping[str, Any]], version: str
) -> Iterator[tuple[str, str]]:
    """Yields the Application that the branch of each pinned environment will hold, and what it is called."""
    for each in declared.pinned if declared.delivery == "application" else ():
        name = f"{each.branch}-next:manifests/application.yaml"
        yield name, pinned_application(declared, each, version, values[each.name])
