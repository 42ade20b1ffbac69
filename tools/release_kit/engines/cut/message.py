"""What the commit and the tag of a release say."""

from release_kit.engines.cut.changelog import section
from release_kit.engines.cut.release import Cut, Sources

SKIP_STAGING = "[skip-staging]"
"""In the message of a commit: the release that is built from it does not wait for staging."""
_MEANING = (
    "This release does not wait for staging: the environments that staging comes before\n"
    "take it without having seen it there."
)


def commit_message(version: str, skip_staging: bool) -> str:
    """Returns the message of the commit."""
    return f"Release {version} {SKIP_STAGING}\n\n{_MEANING}\n" if skip_staging else f"Release {version}\n"


def tag_message(cut: Cut, sources: Sources) -> str:
    """Returns the message of the tag: what the changelog says of the release."""
    texts = [change.text for change in cut.changes if change.source is sources.changelog]
    said = section(texts[0], cut.version) if texts else ""
    return f"Release {cut.version}\n\n{said}\n" if said else f"Release {cut.version}\n"
