"""One command that pushes all images and charts of a release.

```starlark
load("@rules_release//bazel:push_targets.bzl", "push_targets")

push_targets(
    name = "push",
    charts = {"//helm/shop:chart": "charts"},
    images = {
        "//docker/images:core": "shop/core",
        "//docker/images:web": "shop/web",
    },
    registry = "ghcr.io/acme",
)
```
"""

load("//bazel/private:release_command.bzl", "release_command")
load("//bazel/private:release_set.bzl", "release_set")
load("//bazel/private/lib:attributes.bzl", "common_attributes")

def push_targets(
        name,
        images,
        charts = {},
        registry = "",
        container_tags = Label("//bazel:default_tags"),
        record_repository = "",
        set_name = "",
        **kwargs):
    """Declares a release set and the command that pushes it.

    | target | what it is |
    | --- | --- |
    | `name` | `bazel run` pushes the set; `-- --help` shows its options, such as `--registry` and `--dry-run` |
    | `name.set` | the release-set document, for release-kit without Bazel |

    The stamp is read at run time: a push needs no `--stamp`, and a new commit or version re-runs no action.

    Args:
      name: string
      images: dict[label, string]: image targets, whose output is an OCI image layout, and the repository of each
      charts: dict[label, string]: [helm_chart](#helm_chart) targets, and the repository that holds each under its own
        name. Their images must be among `images`: what is released gets their repositories, tags and digests in its
        values, and the release's version
      registry: string: `HOST[:PORT][/PREFIX]`; without it, and without `--registry`, a private registry on loopback is used
      container_tags: label: the tag policy, a container_tags target
      record_repository: string: where each release's record is pushed to, as an artifact that anyone with the registry
        can verify; nowhere by default
      set_name: string: what the set is called in release records; the module's name by default
      **kwargs: attributes common to all rules, such as `visibility`, `tags`, `testonly`
    """
    common = common_attributes(kwargs)
    release_set(
        name = name + ".set",
        charts = charts,
        container_tags = container_tags,
        images = images,
        record_repository = record_repository,
        registry = registry,
        set_name = set_name or native.module_name() or "release",
        **common
    )
    release_command(
        name = name,
        command = "push",
        documents = [name + ".set"],
        kit = "release_kit_charts" if charts else "release_kit",
        stamp = True,
        **kwargs
    )
