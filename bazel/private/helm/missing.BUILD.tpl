load("@rules_release//bazel/private/helm:toolchain.bzl", "missing_helm_toolchain")

missing_helm_toolchain(
    name = "toolchain",
    remedy = %{remedy},
    visibility = ["//visibility:public"],
)
