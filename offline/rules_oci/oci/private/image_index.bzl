"""The rule behind the `oci_image_index` macro."""

load(":assembly.bzl", "ASSEMBLE_ATTRS")

visibility("//oci/...")

def _platforms_transition_impl(_settings, attr):
    return [{"//command_line_option:platforms": str(platform)} for platform in attr.platforms]

_platforms_transition = transition(
    implementation = _platforms_transition_impl,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)

def _oci_image_index_impl(ctx):
    # The transition makes one image for each platform.
    if ctx.attr.platforms and len(ctx.attr.images) != len(ctx.attr.platforms):
        fail("{}: with 'platforms', 'images' must name exactly one image".format(ctx.label))
    layout = ctx.actions.declare_directory(ctx.label.name)
    args = ctx.actions.args()
    args.add("index")
    args.add_all("--output", [layout], expand_directories = False)
    args.add_all(ctx.files.images, before_each = "--image", expand_directories = False)
    if ctx.file.annotations:
        args.add("--annotations", ctx.file.annotations)
    ctx.actions.run(
        executable = ctx.executable._assemble,
        arguments = [args],
        inputs = depset(
            ctx.files.images + ctx.files.annotations,
            transitive = [image[DefaultInfo].default_runfiles.files for image in ctx.attr.images],
        ),
        outputs = [layout],
        mnemonic = "OCIIndex",
        progress_message = "OCI Index %{label}",
    )
    return [DefaultInfo(files = depset([layout]))]

oci_image_index = rule(
    implementation = _oci_image_index_impl,
    doc = "Makes the OCI layout directory of a multi-platform image. Write the macro of the same name.",
    attrs = ASSEMBLE_ATTRS | {
        "images": attr.label_list(mandatory = True, cfg = _platforms_transition, doc = "Single-platform images."),
        "platforms": attr.label_list(
            providers = [platform_common.PlatformInfo],
            doc = "Platforms to build the one image for.",
        ),
        "annotations": attr.label(allow_single_file = True, doc = "`key=value` lines for the index."),
        "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
    },
)
