"""ChartGatesInfo."""

visibility(["//bazel/..."])

ChartGatesInfo = provider(
    doc = "What a chart is to be held to.",
    fields = {
        "document": "File: the document of its gates (docs/documents.md), its paths relative to its own folder",
        "inputs": "list[File]: the files that the document names, goldens aside, and itself",
    },
)
