"""The layouts of a set's images, without their layers where those stay in the build's remote cache."""

load("@bazel_skylib//rules:common_settings.bzl", "BuildSettingInfo")
load("//bazel/private:image_layout.bzl", "image_layout")

visibility(["//bazel/private"])

SET_LAYOUTS_ATTRS = {
    "_push_strategy": attr.label(default = Label("//bazel/settings:push_strategy"), providers = [BuildSettingInfo]),
    "_sparse_layout": attr.label(cfg = "exec", default = Label("//tools:sparse-layout"), executable = True),
}

def _sparse(ctx, layout, name):
    """Declares the action that copies a layout without its layers; returns what stands for the layout."""
    folder = ctx.actions.declare_directory(name)
    descriptors = [layout.descriptor] if layout.descriptor else []
    arguments = ctx.actions.args()
    arguments.add("layout").add("sparse")
    arguments.add_all([layout.folder], expand_directories = False)
    arguments.add_all("--descriptor", descriptors)
    arguments.add_all("--output", [folder], expand_directories = False)
    ctx.actions.run(
        executable = ctx.executable._sparse_layout,
        arguments = [arguments],
        inputs = depset([layout.folder] + descriptors, transitive = [layout.runfiles.files]),
        outputs = [folder],
        mnemonic = "SparseLayout",
        progress_message = "Leaving the layers out of " + layout.folder.short_path,
    )
    return struct(folder = folder, descriptor = layout.descriptor, runfiles = ctx.runfiles())

def is_lazy(ctx):
    """Tells whether layers are to stay in the remote cache; for rules with SET_LAYOUTS_ATTRS."""
    return ctx.attr._push_strategy[BuildSettingInfo].value == "lazy"

def set_layouts(ctx):
    """Finds the layout of each image of a set.

    Args:
      ctx: of a rule with SET_LAYOUTS_ATTRS, whose attribute `images` has the repository of each

    Returns:
      dict[Target, struct]: as image_layout returns them; without layers, also among the runfiles, in a lazy set
    """
    layouts = {target: image_layout(target, "{}: images".format(ctx.label)) for target in ctx.attr.images}
    if not is_lazy(ctx):
        return layouts
    folder = ctx.label.name + ".layouts/"
    return {
        target: _sparse(ctx, layout, folder + ctx.attr.images[target].replace("/", "+"))
        for target, layout in layouts.items()
    }
