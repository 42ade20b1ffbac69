"""The rule chart_gates: writes the document that `release-kit chart render` and `gate` read."""

load("//bazel/private/lib:chart_places.bzl", "chart_places")
load("//bazel/private/providers:chart_gates_info.bzl", "ChartGatesInfo")
load("//bazel/private/providers:chart_info.bzl", "ChartInfo")

visibility(["//bazel/private/helm"])

_SCHEMA = "rules_release/chart-gates/v1"

def _values_names(ctx):
    """Returns what each values file is called in the document: as it is in the chart's folder, or else its own name."""
    root = ctx.attr.chart[ChartInfo].root
    names = {}
    for file in ctx.files.values:
        name = chart_places.place(file.short_path, root) or file.basename
        if name in names.values():
            fail("{}: values: two files are called {}; rename one".format(ctx.label, name))
        names[file] = name
    return names

def _values_entries(ctx, names):
    versions = {
        file: text.split("\n")
        for target, text in ctx.attr.api_versions.items()
        for file in target[DefaultInfo].files.to_list()
    }
    return [
        {"file": name, "api_versions": versions[file]} if file in versions else name
        for file, name in names.items()
    ]

def _beside(ctx, names):
    """Returns links to files in a folder of the document's, where both actions and runfiles have them."""
    links = []
    for file, name in names.items():
        links.append(ctx.actions.declare_file("{}/{}".format(ctx.label.name, name)))
        ctx.actions.symlink(output = links[-1], target_file = file)
    return links

def _chart_gates_impl(ctx):
    values = _values_names(ctx)
    crds = {file: "crds/" + chart_places.in_repository(file.short_path) for file in ctx.files.crds}
    links = _beside(ctx, {file: name for file, name in values.items() if name != "values.yaml"} | crds)
    content = {"schema": _SCHEMA} | json.decode(ctx.attr.config)
    if values:
        content["values"] = _values_entries(ctx, values)
    if crds:
        content["crds"] = crds.values()
    if ctx.attr.golden:
        content["golden"] = ("../" if links else "") + ctx.attr.golden
    document = ctx.actions.declare_file(ctx.label.name + ("/gates.json" if links else ".json"))
    ctx.actions.write(document, json.encode_indent(content, indent = "  ") + "\n")
    goldens = [chart_places.stem(name) + ".yaml" for name in values.values()]
    golden_files = [file for file in ctx.files.golden_files if file.basename in goldens]
    return [
        DefaultInfo(files = depset([document]), runfiles = ctx.runfiles(links + golden_files)),
        ChartGatesInfo(document = document, inputs = [document] + links),
    ]

chart_gates = rule(
    doc = "What a chart is to be held to, as a document with the files that it names among its runfiles.",
    implementation = _chart_gates_impl,
    attrs = {
        "api_versions": attr.label_keyed_string_dict(
            allow_files = True,
            doc = "Values files, and what `.Capabilities.APIVersions` has besides with each: one a line.",
        ),
        "chart": attr.label(doc = "The chart.", mandatory = True, providers = [ChartInfo]),
        "config": attr.string(doc = "JSON: the document's other fields.", mandatory = True),
        "crds": attr.label_list(allow_files = True, doc = "Files with CustomResourceDefinitions."),
        "golden": attr.string(doc = "The folder of the goldens in this package; empty for none."),
        "golden_files": attr.label_list(allow_files = True, doc = "What is in that folder."),
        "values": attr.label_list(allow_files = [".yaml", ".yml"], doc = "The values files, in order."),
    },
    provides = [ChartGatesInfo],
)
