"""The gates of a chart: each finds one kind of fault, in the chart's files or in what helm renders of them.

lint, render, golden, determinism, schema and image-policy look at the rendering with one values file; image-set at all
of them; chart-rules, values and package at the files (docs/gates.md).
"""
