"""The rule behind the `oci_push` macro."""

visibility("//oci/...")

def _runfiles_path(ctx, file):
    """Returns a file's path relative to the runfiles folder."""
    if file.short_path.startswith("../"):
        return file.short_path.removeprefix("../")
    return ctx.workspace_name + "/" + file.short_path

def _check(ctx):
    if not ctx.file.image.is_directory:
        fail("{}: 'image' must be an oci_image or oci_image_index, found {}".format(ctx.label, ctx.attr.image.label))
    name = ctx.attr.repository.rpartition("/")[2]
    if "@" in name or ":" in name:
        fail("{}: 'repository' must have no tag and no digest, found {}".format(ctx.label, ctx.attr.repository))

def _oci_push_impl(ctx):
    _check(ctx)
    program = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(
        output = program,
        target_file = ctx.file._push,
        is_executable = True,
        progress_message = "OCI Push program %{label}",
    )
    parameters = ctx.actions.declare_file(ctx.label.name + ".push.json")
    optional = {"repository_file": ctx.file.repository_file, "tags_file": ctx.file.remote_tags}
    ctx.actions.write(parameters, json.encode(
        {"layout": _runfiles_path(ctx, ctx.file.image), "repository": ctx.attr.repository} |
        {key: _runfiles_path(ctx, file) if file else "" for key, file in optional.items()},
    ))
    runfiles = ctx.runfiles([parameters, ctx.file.image] + [file for file in optional.values() if file])
    return [DefaultInfo(
        executable = program,
        files = depset([program, parameters]),
        runfiles = runfiles.merge(ctx.attr.image[DefaultInfo].default_runfiles),
    )]

oci_push = rule(
    implementation = _oci_push_impl,
    doc = "Pushes an image by digest, then sets its tags. Write the macro of the same name, which takes a list of tags too.",
    executable = True,
    attrs = {
        "image": attr.label(mandatory = True, allow_single_file = True, doc = "The image or index to push."),
        "repository": attr.string(doc = "Where to push to, without tag or digest; `--repository` overrides it."),
        "repository_file": attr.label(allow_single_file = True, doc = "A file with the repository."),
        "remote_tags": attr.label(allow_single_file = True, doc = "A file with tags, separated by white space."),
        "_push": attr.label(default = "//oci/private:push.py", allow_single_file = True),
    },
)
