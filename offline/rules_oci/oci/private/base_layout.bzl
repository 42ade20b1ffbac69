"""The rule behind the images that `oci.pull` gives."""

load(":assembly.bzl", "ASSEMBLE_ATTRS", "TAR_EXTENSIONS", "assemble_image", "describe_layers")

# Loaded by the BUILD files of generated repositories.
visibility("public")

def _base_layout_impl(ctx):
    layout = ctx.actions.declare_directory("layout")
    args = ctx.actions.args()
    args.add("--pulled")
    for name in ["os", "architecture", "variant"]:
        if getattr(ctx.attr, name):
            args.add("--" + name, getattr(ctx.attr, name))
    args.add("--env", ctx.file.env)
    args.add("--cmd", ctx.file.cmd)
    assemble_image(
        ctx,
        output = layout,
        # Canonical repository names differ between Bazel versions and would end up in the digest.
        layers = describe_layers(ctx, [ctx.file.layer], label = "@" + ctx.label.name),
        args = args,
        inputs = depset([ctx.file.env, ctx.file.cmd]),
    )
    return [DefaultInfo(files = depset([layout]))]

base_layout = rule(
    implementation = _base_layout_impl,
    doc = "Makes the OCI layout directory of a prepared base image, in the form of a pulled one: its blobs are files.",
    attrs = ASSEMBLE_ATTRS | {
        "layer": attr.label(mandatory = True, allow_single_file = TAR_EXTENSIONS, doc = "The only layer."),
        "env": attr.label(mandatory = True, allow_single_file = True, doc = "`key=value` lines."),
        "cmd": attr.label(mandatory = True, allow_single_file = True, doc = "Arguments, one a line."),
        "os": attr.string(mandatory = True, doc = "Operating system."),
        "architecture": attr.string(mandatory = True, doc = "CPU architecture."),
        "variant": attr.string(doc = "Variant of the architecture."),
    },
)
