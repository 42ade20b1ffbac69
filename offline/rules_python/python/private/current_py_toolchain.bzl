"""The rule behind //python:current_py_toolchain."""

visibility("//python/...")

_TYPE = "@bazel_tools//tools/python:toolchain_type"

def _current_py_toolchain_impl(ctx):
    runtime = ctx.toolchains[_TYPE].py3_runtime
    files = runtime.files if runtime.interpreter else depset()
    direct = [runtime.interpreter] if runtime.interpreter else []
    path = runtime.interpreter.path if runtime.interpreter else runtime.interpreter_path
    return [
        ctx.toolchains[_TYPE],
        platform_common.TemplateVariableInfo({"PYTHON3": path}),
        DefaultInfo(
            files = depset(direct, transitive = [files]),
            runfiles = ctx.runfiles(direct, transitive_files = files),
        ),
    ]

current_py_toolchain = rule(
    implementation = _current_py_toolchain_impl,
    doc = "Offers the Python interpreter as files and as the make variable PYTHON3.",
    toolchains = [_TYPE],
)
