"""The rule environments_document: writes the declaration that the commands of promotion read."""

load("//bazel/private/lib:chart_places.bzl", "chart_places")
load("//bazel/private/lib:environment_faults.bzl", "declaration_fault")
load("//bazel/private/providers:release_set_info.bzl", "ReleaseSetInfo")

visibility(["//bazel"])

_SCHEMA = "rules_release/environments/v1"
_NO_RELEASE = struct(charts = {}, name = "", record_repository = "", registry = "")

def _required(ctx, attribute, value):
    if not value:
        fail("{}: {}: missing; give it, or the `release` that it follows from".format(ctx.label, attribute))
    return value

def _chart_name(ctx, release):
    names = list(release.charts)
    name = ctx.attr.chart or (names[0] if len(names) == 1 else "")
    if ctx.attr.release and name not in names:
        fail("{}: chart: expected one of the release's charts: {}; found {}".format(
            ctx.label,
            ", ".join(names) or "it has none",
            repr(name),
        ))
    return _required(ctx, "chart", name)

def _chart(ctx, release, name):
    released = release.charts.get(name)
    chart = {
        "form": ctx.attr.oci,
        "name": name,
        "registry": _required(ctx, "registry", ctx.attr.registry or release.registry),
        "repository": ctx.attr.chart_repository or (released.repository if released else ""),
    }
    return {key: value for key, value in chart.items() if value}

def _declare_beside(ctx, place, places):
    """Declares a file in a folder of the document's, where both actions and runfiles have it."""
    name = "{}.values/{}".format(ctx.label.name, place)
    if name in places:
        fail("{}: values: two files are called {}; rename one".format(ctx.label, place))
    places[name] = ctx.actions.declare_file(name)
    return name

def _linked_values(ctx, places):
    """Links the values files; returns the place of each, in the order of the attribute."""
    found = []
    for target in ctx.attr.values:
        files = target[DefaultInfo].files.to_list()
        if len(files) != 1:
            fail("{}: values: {} gives {} files; expected one".format(ctx.label, target.label, len(files)))
        found.append(_declare_beside(ctx, chart_places.in_repository(files[0].short_path), places))
        ctx.actions.symlink(output = places[found[-1]], target_file = files[0])
    return found

def _inline_values(ctx, values, place, places):
    name = _declare_beside(ctx, place, places)
    ctx.actions.write(places[name], json.encode_indent(values, indent = "  ") + "\n")
    return name

def _environments(ctx, declared, places):
    """Returns the environments as the document has them: values are named by their places, empty lists left out."""
    linked = _linked_values(ctx, places)
    found = []
    for each in declared:
        values = [
            linked[item] if type(item) == "int" else _inline_values(ctx, item, "{}-{}/inline.yaml".format(each["name"], i), places)
            for i, item in enumerate(each["values"])
        ]
        found.append({key: value for key, value in (each | {"values": values}).items() if value != []})
    return found

def _environments_document_impl(ctx):
    declared = json.decode(ctx.attr.declaration)
    fault = declaration_fault(declared["environments"], declared["gates"])
    if fault:
        fail("{}: {}".format(ctx.label, fault))
    release = ctx.attr.release[ReleaseSetInfo] if ctx.attr.release else _NO_RELEASE
    chart = _chart_name(ctx, release)
    places = {}
    content = declared | {
        "schema": _SCHEMA,
        "name": _required(ctx, "set_name", ctx.attr.set_name or release.name),
        "chart": _chart(ctx, release, chart),
        "delivery": ctx.attr.delivery,
        "environments": _environments(ctx, declared["environments"], places),
        "record_repository": ctx.attr.record_repository or release.record_repository,
    }
    document = ctx.actions.declare_file(ctx.label.name + ".json")
    content = {key: value for key, value in content.items() if value}
    ctx.actions.write(document, json.encode_indent(content, indent = "  ") + "\n")
    chart_folder = [release.charts[chart].folder] if ctx.attr.release else []
    return [
        DefaultInfo(files = depset([document]), runfiles = ctx.runfiles(places.values())),
        OutputGroupInfo(chart = depset(chart_folder)),
    ]

environments_document = rule(
    doc = "Where a release set runs, as a document with its values files among its runfiles.",
    implementation = _environments_document_impl,
    attrs = {
        "chart": attr.string(doc = "The chart's name; by default that of the release's only one."),
        "chart_repository": attr.string(doc = "Where the chart is below the registry's prefix, as in the release."),
        "declaration": attr.string(doc = "JSON: the document's other fields.", mandatory = True),
        "delivery": attr.string(
            doc = "What an environment's branch holds.",
            mandatory = True,
            values = ["manifests", "application"],
        ),
        "oci": attr.string(doc = "How Argo CD takes the chart.", mandatory = True, values = ["classic", "native"]),
        "record_repository": attr.string(doc = "Where release records are, as in the release."),
        "registry": attr.string(doc = "HOST[:PORT][/PREFIX], as in the release."),
        "release": attr.label(doc = "The release set.", providers = [ReleaseSetInfo]),
        "set_name": attr.string(doc = "The release set's name, as in the release."),
        "values": attr.label_list(
            allow_files = [".yaml", ".yml", ".json"],
            doc = "The values files, which the environments in the declaration name by their positions.",
        ),
    },
)
