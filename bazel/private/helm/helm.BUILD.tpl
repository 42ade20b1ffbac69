load("@rules_release//bazel/private/helm:toolchain.bzl", "helm_toolchain")

helm_toolchain(
    name = "toolchain",
    binary = "%{binary}",
    version = "%{version}",
    visibility = ["//visibility:public"],
)
