"""Runs a release-kit command on the documents of %{label}."""

from release_kit.cli.launch import launch

raise SystemExit(launch(__file__, "%{path}", %{arguments}))
