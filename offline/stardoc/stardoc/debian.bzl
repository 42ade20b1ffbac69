"""Makes Debian's stardoc a repository."""

load("@bazel_tools//tools/build_defs/repo:local.bzl", "local_repository")

def _debian_impl(_mctx):
    local_repository(
        name = "debian_stardoc",
        path = "/usr/share/bazel/tools/stardoc",
    )

debian = module_extension(implementation = _debian_impl)
