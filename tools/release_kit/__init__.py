"""release-kit: releases, verifies and promotes a set of OCI images and Helm charts."""

from pathlib import Path

__version__ = Path(__file__).with_name("VERSION").read_text(encoding="ascii").strip()
