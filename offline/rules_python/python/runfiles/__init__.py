"""Finds the files that a target depends on at run time."""

from .runfiles import Create, CreateDirectoryBased, CreateManifestBased, Runfiles

__all__ = ["Create", "CreateDirectoryBased", "CreateManifestBased", "Runfiles"]
