"""What stands in the repository helm_toolchains."""

load("@platforms//host:constraints.bzl", "HOST_CONSTRAINTS")
load("//bazel/private/helm:platforms.bzl", "PLATFORMS")

# The repository that is made loads it.
visibility("public")

def declared_toolchains(name, repositories):
    """Declares a toolchain for each platform of each major version.

    Args:
      name: string: what their names begin with
      repositories: dict[string, dict[string, string]]: by major version and platform, or `host`, the repository
    """
    for major, names in repositories.items():
        for platform, repository in names.items():
            native.toolchain(
                name = "{}_{}_{}".format(name, major, platform),
                exec_compatible_with = HOST_CONSTRAINTS if platform == "host" else PLATFORMS[platform],
                toolchain = "@{}//:toolchain".format(repository),
                toolchain_type = Label("//bazel/toolchain:helm_{}_toolchain_type".format(major)),
            )
