"""The rule behind the `oci_image` macro."""

load(":assembly.bzl", "ASSEMBLE_ATTRS", "TAR_EXTENSIONS", "assemble_image", "describe_layers")

visibility("//oci/...")

_PLATFORM = ["os", "architecture", "variant"]
_STRINGS = _PLATFORM + ["user", "workdir"]
_FILES = ["annotations", "cmd", "created", "entrypoint", "env", "exposed_ports", "labels", "volumes"]

def _check_platform(ctx):
    if ctx.attr.base and any([getattr(ctx.attr, name) for name in _PLATFORM]):
        fail("{}: os, architecture and variant come from 'base'; remove them".format(ctx.label))
    if not ctx.attr.base and not (ctx.attr.os and ctx.attr.architecture):
        fail("{}: an image without 'base' needs 'os' and 'architecture'".format(ctx.label))

def _settings(ctx):
    """Returns the flags for the attributes, and the files they name."""
    args = ctx.actions.args()
    files = []
    for name in _STRINGS:
        if getattr(ctx.attr, name):
            args.add("--" + name, getattr(ctx.attr, name))
    for name in _FILES:
        file = getattr(ctx.file, name)
        if file:
            args.add("--" + name.replace("_", "-"), file)
            files.append(file)
    if ctx.file.base:
        args.add_all("--base", [ctx.file.base], expand_directories = False)
    return args, files

def _oci_image_impl(ctx):
    _check_platform(ctx)
    args, files = _settings(ctx)

    # Blobs are links to the tars and to the base's blobs, so whoever takes the layout needs those too.
    linked = [depset(ctx.files.tars)]
    if ctx.attr.base:
        base = ctx.attr.base[DefaultInfo]
        linked += [base.files, base.default_runfiles.files]
    layout = ctx.actions.declare_directory(ctx.label.name)
    assemble_image(
        ctx,
        output = layout,
        layers = describe_layers(ctx, ctx.files.tars),
        args = args,
        inputs = depset(files, transitive = linked),
    )
    return [DefaultInfo(
        files = depset([layout]),
        runfiles = ctx.runfiles(transitive_files = depset(transitive = linked)),
    )]

oci_image = rule(
    implementation = _oci_image_impl,
    doc = "Makes the OCI layout directory of a single-platform image. Write the macro of the same name, which takes dicts and lists too.",
    attrs = ASSEMBLE_ATTRS | {
        "base": attr.label(allow_single_file = True, doc = "The image to start from."),
        "tars": attr.label_list(allow_files = TAR_EXTENSIONS, doc = "Layers to add, lowest first."),
        "os": attr.string(doc = "Operating system, as Go names it. Only without `base`."),
        "architecture": attr.string(doc = "CPU architecture, as Go names it. Only without `base`."),
        "variant": attr.string(doc = "Variant of the architecture, such as `v8`. Only without `base`."),
        "user": attr.string(doc = "User, or user and group, of the process."),
        "workdir": attr.string(doc = "Working directory of the process."),
        "annotations": attr.label(allow_single_file = True, doc = "`key=value` lines for the manifest."),
        "cmd": attr.label(allow_single_file = True, doc = "Arguments, one a line."),
        "created": attr.label(allow_single_file = True, doc = "Time of creation, RFC 3339; by default 1970."),
        "entrypoint": attr.label(allow_single_file = True, doc = "Command, one word a line. Clears the base's arguments."),
        "env": attr.label(allow_single_file = True, doc = "`key=value` lines; `$NAME` stands for the base's value."),
        "exposed_ports": attr.label(allow_single_file = True, doc = "Ports, separated by commas."),
        "labels": attr.label(allow_single_file = True, doc = "`key=value` lines for the config."),
        "volumes": attr.label(allow_single_file = True, doc = "Folders, separated by commas."),
    },
)
