"""Finds the sample's sources, and starts the whole shop once."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_SOURCES = [_HERE.parents[2] / "docker" / "images" / part for part in ("lib", "core", "datasvc", "web")]

# Bazel's `imports`, or PYTHONPATH, have put them on the path; a plain `pytest` has not.
if importlib.util.find_spec("shop_core") is None:
    sys.path.extend(str(source) for source in _SOURCES)
if str(_HERE) not in sys.path:
    sys.path.append(str(_HERE))

from shop_processes import CORE, Shop, started  # noqa: E402 - it imports what the lines above found


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    """Runs the three services, each on a free port."""
    with (
        started("datasvc") as datasvc,
        started("core", **CORE, SHOP_DATASVC_URL=datasvc.url) as core,
        started("web", SHOP_CORE_URL=core.url) as web,
    ):
        yield Shop(datasvc, core, web)
