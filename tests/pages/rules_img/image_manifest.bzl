"""What an image of rules_img gives to others: its layout, in the output group `oci_layout`."""

visibility(["//tests/pages/..."])

def _image_manifest_impl(ctx):
    return [OutputGroupInfo(oci_layout = ctx.attr.layout[DefaultInfo].files)]

image_manifest = rule(
    doc = "Stands in the place of image_manifest of rules_img.",
    implementation = _image_manifest_impl,
    attrs = {
        "layout": attr.label(
            doc = "A target whose output is an OCI image layout.",
            mandatory = True,
        ),
    },
)
