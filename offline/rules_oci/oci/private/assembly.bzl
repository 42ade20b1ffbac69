"""The actions that describe layers and assemble image layouts, shared by the rules."""

visibility("//oci/...")

TAR_EXTENSIONS = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst"]

ASSEMBLE_ATTRS = {
    "_assemble": attr.label(
        default = "//oci/private:assemble",
        executable = True,
        cfg = "exec",
        doc = "The program that the actions run.",
    ),
}

def describe_layers(ctx, tars, label = None):
    """Describes layer tars, one action each, so that a changed layer alone is read again.

    Args:
        ctx: the context of a rule with `ASSEMBLE_ATTRS`.
        tars: the layers' files, lowest first.
        label: what the image's history names as their origin; by default the target that made each.

    Returns:
        A list of structs with the `tar` and the `description` (a JSON file).
    """
    layers = []
    for index, tar in enumerate(tars):
        description = ctx.actions.declare_file("{}.{}.layer.json".format(ctx.label.name, index))
        args = ctx.actions.args()
        args.add("layer")
        args.add("--tar", tar)
        args.add("--label", label or tar.owner)
        args.add("--output", description)
        ctx.actions.run(
            executable = ctx.executable._assemble,
            arguments = [args],
            inputs = [tar],
            outputs = [description],
            mnemonic = "OCIDescriptor",
            progress_message = "OCI Descriptor %{input}",
        )
        layers.append(struct(tar = tar, description = description))
    return layers

def assemble_image(ctx, output, layers, args, inputs):
    """Assembles an image layout directory.

    Args:
        ctx: the context of a rule with `ASSEMBLE_ATTRS`.
        output: the directory to write, as declared.
        layers: what `describe_layers` returned.
        args: the rule's own flags for `assemble image`, an `Args`.
        inputs: a depset of the files that these flags name.
    """
    common = ctx.actions.args()
    common.add("image")
    common.add_all("--output", [output], expand_directories = False)
    for layer in layers:
        common.add_all("--layer", [layer.tar, layer.description])
    files = [file for layer in layers for file in (layer.tar, layer.description)]
    ctx.actions.run(
        executable = ctx.executable._assemble,
        arguments = [common, args],
        inputs = depset(files, transitive = [inputs]),
        outputs = [output],
        mnemonic = "OCIImage",
        progress_message = "OCI Image %{label}",
    )
