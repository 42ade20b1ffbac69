"""ReleaseSetInfo."""

visibility(["//bazel/..."])

ReleaseSetInfo = provider(
    doc = "Images and charts that ship together at one version.",
    fields = {
        "charts": "dict[string, struct]: charts by name; repository: string, as in the document, folder: File, the chart's",
        "document": "File: the [release set](../documents.md#release-set-rules_releaserelease-setv1), its paths relative to its own folder",
        "name": "string: what the set is called in release records",
        "record_repository": "string: below the registry's prefix, where release records are pushed to; empty for nowhere",
        "registry": "string: HOST[:PORT][/PREFIX]; empty where the set names none",
    },
)
