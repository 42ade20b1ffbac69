"""The `pip` extension: one hub for each hub name, whatever number of Python versions it is for."""

load("//python/private:hub.bzl", "locked_names", "pypi_hub", "pypi_wheel", "wheel_repository")

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

def _release(version):
    return [int(part) for part in version.split(".")[:2]] if version else []

def _pip_impl(mctx):
    hubs = {}
    for mod in mctx.modules:
        for tag in mod.tags.parse:
            hub = hubs.setdefault(tag.hub_name, struct(module = mod.name, tags = {}))
            if hub.module != mod.name:
                fail("pip.parse: the hub name '%s' is used by the modules %s and %s: rename one" % (tag.hub_name, hub.module, mod.name))
            if tag.python_version in hub.tags:
                fail("pip.parse: the hub '%s' has Python %s twice: remove one" % (tag.hub_name, tag.python_version))
            hub.tags[tag.python_version] = tag
    for name, hub in hubs.items():
        newest = hub.tags[sorted(hub.tags, key = _release)[-1]]
        lock = newest.requirements_linux or newest.requirements_lock
        names = locked_names(mctx.read(lock))
        pypi_hub(name = name, hub_name = name, names = names)
        for each in names:
            pypi_wheel(name = wheel_repository(name, each), distribution = each, hub_name = name, lock = lock)
    return mctx.extension_metadata(reproducible = True)

pip = module_extension(
    implementation = _pip_impl,
    tag_classes = {"parse": _parse},
)
