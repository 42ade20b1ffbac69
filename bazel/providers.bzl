"""What the targets of rules_release tell other rules.

```starlark
load("@rules_release//bazel:providers.bzl", "ReleaseSetInfo")

def _set_name_impl(ctx):
    name = ctx.actions.declare_file(ctx.label.name + ".txt")
    ctx.actions.write(name, ctx.attr.release[ReleaseSetInfo].name)
    return [DefaultInfo(files = depset([name]))]

set_name = rule(
    implementation = _set_name_impl,
    attrs = {"release": attr.label(providers = [ReleaseSetInfo])},  # such as "//release:push.set"
)
```

| provider | of |
| --- | --- |
| ChartInfo | [helm_chart](helm.md#helm_chart) |
| HelmInfo | the toolchains of [helm](extensions.md#helm), as `helm_info` of their ToolchainInfo |
| ReleaseSetInfo | `<name>.set` of [push_targets](push_targets.md#push_targets) |
| TagPolicyInfo | [container_tags](container_tags.md#container_tags) |
"""

load("//bazel/private/providers:chart_info.bzl", _ChartInfo = "ChartInfo")
load("//bazel/private/providers:helm_info.bzl", _HelmInfo = "HelmInfo")
load("//bazel/private/providers:release_set_info.bzl", _ReleaseSetInfo = "ReleaseSetInfo")
load("//bazel/private/providers:tag_policy_info.bzl", _TagPolicyInfo = "TagPolicyInfo")

ChartInfo = _ChartInfo
HelmInfo = _HelmInfo
ReleaseSetInfo = _ReleaseSetInfo
TagPolicyInfo = _TagPolicyInfo
