"""Builds the offline root: Debian packages, unpacked, and Go tools."""
