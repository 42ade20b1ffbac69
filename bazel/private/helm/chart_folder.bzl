"""The rule chart_folder: lays out a chart's directory."""

load("//bazel/private:image_layout.bzl", "image_layout")
load("//bazel/private/helm:laying_out.bzl", "LAYING_OUT_ATTRS", "lay_out", "staged")
load("//bazel/private/lib:chart_places.bzl", "chart_places")
load("//bazel/private/providers:chart_info.bzl", "ChartInfo")

visibility(["//bazel"])

def _own_files(ctx, root):
    found = []
    for file in {file: None for file in ctx.files.srcs}:
        place = chart_places.place(file.short_path, root)
        if place == None:
            fail("{}: srcs: {} is not in the chart's folder, which is that of Chart.yaml: {}".format(
                ctx.label,
                file.short_path,
                root,
            ))
        found.append(staged(file, place, chart_places.in_repository(file.short_path) if file.is_source else ""))
    return found

def _dependencies(ctx):
    found = []
    for target in ctx.attr.deps:
        if ChartInfo in target:
            chart = target[ChartInfo]
            found.append(staged(chart.folder, "charts/" + chart.name))
            continue
        for file in target[DefaultInfo].files.to_list():
            if file.extension != "tgz":
                fail("{}: deps: {} gives {}; expected a chart, or packed charts (.tgz)".format(
                    ctx.label,
                    target.label,
                    file.basename,
                ))
            found.append(staged(file, "charts/" + file.basename))
    return found

def _images(ctx):
    """Returns each image, its layout and its places; one of a dependency without a place would never get its tag."""
    images = {
        target.label: struct(layout = image_layout(target, "{}: images".format(ctx.label)), values = places.split("\n"))
        for target, places in ctx.attr.images.items()
    }
    for target in ctx.attr.deps:
        for image in target[ChartInfo].images if ChartInfo in target else []:
            if image not in images:
                fail("{}: images: {} is missing, an image of the dependency {}; ".format(ctx.label, image, target.label) +
                     "name its place in this chart's values, such as {}.image".format(target[ChartInfo].name))
    return images

def _rendered_folder(ctx, folder, files, name):
    """Returns the folder without the values files, so that a change of one does not render the chart with all others."""
    values = {file: None for file in ctx.files.values}
    rest = [each for each in files if each.file not in values or each.place == "values.yaml"]
    if len(rest) == len(files):
        return folder
    rendered_folder = ctx.actions.declare_directory(ctx.label.name + ".rendered")
    lay_out(ctx, rendered_folder, name, rest)
    return rendered_folder

def _chart_folder_impl(ctx):
    root = chart_places.root([file.short_path for file in ctx.files.srcs])
    if root == None:
        fail("{}: srcs: expected one Chart.yaml above all others, found none or two side by side".format(ctx.label))
    name = ctx.attr.chart_name or root.rpartition("/")[2]
    if not name:
        fail("{}: chart_name: missing; the chart's folder has no name to take".format(ctx.label))
    files = _own_files(ctx, root) + _dependencies(ctx)
    folder = ctx.actions.declare_directory(ctx.label.name)
    lay_out(ctx, folder, name, files)
    chart = ChartInfo(
        folder = folder,
        images = _images(ctx),
        name = name,
        rendered_folder = _rendered_folder(ctx, folder, files, name),
        root = root,
        sources = [each for each in files if each.source_place],
    )
    return [
        DefaultInfo(files = depset([folder])),
        OutputGroupInfo(rendered = depset([chart.rendered_folder])),
        chart,
    ]

chart_folder = rule(
    doc = "A chart's directory: its files, and its dependencies in charts/.",
    implementation = _chart_folder_impl,
    attrs = {
        "chart_name": attr.string(doc = "The name in Chart.yaml; by default that of the folder that it is in."),
        "deps": attr.label_list(allow_files = True, doc = "Charts, and packed charts (.tgz)."),
        "images": attr.label_keyed_string_dict(
            allow_files = True,
            doc = "Image targets, and where the values name each: one path a line.",
        ),
        "srcs": attr.label_list(allow_files = True, doc = "The chart's files.", mandatory = True),
        "values": attr.label_list(allow_files = True, doc = "The files among srcs that it is rendered with."),
    } | LAYING_OUT_ATTRS,
    provides = [ChartInfo],
)
