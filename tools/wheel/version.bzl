"""The content of VERSION for BUILD files: Bazel has to know a wheel's file name, and so its version, before it builds."""

visibility("private")

def _version_file_impl(rctx):
    version = rctx.read(rctx.attr.file).strip()
    rctx.file("BUILD.bazel")
    rctx.file("version.bzl", '"""The content of VERSION."""\n\nVERSION = "%s"\n' % version)

_version_file = repository_rule(
    implementation = _version_file_impl,
    doc = "Makes `version.bzl` with the symbol VERSION out of a file that holds one version.",
    attrs = {
        "file": attr.label(
            allow_single_file = True,
            doc = "The file.",
            mandatory = True,
        ),
    },
)

def _version_impl(mctx):
    _version_file(
        name = "rules_release_version",
        file = Label("//:VERSION"),
    )
    return mctx.extension_metadata(reproducible = True)

version = module_extension(
    implementation = _version_impl,
    doc = "Makes the repository `rules_release_version`.",
)
