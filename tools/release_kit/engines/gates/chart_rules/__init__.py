"""The gate `chart-rules`: what `ct lint` asks of a chart, without its tools, git or a network."""
