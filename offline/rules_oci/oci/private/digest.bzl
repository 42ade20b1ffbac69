"""The rule behind every `<image>.digest` target."""

load(":assembly.bzl", "ASSEMBLE_ATTRS")

visibility("//oci/...")

def _image_digest_impl(ctx):
    args = ctx.actions.args()
    args.add("digest")
    args.add_all("--layout", [ctx.file.image], expand_directories = False)
    args.add("--output", ctx.outputs.out)
    ctx.actions.run(
        executable = ctx.executable._assemble,
        arguments = [args],
        inputs = [ctx.file.image],
        outputs = [ctx.outputs.out],
        mnemonic = "OCIDigest",
        progress_message = "OCI Digest %{label}",
    )
    return [DefaultInfo(files = depset([ctx.outputs.out]))]

image_digest = rule(
    implementation = _image_digest_impl,
    doc = "Writes the digest of an image, `sha256:<hex>` and a line feed.",
    attrs = ASSEMBLE_ATTRS | {
        "image": attr.label(mandatory = True, allow_single_file = True, doc = "The image or index."),
        "out": attr.output(mandatory = True, doc = "The file to write."),
    },
)
