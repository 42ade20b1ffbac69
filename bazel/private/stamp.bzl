"""Whether an action is to read the stamp: an attribute `stamp` of -1, 0 or 1, as in Bazel's own rules."""

visibility(["//bazel/private/..."])

StampFlagInfo = provider(
    doc = "Whether the build was called with --stamp.",
    fields = {"enabled": "bool"},
)

def _stamp_flag_impl(ctx):
    return [StampFlagInfo(enabled = ctx.attr.enabled)]

stamp_flag = rule(
    doc = "Makes --stamp readable in a rule.",
    implementation = _stamp_flag_impl,
    attrs = {"enabled": attr.bool(mandatory = True, doc = "select() over a config_setting of --stamp")},
)

STAMP_ATTRS = {
    "stamp": attr.int(
        default = -1,
        doc = "1: read the stamp; 0: don't; -1: read it in a build with --stamp.",
        values = [-1, 0, 1],
    ),
    "_stamp_flag": attr.label(default = Label("//bazel/private:stamp"), providers = [StampFlagInfo]),
}

def status_files(ctx):
    """Returns the status file if the target is to be stamped.

    Args:
      ctx: of a rule with STAMP_ATTRS

    Returns:
      list[File]: the stable status file, or nothing
    """
    stamped = ctx.attr._stamp_flag[StampFlagInfo].enabled if ctx.attr.stamp == -1 else ctx.attr.stamp == 1
    return [ctx.info_file] if stamped else []
