"""Variables of the environment that say who we are, and that no other program is to know."""

from collections.abc import Mapping

REMOTE_CACHE = "RELEASE_KIT_REMOTE_CACHE"
"""Where the build's remote cache is; may have a user and a password."""
REMOTE_CACHE_AUTHORIZATION = "RELEASE_KIT_REMOTE_CACHE_AUTHORIZATION"
"""What the header Authorization has for the remote cache."""
_OURS = frozenset({REMOTE_CACHE, REMOTE_CACHE_AUTHORIZATION})


def without_ours(environ: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment for a program that we start."""
    return {name: text for name, text in environ.items() if name not in _OURS}
