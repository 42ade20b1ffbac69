"""The repositories that `oci.pull` makes: prepared base images instead of downloads."""

load(":stand_ins.bzl", "PLATFORM_CPUS", "PLATFORM_LAYERS", "missing_stand_in")

visibility("//oci/...")

# Where offline/enter shows what offline/base_images.py has made.
_PREPARED = "/offline-base-images"

def _base_image_impl(rctx):
    reason = missing_stand_in(rctx.attr.image, rctx.attr.platform)
    if reason:
        fail("@{}: {}".format(rctx.attr.target_name, reason))
    layer = rctx.path(_PREPARED).get_child(PLATFORM_LAYERS[rctx.attr.platform] + ".tar.gz")
    rctx.watch(layer)
    if not layer.exists:
        fail("@{}: {} is missing: is this the root that offline/enter enters?".format(rctx.attr.target_name, layer))
    rctx.symlink(layer, "layer.tar.gz")
    parts = rctx.attr.platform.split("/") + [""]
    rctx.template("BUILD.bazel", rctx.attr._build_file, {
        "{architecture}": parts[1],
        "{name}": rctx.attr.target_name,
        "{os}": parts[0],
        "{tags}": json.encode(rctx.attr.bazel_tags),
        "{variant}": parts[2],
    })

base_image = repository_rule(
    implementation = _base_image_impl,
    doc = "One platform of an image.",
    attrs = {
        "image": attr.string(mandatory = True, doc = "The image's name."),
        "platform": attr.string(doc = "An OCI platform, such as `linux/arm64/v8`."),
        "target_name": attr.string(mandatory = True, doc = "The name of the only public target."),
        "bazel_tags": attr.string_list(doc = "Tags of that target."),
        "_build_file": attr.label(default = "//oci/private:base_image.BUILD.tpl"),
    },
)

def _base_image_alias_impl(rctx):
    images = {}
    for platform, image in rctx.attr.images.items():
        if platform in PLATFORM_CPUS:
            images[str(PLATFORM_CPUS[platform])] = image
    if not images:
        platform = rctx.attr.images.keys()[0] if rctx.attr.images else ""
        fail("@{}: {}".format(rctx.attr.target_name, missing_stand_in(rctx.attr.image, platform)))
    rctx.template("BUILD.bazel", rctx.attr._build_file, {
        "{images}": json.encode(images),
        "{name}": rctx.attr.target_name,
        "{platforms}": ", ".join(rctx.attr.images),
    })

base_image_alias = repository_rule(
    implementation = _base_image_alias_impl,
    doc = "An image that is the one of the target platform.",
    attrs = {
        "image": attr.string(mandatory = True, doc = "The image's name."),
        "images": attr.string_dict(doc = "OCI platform -> label of its image."),
        "target_name": attr.string(mandatory = True, doc = "The name of the only target."),
        "_build_file": attr.label(default = "//oci/private:alias.BUILD.tpl"),
    },
)
