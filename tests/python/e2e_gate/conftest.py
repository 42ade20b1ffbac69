"""Finds the sample's sources, and what starts its services."""

import importlib.util
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_SHOP = _ROOT / "tests" / "python" / "shop"
_SOURCES = [_ROOT / "docker" / "images" / part for part in ("lib", "core", "datasvc", "web")]

# Bazel's `imports` have put them on the path; a plain `pytest` has not.
if importlib.util.find_spec("shop_core") is None:
    sys.path.extend(str(source) for source in _SOURCES)
if importlib.util.find_spec("shop_processes") is None:
    sys.path.append(str(_SHOP))
