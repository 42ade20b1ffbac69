"""What differs from one release of GitOps Promoter to the other.

GitOps Promoter, docs/upgrading.md and docs/gating-promotions/built-in-gates/dependents-successful-commit-status.md, as
of 0.38 and of 0.39.
"""

from enum import StrEnum

from release_kit.errors import InputError
from release_kit.values.release_number import ReleaseNumber

OLDEST = ReleaseNumber(0, 36, 0)
"""The first release whose resources are known here."""
_SOURCE = "https://raw.githubusercontent.com/argoproj-labs/gitops-promoter"
_ADDRESS = "https://github.com/argoproj-labs/gitops-promoter/releases/download/v{release}/install-without-ui.yaml"


class Shape(StrEnum):
    """How GitOps Promoter is told of the order of environments."""

    IMPLIED = "0.37 and older"
    """It follows from the strategy's list, and nothing else says so."""
    KEY = "0.38"
    """A DependentsSuccessfulCommitStatus reports it; the strategy has its key among those of proposed gates."""
    REFERENCE = "0.39 and newer"
    """A DependentsSuccessfulCommitStatus reports it; the strategy refers to that, and must not have its key."""


def shape(release: ReleaseNumber) -> Shape:
    """Returns the shape of a release.

    Raises:
        InputError: the release is too old.
    """
    if release < OLDEST:
        found = f"promoter.release: expected {OLDEST} or newer, found {release}"
        raise InputError(found, "its resources are others; use a newer GitOps Promoter")
    if release < ReleaseNumber(0, 38, 0):
        return Shape.IMPLIED
    return Shape.KEY if release < ReleaseNumber(0, 39, 0) else Shape.REFERENCE


def install_address(release: ReleaseNumber) -> str:
    """Returns where the project publishes the controller of a release."""
    return _ADDRESS.format(release=release)


def definition_address(release: ReleaseNumber, plural: str) -> str:
    """Returns where the project has the definition of one kind, as of a release."""
    return f"{_SOURCE}/v{release}/config/crd/bases/promoter.argoproj.io_{plural}.yaml"
