"""Version, commit, static and digest tags for container images.

```starlark
load("@rules_release//bazel:container_tags.bzl", "container_tags")

container_tags(
    name = "tags",
    image = ":image",
    version_tags = ["v{{STABLE_VERSION}}"],
)
```
"""

load("//bazel/private:container_tags.bzl", _container_tags = "container_tags")

container_tags = _container_tags
