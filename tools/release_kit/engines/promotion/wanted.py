"""The release that somebody holds on to, where something else may have come to an environment meanwhile.

A record is compared by its identity, which says nothing of a registry; a version alone, by the version.
"""

from release_kit.documents.release_record import identity
from release_kit.engines.promotion.model import Hydrated
from release_kit.engines.promotion.report import Released
from release_kit.errors import ReleaseError

ANYTHING = Released()
"""Whatever is there."""


def version_of(wanted: Released) -> str:
    """Returns the version that is wanted; empty for whatever is there."""
    return wanted.record.version if wanted.record is not None else wanted.version


def fits(wanted: Released, content: Hydrated) -> bool:
    """Tells whether a branch holds what is wanted."""
    if wanted.record is not None:
        return content.record == identity(wanted.record)
    return wanted.version in ("", content.version)


def instead(wanted: Released, content: Hydrated) -> str:
    """Says which release is there, and which is wanted."""
    version = version_of(wanted)
    other = "another release of that version" if content.version == version else content.version or "nothing"
    return f"{other}, and not the {version:.100} that is wanted"


def check_active(wanted: Released, name: str, active: Hydrated) -> None:
    """Holds what an environment runs to what is wanted.

    Raises:
        ReleaseError: it runs another release.
    """
    if not fits(wanted, active):
        remedy = f"promote {version_of(wanted):.100} there first; what runs there by now has a run of its own"
        raise ReleaseError(f"{name} runs {instead(wanted, active)}", remedy)
