"""The platforms that Helm publishes programs for, by the names that Helm gives them."""

visibility(["//bazel/private/helm", "//tests/starlark"])

# Helm's name of a platform: its constraints.
PLATFORMS = {
    "darwin-amd64": ["@platforms//os:macos", "@platforms//cpu:x86_64"],
    "darwin-arm64": ["@platforms//os:macos", "@platforms//cpu:aarch64"],
    "linux-amd64": ["@platforms//os:linux", "@platforms//cpu:x86_64"],
    "linux-arm64": ["@platforms//os:linux", "@platforms//cpu:aarch64"],
    "windows-amd64": ["@platforms//os:windows", "@platforms//cpu:x86_64"],
}

def archive_kind(platform):
    """Returns the suffix of a platform's archive, such as `tar.gz`."""
    return "zip" if platform.startswith("windows") else "tar.gz"

def program(platform):
    """Returns the name of the program within a platform's archive."""
    return "helm.exe" if platform.startswith("windows") else "helm"
