"""The stamp: what `workspace_status.sh` prints and Bazel keeps in its status files, one `KEY value` a line."""

import time
from collections.abc import Mapping
from typing import NamedTuple

from release_kit.errors import InputError
from release_kit.values import version as versions

UNRELEASED = "dev"
MAX_EPOCH_DIGITS = 11
"""As many as the year 5138 has."""
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


def parse(text: str) -> dict[str, str]:
    """Returns the keys and values of a status file; a key without a value has the empty one.

    Only a line feed ends a line, as it does for Bazel: a value may have what else Python takes for a line's end.
    """
    pairs = (line.rstrip().partition(" ") for line in text.split("\n") if line.strip())
    return {key: value.strip() for key, _, value in pairs}


class Stamp(NamedTuple):
    """The values that one build was stamped with."""

    values: Mapping[str, str]
    """Every key of the status files that were read."""

    @property
    def version_text(self) -> str:
        """`STABLE_VERSION`; `dev` where the stamp has none."""
        return self.values.get("STABLE_VERSION") or UNRELEASED

    @property
    def version(self) -> versions.Version | None:
        """The version, or None for an unreleased build.

        Raises:
            InputError: STABLE_VERSION is neither `dev` nor a version.
        """
        text = self.version_text
        return None if text == UNRELEASED else versions.parse(text, "STABLE_VERSION")

    @property
    def commit(self) -> str:
        """`STABLE_COMMIT_SHA`; empty where the stamp has none."""
        return self.values.get("STABLE_COMMIT_SHA", "")

    @property
    def commit_time(self) -> str:
        """`STABLE_COMMIT_EPOCH` as RFC 3339 has it, in UTC; the beginning of 1970 where the stamp has none.

        Raises:
            InputError: the value is no number of seconds.
        """
        found = self.values.get("STABLE_COMMIT_EPOCH") or "0"
        if not (found.isascii() and found.isdecimal() and len(found) <= MAX_EPOCH_DIGITS):
            raise InputError(f"STABLE_COMMIT_EPOCH: expected seconds since 1970, found {found!r:.100}")
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(found)))

    @property
    def dirty(self) -> bool:
        """`STABLE_DIRTY`; a stamp without it counts as clean.

        Raises:
            InputError: the value is neither true nor false.
        """
        return self._truth("STABLE_DIRTY")

    @property
    def skip_staging(self) -> bool:
        """`STABLE_SKIP_STAGING`; a stamp without it skips nothing.

        Raises:
            InputError: the value is neither true nor false.
        """
        return self._truth("STABLE_SKIP_STAGING")

    def _truth(self, key: str) -> bool:
        found = self.values.get(key, "")
        truth = _TRUTH.get(found.lower())
        if truth is None:
            raise InputError(f"{key}: expected true or false, found {found!r:.100}")
        return truth
