"""The rules helm_toolchain and missing_helm_toolchain."""

load("//bazel/private/providers:helm_info.bzl", "HelmInfo")

# The repositories of helm load it.
visibility("public")

def _helm_toolchain_impl(ctx):
    helm = HelmInfo(binary = ctx.file.binary, remedy = "", version = ctx.attr.version)
    return [DefaultInfo(files = depset([ctx.file.binary])), platform_common.ToolchainInfo(helm_info = helm)]

helm_toolchain = rule(
    doc = """A helm program of your own, for the build platforms that a `toolchain()` target names.

```starlark
load("@rules_release//bazel:helm.bzl", "helm_toolchain")

helm_toolchain(
    name = "helm",
    binary = "//third_party/helm",
    version = "4.3.1",
)

toolchain(
    name = "helm_4",
    exec_compatible_with = ["@platforms//os:linux"],
    toolchain = ":helm",
    toolchain_type = "@rules_release//bazel/toolchain:helm_4_toolchain_type",
)
```

and `register_toolchains("//:helm_4")` in MODULE.bazel. Where a release of Helm or a helm on PATH does, the module
extension [helm](extensions.md#helm) is the shorter way.
""",
    implementation = _helm_toolchain_impl,
    attrs = {
        "binary": attr.label(allow_single_file = True, cfg = "exec", doc = "The program.", mandatory = True),
        "version": attr.string(doc = "Its version, such as 4.3.1.", mandatory = True),
    },
)

def _missing_helm_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(helm_info = HelmInfo(binary = None, remedy = ctx.attr.remedy, version = ""))]

missing_helm_toolchain = rule(
    doc = "Stands where there is no helm: an error only for who builds a chart's renderings.",
    implementation = _missing_helm_toolchain_impl,
    attrs = {"remedy": attr.string(doc = "What to do about it.", mandatory = True)},
)
