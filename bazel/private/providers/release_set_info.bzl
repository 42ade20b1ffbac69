"""ReleaseSetInfo."""

visibility(["//bazel/..."])

ReleaseSetInfo = provider(
    doc = "Images and charts that ship together at one version.",
    fields = {
        "document": "File: the release-set document (docs/documents.md), its paths relative to its own folder",
    },
)
