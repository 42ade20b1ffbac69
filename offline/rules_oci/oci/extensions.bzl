"""The module extension `oci`, whose `pull` gives prepared base images."""

load("//oci/private:pull.bzl", "base_image", "base_image_alias")

visibility("public")

_pull = tag_class(
    doc = "Declares a base image. Attributes that only matter to a download are accepted and ignored.",
    attrs = {
        "name": attr.string(mandatory = True, doc = "Name of the repository, and of the target in it."),
        "image": attr.string(doc = "The image, such as `docker.io/library/python`."),
        "registry": attr.string(doc = "The registry; with `repository`, instead of `image`."),
        "repository": attr.string(doc = "The image's path in the registry."),
        "platforms": attr.string_list(doc = "Platforms, such as `linux/arm64/v8`; each gets a repository of its own."),
        "digest": attr.string(doc = "Ignored: the prepared image is not the pinned one."),
        "tag": attr.string(doc = "Ignored."),
        "reproducible": attr.bool(default = True, doc = "Ignored."),
        "config": attr.label(doc = "Ignored."),
        "www_authenticate_challenges": attr.string_dict(doc = "Ignored."),
        "bazel_tags": attr.string_list(doc = "Tags of the images' targets."),
    },
)

def _image_name(pull):
    if bool(pull.image) == bool(pull.registry and pull.repository):
        fail("oci.pull {}: set either 'image', or 'registry' and 'repository'".format(pull.name))
    if not (pull.digest or pull.tag or "@" in pull.image or ":" in pull.image.rpartition("/")[2]):
        fail("oci.pull {}: set 'digest' or 'tag'".format(pull.name))
    return pull.image or "{}/{}".format(pull.registry, pull.repository)

def _declare(pull):
    """Declares an image's repositories and returns their names."""
    image = _image_name(pull)
    names = {platform: "_".join([pull.name] + platform.split("/")) for platform in pull.platforms}
    for platform, name in names.items():
        base_image(name = name, target_name = name, image = image, platform = platform, bazel_tags = pull.bazel_tags)
    base_image_alias(
        name = pull.name,
        target_name = pull.name,
        image = image,
        images = {platform: "@{0}//:{0}".format(name) for platform, name in names.items()},
    )
    return [pull.name] + names.values()

def _oci_impl(module_ctx):
    direct, direct_dev = [], []
    for module in module_ctx.modules:
        for pull in module.tags.pull:
            names = _declare(pull)
            if module.is_root:
                (direct_dev if module_ctx.is_dev_dependency(pull) else direct).extend(names)
    return module_ctx.extension_metadata(
        root_module_direct_deps = direct,
        root_module_direct_dev_deps = direct_dev,
    )

oci = module_extension(
    implementation = _oci_impl,
    doc = "Base images.",
    tag_classes = {"pull": _pull},
)
