"""The rule chart_package: packs a chart."""

load("//bazel/private:stamp.bzl", "STAMP_ATTRS", "status_files")
load("//bazel/private/helm:laying_out.bzl", "LAYING_OUT_ATTRS", "lay_out", "staged")
load("//bazel/private/providers:chart_info.bzl", "ChartInfo")

visibility(["//bazel"])

def _pinned_folder(ctx, chart):
    """Returns the chart's folder with the digests of its images; without images, that is the folder itself."""
    if not chart.images:
        return chart.folder
    folder = ctx.actions.declare_directory(ctx.label.name + ".pinned")
    images = [
        struct(layout = image.layout, values = values)
        for image in chart.images.values()
        for values in image.values
    ]
    lay_out(ctx, folder, chart.name, [staged(chart.folder, ".")], images = images)
    return folder

def _chart_package_impl(ctx):
    folder = _pinned_folder(ctx, ctx.attr.chart[ChartInfo])
    package = ctx.actions.declare_file(ctx.label.name)
    arguments = ctx.actions.args()
    arguments.add("chart").add("package").add("--quiet").add_all([folder], expand_directories = False)
    arguments.add("--output", package).add_all(status_files(ctx), before_each = "--status-file")
    ctx.actions.run(
        executable = ctx.executable._release_kit,
        arguments = [arguments],
        inputs = [folder] + status_files(ctx),
        outputs = [package],
        mnemonic = "ChartPackage",
        progress_message = "Packing chart %{label}",
    )
    return [DefaultInfo(files = depset([package]))]

chart_package = rule(
    doc = "A chart packed as `helm package` does, with its images' digests; at the stamp's version in a stamped build.",
    implementation = _chart_package_impl,
    attrs = {
        "chart": attr.label(doc = "The chart.", mandatory = True, providers = [ChartInfo]),
    } | LAYING_OUT_ATTRS | STAMP_ATTRS,
)
