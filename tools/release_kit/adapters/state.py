"""Where release-kit keeps what belongs to a user and not to a work tree."""

import os
from collections.abc import Mapping
from pathlib import Path


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Returns `$XDG_STATE_HOME/rules_release`, which is `~/.local/state/rules_release` by default."""
    base = environ.get("XDG_STATE_HOME") or str(Path(environ.get("HOME", "/")) / ".local" / "state")
    return Path(base) / "rules_release"
