"""The `py_wheel` rule, as far as pure Python without stamps goes."""

visibility("//python/...")

# How PEP 440 writes the pre-releases of SemVer.
_PRE_RELEASES = [("-alpha.", "a"), ("-beta.", "b"), ("-rc.", "rc")]

def _normalised(version):
    for theirs, ours in _PRE_RELEASES:
        version = version.replace(theirs, ours)
    if "-" in version:
        fail("version: '%s' is none that PEP 440 knows; pre-releases are -alpha.N, -beta.N and -rc.N" % version)
    return version

def _metadata(ctx):
    """Returns the fields of METADATA, one a line."""
    fields = [
        ("Metadata-Version", "2.1"),
        ("Name", ctx.attr.distribution),
        ("Version", _normalised(ctx.attr.version)),
        ("License", ctx.attr.license),
        ("Summary", ctx.attr.summary),
        ("Requires-Python", ctx.attr.python_requires),
    ]
    fields += [("Requires-Dist", need) for need in ctx.attr.requires]
    for extra, needs in sorted(ctx.attr.extra_requires.items()):
        fields.append(("Provides-Extra", extra))
        fields += [("Requires-Dist", "%s; extra == '%s'" % (need, extra)) for need in needs]
    if ctx.attr.description_file:
        fields.append(("Description-Content-Type", "text/markdown"))
    return "".join(["%s: %s\n" % field for field in fields if field[1]])

def _entry_points(ctx):
    groups = ["[%s]\n%s\n" % (group, "\n".join(sorted(lines))) for group, lines in sorted(ctx.attr.entry_points.items())]
    return "\n".join(groups)

def _name_in_wheel(prefixes, file):
    for prefix in prefixes:
        if file.short_path.startswith(prefix):
            return file.short_path[len(prefix):]
    return file.short_path

def _written(ctx, suffix, content):
    file = ctx.actions.declare_file(ctx.label.name + suffix)
    ctx.actions.write(file, content)
    return file

def _py_wheel_impl(ctx):
    stem = "%s-%s" % (ctx.attr.distribution.replace("-", "_").lower(), _normalised(ctx.attr.version))
    wheel = ctx.actions.declare_file(stem + "-py3-none-any.whl")
    distinfo = {file.files.to_list()[0]: name for file, name in ctx.attr.extra_distinfo_files.items()}
    distinfo[_written(ctx, ".entry_points.txt", _entry_points(ctx))] = "entry_points.txt"
    metadata = _written(ctx, ".metadata.txt", _metadata(ctx))
    args = ctx.actions.args()
    args.add("--out", wheel)
    args.add("--stem", stem)
    args.add("--metadata", metadata)
    if ctx.file.description_file:
        args.add("--description", ctx.file.description_file)
    for file in ctx.files.deps:
        args.add_joined("--file", [_name_in_wheel(ctx.attr.strip_path_prefixes, file), file.path], join_with = "=")
    for file, name in distinfo.items():
        args.add_joined("--distinfo", [name, file.path], join_with = "=")
    ctx.actions.run(
        executable = ctx.executable._wheelmaker,
        inputs = ctx.files.deps + ctx.files.description_file + distinfo.keys() + [metadata],
        outputs = [wheel],
        arguments = [args],
        mnemonic = "PyWheel",
        progress_message = "Building wheel %{label}",
    )
    return [DefaultInfo(files = depset([wheel]), runfiles = ctx.runfiles([wheel]))]

py_wheel = rule(
    implementation = _py_wheel_impl,
    doc = "Builds a wheel of the files of `deps`; the attributes are those of rules_python.",
    attrs = {
        "deps": attr.label_list(doc = "Whose files go into the wheel."),
        "description_file": attr.label(allow_single_file = [".md"], doc = "The description, Markdown."),
        "distribution": attr.string(doc = "The name of the distribution.", mandatory = True),
        "entry_points": attr.string_list_dict(doc = "The entry points of each group."),
        "extra_distinfo_files": attr.label_keyed_string_dict(allow_files = True, doc = "More files beside METADATA."),
        "extra_requires": attr.string_list_dict(doc = "What each extra needs."),
        "license": attr.string(doc = "The licence, an SPDX expression."),
        "python_requires": attr.string(doc = "The versions of Python."),
        "requires": attr.string_list(doc = "What the distribution needs."),
        "strip_path_prefixes": attr.string_list(doc = "What is taken off the files' paths; the first that fits."),
        "summary": attr.string(doc = "What the distribution is, in a line."),
        "version": attr.string(doc = "The version.", mandatory = True),
        "_wheelmaker": attr.label(cfg = "exec", default = "//python/private:wheelmaker", executable = True),
    },
)
