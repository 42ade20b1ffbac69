"""The rules that render a chart with one values file, one for each major version of Helm."""

load("//bazel/private/providers:chart_gates_info.bzl", "ChartGatesInfo")
load("//bazel/private/providers:chart_info.bzl", "ChartInfo")

visibility(["//bazel"])

def _chart_rendering_impl(ctx):
    helm = ctx.toolchains[ctx.attr._toolchain_type.label].helm_info
    if not helm.binary:
        fail("{}: {}".format(ctx.label, helm.remedy))
    folder = ctx.attr.chart[ChartInfo].rendered_folder
    gates = ctx.attr.gates[ChartGatesInfo]
    rendering = ctx.actions.declare_file(ctx.label.name + ".json")
    arguments = ctx.actions.args()
    arguments.add("chart").add("render").add_all([folder], expand_directories = False)
    arguments.add("--config", gates.document).add("--helm", helm.binary).add("--output", rendering)
    ctx.actions.run(
        executable = ctx.executable._release_kit,
        arguments = [arguments],
        inputs = [folder] + gates.inputs,
        outputs = [rendering],
        tools = [helm.binary],
        execution_requirements = {"block-network": "1"},
        mnemonic = "HelmRender",
        progress_message = "Rendering %{label} with Helm " + helm.version,
        toolchain = ctx.attr._toolchain_type.label,
    )
    return [DefaultInfo(files = depset([rendering]))]

def _chart_rendering(major):
    toolchain_type = Label("//bazel/toolchain:helm_{}_toolchain_type".format(major))
    return rule(
        doc = "A chart rendered with one values file by Helm {}, for its gates.".format(major),
        implementation = _chart_rendering_impl,
        attrs = {
            "chart": attr.label(doc = "The chart.", mandatory = True, providers = [ChartInfo]),
            "gates": attr.label(
                doc = "How to render it; the first values file counts.",
                mandatory = True,
                providers = [ChartGatesInfo],
            ),
            "_release_kit": attr.label(cfg = "exec", default = Label("//tools:charts"), executable = True),
            "_toolchain_type": attr.label(default = toolchain_type),
        },
        toolchains = [toolchain_type],
    )

chart_rendering_3 = _chart_rendering("3")
chart_rendering_4 = _chart_rendering("4")
