"""The `py_runtime_pair` rule."""

visibility("//python/...")

def _py_runtime_pair_impl(ctx):
    return [platform_common.ToolchainInfo(
        py2_runtime = None,
        py3_runtime = ctx.attr.py3_runtime[PyRuntimeInfo],
    )]

py_runtime_pair = rule(
    implementation = _py_runtime_pair_impl,
    doc = "What a Python toolchain offers: one runtime of Python 3.",
    attrs = {
        "py3_runtime": attr.label(
            doc = "A `py_runtime`.",
            mandatory = True,
            providers = [PyRuntimeInfo],
        ),
    },
)
