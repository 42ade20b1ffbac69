"""Image targets of the shapes that other rule sets make, for analysis tests."""

def _fake_layout_impl(ctx):
    folder = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(outputs = [folder], command = "mkdir -p " + folder.path, mnemonic = "FakeLayout")
    layer = ctx.actions.declare_file(ctx.label.name + ".layer.tar")
    ctx.actions.write(layer, "")
    if not ctx.attr.as_output_group:
        return [DefaultInfo(files = depset([folder]), runfiles = ctx.runfiles([layer]))]
    descriptor = ctx.actions.declare_file(ctx.label.name + ".descriptor.json")
    ctx.actions.write(descriptor, "{}")
    return [
        DefaultInfo(files = depset([descriptor]), runfiles = ctx.runfiles([layer])),
        OutputGroupInfo(oci_layout = depset([folder]), descriptor = depset([descriptor])),
    ]

fake_layout = rule(
    doc = "An image target as rules_oci makes them, or as rules_img does.",
    implementation = _fake_layout_impl,
    attrs = {"as_output_group": attr.bool()},
)
