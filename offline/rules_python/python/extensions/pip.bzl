"""The `pip` extension: one hub repository for each hub name."""

load("//python/private:hub.bzl", "pypi_hub")

_parse = tag_class(attrs = {
    "download_only": attr.bool(doc = "Always so here."),
    "enable_implicit_namespace_pkgs": attr.bool(doc = "Always so here."),
    "environment": attr.string_dict(),
    "experimental_index_url": attr.string(doc = "Ignored: pip's own configuration says where wheels come from."),
    "extra_pip_args": attr.string_list(),
    "hub_name": attr.string(mandatory = True),
    "isolated": attr.bool(),
    "parallel_download": attr.bool(),
    "python_interpreter": attr.string(),
    "python_interpreter_target": attr.label(),
    "python_version": attr.string(),
    "quiet": attr.bool(),
    "requirements_linux": attr.label(),
    "requirements_lock": attr.label(),
    "timeout": attr.int(),
})

def _pip_impl(mctx):
    hubs = {}
    for mod in mctx.modules:
        for tag in mod.tags.parse:
            owner = hubs.setdefault(tag.hub_name, struct(module = mod.name, tag = tag))
            if owner.module != mod.name:
                fail("pip.parse: the hub name '%s' is used by the modules %s and %s: rename one" % (tag.hub_name, owner.module, mod.name))
    for name, owner in hubs.items():
        pypi_hub(
            name = name,
            lock = owner.tag.requirements_linux or owner.tag.requirements_lock,
        )
    return mctx.extension_metadata(reproducible = True)

pip = module_extension(
    implementation = _pip_impl,
    tag_classes = {"parse": _parse},
)
