"""The `python` extension. Its tags do nothing: the one Python is Debian's, whatever version is asked for."""

_toolchain = tag_class(attrs = {
    "configure_coverage_tool": attr.bool(),
    "ignore_root_user_error": attr.bool(),
    "is_default": attr.bool(),
    "python_version": attr.string(mandatory = True),
})

_defaults = tag_class(attrs = {
    "python_version": attr.string(),
    "python_version_env": attr.string(),
    "python_version_file": attr.label(),
})

def _python_impl(mctx):
    return mctx.extension_metadata(reproducible = True)

python = module_extension(
    implementation = _python_impl,
    tag_classes = {
        "defaults": _defaults,
        "toolchain": _toolchain,
    },
)
