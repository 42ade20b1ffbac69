"""Engines: what a command does, in terms of values, documents and ports."""
