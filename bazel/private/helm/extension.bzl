"""The module extension helm.

It makes these repositories; each is fetched when it is first needed, and the arrows are all there is between them:

    helm_toolchains -> helm_4_linux_amd64, helm_4_darwin_arm64, ...   (a release of Helm for one platform)
                    -> helm_4_local                                   (a helm of this machine)

`helm_toolchains` is loaded in every build that looks for toolchains, so it has nothing but labels in it.
"""

load("//bazel/private/helm:declarations.bzl", "MAJORS", "declarations")
load("//bazel/private/helm:hub.bzl", "helm_hub")
load("//bazel/private/helm:local_helm.bzl", "local_helm")
load("//bazel/private/helm:platforms.bzl", "PLATFORMS")
load("//bazel/private/helm:released_helm.bzl", "RELEASE_URLS", "released_helm")

visibility(["//bazel"])

def _release(major, tag):
    names = {}
    for platform in PLATFORMS:
        names[platform] = "helm_{}_{}".format(major, platform.replace("-", "_"))
        released_helm(
            name = names[platform],
            platform = platform,
            sha256 = tag.sha256.get(platform, ""),
            urls = tag.urls,
            version = tag.version,
        )
    return names

def _local(major, tag):
    name = "helm_{}_local".format(major)
    local_helm(name = name, major = major, path = tag.path)
    return {"host": name}

def _helm_impl(mctx):
    declared = declarations.collect(mctx.modules)
    if declared.error:
        fail(declared.error)
    names = {major: _release(major, tag) for major, tag in declared.toolchains.items()}
    names |= {major: _local(major, tag) for major, tag in declared.locals.items()}
    helm_hub(name = "helm_toolchains", repositories = json.encode(names))
    return mctx.extension_metadata(reproducible = True)

helm = module_extension(
    doc = """Which helm renders the charts of a build.

```starlark
helm = use_extension("@rules_release//bazel:extensions.bzl", "helm")
helm.toolchain(
    version = "4.3.1",
    sha256 = {"linux-amd64": "...", "darwin-arm64": "..."},
)
```

The toolchains register themselves. Nothing is downloaded, and no helm is looked for, before a chart is rendered. Of each
major version there is one Helm: the root module's, or else that of the first module that declares one.
""",
    implementation = _helm_impl,
    tag_classes = {
        "local": tag_class(
            doc = "The helm of this machine, for closed networks and for distributions that bring one.",
            attrs = {
                "path": attr.string(doc = "Where it is; by default PATH is searched for `helm<version>` and `helm`."),
                "version": attr.string(default = "4", doc = "The major version that it must have.", values = MAJORS),
            },
        ),
        "toolchain": tag_class(
            doc = "A release of Helm, downloaded for the platform that renders.",
            attrs = {
                "sha256": attr.string_dict(
                    doc = "The platforms that charts are rendered on, such as `linux-amd64`, and the archive's SHA-256 " +
                          "for each: what Helm publishes as `<archive's address>.sha256sum`.",
                ),
                "urls": attr.string_list(
                    default = RELEASE_URLS,
                    doc = "Where to download it from, in order; `{version}`, `{platform}`, `{kind}` are put in.",
                ),
                "version": attr.string(doc = "The release, such as 4.3.1.", mandatory = True),
            },
        ),
    },
)
