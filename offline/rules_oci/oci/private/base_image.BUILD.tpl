load("@bazel_skylib//rules:write_file.bzl", "write_file")
load("@rules_oci//oci/private:base_layout.bzl", "base_layout")

write_file(
    name = "env",
    out = "env.txt",
    content = ["PATH=/usr/local/bin:/usr/bin:/bin"],
)

write_file(
    name = "cmd",
    out = "cmd.txt",
    content = ["python3"],
)

base_layout(
    name = "{name}",
    architecture = "{architecture}",
    cmd = ":cmd",
    env = ":env",
    layer = "layer.tar.gz",
    os = "{os}",
    tags = {tags},
    variant = "{variant}",
    visibility = ["//visibility:public"],
)
