"""Draws docs/architecture.md from the code: python3 -m tests.support.architecture writes it anew."""
