"""The repository rule released_helm: a release of Helm for one platform."""

load("//bazel/private/helm:platforms.bzl", "archive_kind", "program")

visibility(["//bazel/private/helm"])

RELEASE_URLS = ["https://get.helm.sh/helm-v{version}-{platform}.{kind}"]

_NO_SHA256 = """helm.toolchain(version = "{version}"): sha256 does not have the platform {platform}.
Helm publishes it beside the archive: {url}.sha256sum
Add it to the declaration: sha256 = {{"{platform}": "..."}}"""

def _released_helm_impl(rctx):
    platform, version = rctx.attr.platform, rctx.attr.version
    urls = [
        url.format(kind = archive_kind(platform), platform = platform, version = version)
        for url in rctx.attr.urls
    ]
    if not rctx.attr.sha256:
        fail(_NO_SHA256.format(platform = platform, url = urls[0], version = version))
    rctx.download_and_extract(urls, sha256 = rctx.attr.sha256, stripPrefix = platform)
    rctx.template(
        "BUILD.bazel",
        rctx.attr._build_file,
        substitutions = {"%{binary}": program(platform), "%{version}": version},
    )

released_helm = repository_rule(
    doc = "A release of Helm for one platform, with its toolchain.",
    implementation = _released_helm_impl,
    attrs = {
        "platform": attr.string(doc = "By Helm's name, such as linux-amd64.", mandatory = True),
        "sha256": attr.string(doc = "Of the archive; without it an error says where to find it."),
        "urls": attr.string_list(doc = "Addresses of the archive, with places for version, platform and kind."),
        "version": attr.string(doc = "Such as 4.3.1.", mandatory = True),
        "_build_file": attr.label(default = Label("//bazel/private/helm:helm.BUILD.tpl")),
    },
)
