"""Tests that validate GitOps resources."""

load("//bazel/private/gitops:kit_test.bzl", "kit_test")

visibility(["//bazel"])

def validate_test(name, srcs, chart = None, crds = [], promoter_release = "", argocd_release = "", **kwargs):
    """Declares a test that holds YAML files to the rules of GitOps Promoter and Argo CD ([Validation](../validation.md)).

    It is for files that are not generated: those of [environments](#environments) have such a test.

    ```starlark
    load("@rules_release//bazel:gitops.bzl", "validate_test")

    validate_test(
        name = "argocd_test",
        srcs = glob(["argocd/*.yaml"]),
    )
    ```

    Args:
      name: string: the target's
      srcs: list[label]: the YAML files, all that belong together: rules look at the whole of them; none is an error
      chart: label: the chart that Applications take, packed; by default nothing is said of values
      crds: list[label]: published CustomResourceDefinitions, which win over the own tables; none by default
      promoter_release: string: such as `0.36.0`; by default the one that the files install
      argocd_release: string: such as `3.5.1`; `3.5.1` by default
      **kwargs: attributes common to all tests, such as `size` and `tags`
    """
    if not srcs:
        fail("{}: srcs: expected YAML files, found none".format(name))
    options = ["--promoter-release", promoter_release] if promoter_release else []
    options += ["--argocd-release", argocd_release] if argocd_release else []
    options += ["--chart", "$(rootpath {})".format(chart)] if chart else []
    for label in crds:
        options += ["--crds", "$(rootpath {})".format(label)]
    kit_test(
        name = name,
        args = ["validate"] + ["$(rootpaths {})".format(label) for label in srcs] + options,
        data = srcs + crds + ([chart] if chart else []),
        kit = "release_kit_charts",
        **kwargs
    )
