"""The repository rule helm_hub: the toolchains that modules declare, by label only."""

visibility(["//bazel/private/helm"])

def _helm_hub_impl(rctx):
    repositories = repr(json.decode(rctx.attr.repositories))
    rctx.template("BUILD.bazel", rctx.attr._build_file, substitutions = {"%{repositories}": repositories})

helm_hub = repository_rule(
    doc = "Declared toolchains. It depends on none of the repositories that it names, so that they are fetched lazily.",
    implementation = _helm_hub_impl,
    attrs = {
        "repositories": attr.string(
            doc = "JSON: the repository of each platform, or of `host`, for each major version.",
            mandatory = True,
        ),
        "_build_file": attr.label(default = Label("//bazel/private/helm:hub.BUILD.tpl")),
    },
)
