"""The layers that are in the build's remote cache, for a release that has such."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from release_kit.adapters.remote_cache import address
from release_kit.engines.push.release import Release


@contextmanager
def within_reach(release: Release, named: str | None) -> Iterator[Release]:
    """Lets a release fetch its layers as long as the context lasts, where a remote cache is named.

    Raises:
        InputError: what is named is none.
    """
    cache = address.find(named, os.environ)
    if cache is None:
        yield release
        return
    with closing(cache):
        yield release._replace(remote_cache=cache)
