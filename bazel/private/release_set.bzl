"""The rule release_set: writes the release-set document that `release-kit push` reads."""

load("@bazel_skylib//lib:paths.bzl", "paths")
load("//bazel/private:image_layout.bzl", "image_layout")
load("//bazel/private/lib:reference.bzl", "reference")
load("//bazel/private/lib:runfiles.bzl", "runfiles")
load("//bazel/private/providers:release_set_info.bzl", "ReleaseSetInfo")
load("//bazel/private/providers:tag_policy_info.bzl", "TagPolicyInfo", "tag_policy_document")

visibility(["//bazel"])

_SCHEMA = "rules_release/release-set/v1"

def _check_repositories(label, images, record_repository):
    owners = {}
    if record_repository:
        if not reference.is_repository(record_repository):
            fail("{}: record_repository: {} is no legal repository; expected such as shop/release".format(
                label,
                repr(record_repository),
            ))
        owners[record_repository] = "record_repository"
    for target, repository in images.items():
        if not reference.is_repository(repository):
            fail("{}: images: {}: {} is no legal repository; ".format(label, target.label, repr(repository)) +
                 "expected such as shop/core: lowercase letters and digits, parts joined by '/'")
        if repository in owners:
            fail("{}: images: {} and {} share the repository {}: they would fight over its tags; give each its own".format(
                label,
                owners[repository],
                target.label,
                repository,
            ))
        owners[repository] = target.label

def _image_entry(ctx, name, repository, layout, document):
    def path(file):
        start = paths.dirname(runfiles.location(document.short_path, ctx.workspace_name))
        return runfiles.relative(runfiles.location(file.short_path, ctx.workspace_name), start)

    entry = {"name": name, "repository": repository, "layout": path(layout.folder)}
    return entry | ({"descriptor": path(layout.descriptor)} if layout.descriptor else {})

def _release_set_impl(ctx):
    images = ctx.attr.images
    _check_repositories(ctx.label, images, ctx.attr.record_repository)
    names = reference.image_names(images.values())
    document = ctx.actions.declare_file(ctx.label.name + ".json")
    layouts = {target: image_layout(target, "{}: images".format(ctx.label)) for target in images}
    content = {
        "schema": _SCHEMA,
        "name": ctx.attr.set_name,
        "images": [
            _image_entry(ctx, names[repository], repository, layouts[target], document)
            for target, repository in images.items()
        ],
        "tags": tag_policy_document(ctx.attr.container_tags[TagPolicyInfo]),
    } | {key: getattr(ctx.attr, key) for key in ("record_repository", "registry") if getattr(ctx.attr, key)}
    ctx.actions.write(document, json.encode_indent(content, indent = "  ") + "\n")
    files = [document] + [layout.folder for layout in layouts.values()]
    files += [layout.descriptor for layout in layouts.values() if layout.descriptor]
    return [
        DefaultInfo(
            files = depset([document]),
            runfiles = ctx.runfiles(files).merge_all([layout.runfiles for layout in layouts.values()]),
        ),
        ReleaseSetInfo(document = document),
    ]

release_set = rule(
    doc = "Images that ship together at one version, as a document with their layouts among its runfiles.",
    implementation = _release_set_impl,
    attrs = {
        "container_tags": attr.label(
            doc = "The tag policy, a container_tags target.",
            mandatory = True,
            providers = [TagPolicyInfo],
        ),
        "images": attr.label_keyed_string_dict(
            allow_files = True,
            doc = "Image targets and the repository of each, below the registry's prefix.",
        ),
        "record_repository": attr.string(doc = "The repository of the release records; empty for none."),
        "registry": attr.string(doc = "HOST[:PORT][/PREFIX]; empty for none."),
        "set_name": attr.string(doc = "What the release set is called in records.", mandatory = True),
    },
    provides = [ReleaseSetInfo],
)
