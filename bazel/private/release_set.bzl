"""The rule release_set: writes the release-set document that `release-kit push` reads."""

load("@bazel_skylib//lib:paths.bzl", "paths")
load("//bazel/private:set_layouts.bzl", "SET_LAYOUTS_ATTRS", "is_lazy", "set_layouts")
load("//bazel/private/lib:reference.bzl", "reference")
load("//bazel/private/lib:runfiles.bzl", "runfiles")
load("//bazel/private/providers:chart_info.bzl", "ChartInfo")
load("//bazel/private/providers:release_set_info.bzl", "ReleaseSetInfo")
load("//bazel/private/providers:tag_policy_info.bzl", "TagPolicyInfo", "tag_policy_document")

visibility(["//bazel"])

_SCHEMA = "rules_release/release-set/v1"

def _check_repository(label, place, repository, owners):
    """Notes who has a repository; two owners would fight over its tags."""
    if not reference.is_repository(repository):
        fail("{}: {}: {} is no legal repository; ".format(label, place, repr(repository)) +
             "expected such as shop/core: lowercase letters and digits, parts joined by '/'")
    if repository in owners:
        fail("{}: {} and {} share the repository {}: they would fight over its tags; give each its own".format(
            label,
            owners[repository],
            place,
            repository,
        ))
    owners[repository] = place

def _check_repositories(ctx):
    owners = {}
    if ctx.attr.record_repository:
        _check_repository(ctx.label, "record_repository", ctx.attr.record_repository, owners)
    for target, repository in ctx.attr.images.items():
        _check_repository(ctx.label, "images: {}".format(target.label), repository, owners)
    for target, repository in ctx.attr.charts.items():
        # A registry has a chart in a repository of the chart's own name.
        place = "charts: {}".format(target.label)
        _check_repository(ctx.label, place, "{}/{}".format(repository, target[ChartInfo].name), owners)

def _check_chart_names(ctx):
    owners = {}
    for target in ctx.attr.charts:
        name = target[ChartInfo].name
        if name in owners:
            fail("{}: charts: two charts are called {}: {} and {}; release them in sets of their own".format(
                ctx.label,
                name,
                owners[name],
                target.label,
            ))
        owners[name] = target.label

def _image_entry(ctx, target, name, layout, path):
    entry = {"name": name, "repository": ctx.attr.images[target], "layout": path(layout.folder)}
    entry |= {"descriptor": path(layout.descriptor)} if layout.descriptor else {}
    return entry | ({"layers": "remote-cache"} if is_lazy(ctx) else {})

def _chart_entry(ctx, target, repository, names, path):
    chart = target[ChartInfo]
    images = []
    for label, image in chart.images.items():
        if label not in names:
            fail("{}: charts: {} names the image {}, which the set lacks; add it to images".format(
                ctx.label,
                target.label,
                label,
            ))
        images += [{"image": names[label], "values": values} for values in image.values]
    entry = {"name": chart.name, "repository": repository, "source": path(chart.folder)}
    return entry | ({"images": images} if images else {})

def _content(ctx, document, layouts):
    start = paths.dirname(runfiles.location(document.short_path, ctx.workspace_name))
    path = lambda file: runfiles.relative(runfiles.location(file.short_path, ctx.workspace_name), start)
    by_repository = reference.image_names(ctx.attr.images.values())
    names = {target.label: by_repository[repository] for target, repository in ctx.attr.images.items()}
    content = {
        "schema": _SCHEMA,
        "name": ctx.attr.set_name,
        "images": [
            _image_entry(ctx, target, names[target.label], layout, path)
            for target, layout in layouts.items()
        ],
        "charts": [
            _chart_entry(ctx, target, repository, names, path)
            for target, repository in ctx.attr.charts.items()
        ],
        "tags": tag_policy_document(ctx.attr.container_tags[TagPolicyInfo]),
    } | {key: getattr(ctx.attr, key) for key in ("record_repository", "registry")}
    return {key: value for key, value in content.items() if value or key in ("images", "tags")}

def _release_set_impl(ctx):
    _check_repositories(ctx)
    _check_chart_names(ctx)
    layouts = set_layouts(ctx)
    document = ctx.actions.declare_file(ctx.label.name + ".json")
    ctx.actions.write(document, json.encode_indent(_content(ctx, document, layouts), indent = "  ") + "\n")
    files = [document] + [layout.folder for layout in layouts.values()]
    files += [layout.descriptor for layout in layouts.values() if layout.descriptor]
    files += [target[ChartInfo].folder for target in ctx.attr.charts]
    return [
        DefaultInfo(
            files = depset([document]),
            runfiles = ctx.runfiles(files).merge_all([layout.runfiles for layout in layouts.values()]),
        ),
        ReleaseSetInfo(
            charts = {
                target[ChartInfo].name: struct(folder = target[ChartInfo].folder, repository = repository)
                for target, repository in ctx.attr.charts.items()
            },
            document = document,
            name = ctx.attr.set_name,
            record_repository = ctx.attr.record_repository,
            registry = ctx.attr.registry,
        ),
    ]

release_set = rule(
    doc = "Images and charts that ship together at one version, as a document with them among its runfiles.",
    implementation = _release_set_impl,
    attrs = {
        "charts": attr.label_keyed_string_dict(
            doc = "Charts and the repository of each, below the registry's prefix; the chart's name is added to it.",
            providers = [ChartInfo],
        ),
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
    } | SET_LAYOUTS_ATTRS,
    provides = [ReleaseSetInfo],
)
