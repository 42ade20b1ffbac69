load("@rules_release//bazel/private/helm:declared_toolchains.bzl", "declared_toolchains")

declared_toolchains(
    name = "helm",
    repositories = %{repositories},
)
