"""ChartInfo."""

visibility(["//bazel/..."])

ChartInfo = provider(
    doc = "A Helm chart.",
    fields = {
        "folder": "File: the chart's directory, its dependencies in charts/, images and versions as in the sources",
        "images": "dict[Label, struct]: images of the chart; layout: struct, of which folder: File, the OCI image layout, " +
                  "and descriptor: File or None, its root; values: list[string], the " +
                  "places in the values that name the image",
        "name": "string: the chart's name, as in its Chart.yaml",
        "rendered_folder": "File: the same directory without the values files that it is rendered with, but for its own " +
                           "values.yaml: what renderings are made from",
        "root": "string: where the chart's folder is in its source tree, as in `File.short_path`",
        "sources": "list[struct]: its files that are source files; file: File, place: string, its place in the chart, " +
                   "source_place: string, its path in its repository",
    },
)
