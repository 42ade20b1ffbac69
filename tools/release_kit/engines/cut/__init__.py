"""Cutting a release: VERSION, the charts and the changelog are raised together, all of them or none."""
