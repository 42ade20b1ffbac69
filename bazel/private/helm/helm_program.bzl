"""The rule helm_program: the Helm of the build, for commands that render a released chart."""

visibility(["//bazel/private/gitops"])

_TYPES = [Label("//bazel/toolchain:helm_{}_toolchain_type".format(major)) for major in ("4", "3")]

def _helm_program_impl(ctx):
    found = [ctx.toolchains[each].helm_info.binary for each in _TYPES]
    return [DefaultInfo(files = depset([binary for binary in found if binary][:1]))]

helm_program = rule(
    doc = "Helm 4, or else Helm 3, as the modules declare it; no file where none is declared.",
    implementation = _helm_program_impl,
    toolchains = _TYPES,
)
