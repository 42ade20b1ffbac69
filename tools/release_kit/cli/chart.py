"""`release-kit chart COMMAND`: what is done to one chart; each command is a module of its own."""

COMMANDS = {
    "gate": "hold a chart to its gates",
    "render": "render a chart with one values file, for the gates",
    "package": "pack a chart, to the same bytes everywhere",
    "inject": "write images into the values of a chart",
    "document": "write the table of values into a chart's README",
    "stage": "lay out a chart's folder",
}
