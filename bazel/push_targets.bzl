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
        signer = None,
        **kwargs):
    """Declares a release set and the command that pushes it.

    | target | what it is |
    | --- | --- |
    | `name` | `bazel run` pushes the set; `-- --help` shows its options, such as `--registry` and `--dry-run` |
    | `name.set` | the [release set](../documents.md#release-set-rules_releaserelease-setv1), for release-kit without Bazel |

    The stamp is read at run time: a push needs no `--stamp`, and a new commit or version re-runs no action.

    Args:
      name: string: the target's
      images: dict[label, string]: image targets, whose output is an OCI image layout (oci_image and oci_image_index of
        rules_oci, image_manifest and image_index of rules_img), and the repository of each below the registry's prefix
      charts: dict[label, string]: [helm_chart](helm.md#helm_chart) targets, and the repository that holds each under its own
        name. Their images must be among `images`: what is released gets their repositories, tags and digests in its
        values, and the release's version
      registry: string: `HOST[:PORT][/PREFIX]`; without it, and without `--registry`, a private registry on loopback is used
      container_tags: label: the tag policy, a [container_tags](container_tags.md#container_tags) target
      record_repository: string: where each release's record is pushed to, as an artifact that anyone with the registry
        can verify; nowhere by default
      signer: label: a program that signs each image and chart by its digest, once all are there and before any tag
        moves; nobody signs by default. [Provenance](../provenance.md) says how it is called
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
        programs = {signer: "--signer"} if signer else {},
        stamp = True,
        **kwargs
    )
