"""A rule of one's own that reads what the rules of rules_release provide."""

load("@rules_release//bazel:providers.bzl", "ChartInfo", "HelmInfo", "ReleaseSetInfo", "TagPolicyInfo")

_HELM = "@rules_release//bazel/toolchain:helm_4_toolchain_type"

def _described_impl(ctx):
    release = ctx.attr.release[ReleaseSetInfo]
    helm = HelmInfo(binary = None, remedy = "", version = ctx.toolchains[_HELM].helm_info.version)
    out = ctx.actions.declare_file(ctx.label.name + ".json")
    ctx.actions.write(out, json.encode({
        "chart": ctx.attr.chart[ChartInfo].name,
        "charts": sorted(release.charts),
        "helm": helm.version.partition(".")[0],
        "moving": ctx.attr.policy[TagPolicyInfo].moving,
        "release": release.name,
    }))
    return [DefaultInfo(files = depset([out]))]

described = rule(
    implementation = _described_impl,
    attrs = {
        "chart": attr.label(providers = [ChartInfo]),
        "policy": attr.label(providers = [TagPolicyInfo]),
        "release": attr.label(providers = [ReleaseSetInfo]),
    },
    doc = "Writes what a release is made of.",
    toolchains = [_HELM],
)
