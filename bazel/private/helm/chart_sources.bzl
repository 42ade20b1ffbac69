"""The rule chart_sources: the source files of a chart, for the gate that looks at what they really are."""

load("//bazel/private/helm:laying_out.bzl", "files_document")
load("//bazel/private/providers:chart_info.bzl", "ChartInfo")

visibility(["//bazel/private/helm"])

def _chart_sources_impl(ctx):
    chart = ctx.attr.chart[ChartInfo]
    document = ctx.actions.declare_file(ctx.label.name + ".json")
    content = files_document(chart.name, chart.sources, lambda file: file.short_path)
    ctx.actions.write(document, json.encode_indent(content, indent = " ") + "\n")
    runfiles = ctx.runfiles([each.file for each in chart.sources])
    return [DefaultInfo(files = depset([document]), runfiles = runfiles)]

chart_sources = rule(
    # To Bazel, a link in a source tree is what it leads to: an action that looked at links would not run again when one
    # is replaced by a copy. A test that failed always does.
    doc = "The document of a chart's source files, among whose runfiles they are.",
    implementation = _chart_sources_impl,
    attrs = {"chart": attr.label(doc = "The chart.", mandatory = True, providers = [ChartInfo])},
)
