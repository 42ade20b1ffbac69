"""The rule container_tags."""

load("//bazel/private:image_layout.bzl", "image_layout")
load("//bazel/private:stamp.bzl", "STAMP_ATTRS", "status_files")
load("//bazel/private/providers:tag_policy_info.bzl", "TagPolicyInfo", "tag_policy_document")

visibility(["//bazel"])

_SCHEMA = "rules_release/tag-policy/v1"

def _write_policy(ctx, policy):
    document = ctx.actions.declare_file(ctx.label.name + ".json")
    ctx.actions.write(document, json.encode_indent({"schema": _SCHEMA} | tag_policy_document(policy)))
    return document

def _write_tags(ctx, document):
    tags = ctx.actions.declare_file(ctx.label.name + ".txt")
    arguments = ctx.actions.args()
    arguments.add("tags").add(document).add("--output", tags)
    files = [document] + status_files(ctx)
    layers = []
    arguments.add_all(status_files(ctx), before_each = "--status-file")
    if ctx.attr.image:
        layout = image_layout(ctx.attr.image, "{}: image".format(ctx.label))
        arguments.add_all("--layout", [layout.folder], expand_directories = False)
        files.append(layout.folder)
        layers.append(layout.runfiles.files)
        if layout.descriptor:
            arguments.add("--descriptor", layout.descriptor)
            files.append(layout.descriptor)
    ctx.actions.run(
        executable = ctx.executable._release_kit,
        arguments = [arguments],
        inputs = depset(files, transitive = layers),
        outputs = [tags],
        mnemonic = "ContainerTags",
        progress_message = "Writing tags %{label}",
    )
    return tags

def _container_tags_impl(ctx):
    policy = TagPolicyInfo(
        immutable = ctx.attr.commit_tags + ctx.attr.version_tags,
        moving = ctx.attr.static_tags,
        digest_prefix = ctx.attr.digest_prefix,
        short_length = ctx.attr.short_length,
    )
    tags = _write_tags(ctx, _write_policy(ctx, policy))
    return [DefaultInfo(files = depset([tags])), policy]

container_tags = rule(
    doc = """Which tags the images of a release get.

Makes a tag file, one tag a line, that `oci_push(remote_tags = ...)` of rules_oci accepts, and gives the policy to
[push_targets](push_targets.md#push_targets), which reads the stamp at run time and needs no stamped build.

A template is text with `{{KEY}}` in it, KEY being any key of the status file. What a build gets follows from
`STABLE_VERSION` and `STABLE_DIRTY`; [Which tags an image gets](../tag-policy.md) has the table. A template that names a
key which the status file lacks, or gives no legal tag, is an error.
""",
    implementation = _container_tags_impl,
    attrs = {
        "image": attr.label(
            allow_files = True,
            doc = "The image whose digest tag goes into the tag file. push_targets needs none: it knows each image's digest.",
        ),
        "version_tags": attr.string_list(
            default = ["v{{STABLE_VERSION}}"],
            doc = "Templates of immutable tags that name the version. One that gives `1` or `1.2` for 1.2.3 is an alias and moves.",
        ),
        "commit_tags": attr.string_list(
            default = ["sha-{{STABLE_COMMIT_SHA}}"],
            doc = "Templates of immutable tags that name the commit.",
        ),
        "static_tags": attr.string_list(
            default = ["latest"],
            doc = "Templates of moving tags. Only a release moves them.",
        ),
        "digest_prefix": attr.string(
            default = "sha-",
            doc = "What stands before the digest's first digits in the digest tag; empty for no such tag.",
        ),
        "short_length": attr.int(
            default = 12,
            doc = "How many hexadecimal digits the digest tag has, 7 to 64.",
        ),
        "_release_kit": attr.label(
            cfg = "exec",
            default = Label("//tools:tags"),
            executable = True,
        ),
    } | STAMP_ATTRS,
    provides = [TagPolicyInfo],
)
