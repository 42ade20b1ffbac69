"""The macro environments: declares where a release set runs, with the commands and tests of that."""

load("//bazel/private/gitops:environment_targets.bzl", "environment_commands", "environment_tests")
load("//bazel/private/gitops:environments_document.bzl", "environments_document")
load("//bazel/private/gitops:workflow_targets.bzl", "workflow_tests")
load("//bazel/private/lib:attributes.bzl", "common_attributes")
load("//bazel/private/lib:declared_environments.bzl", "numbered_values")

visibility(["//bazel"])

def environments(
        name,
        environments,
        repository,
        release = None,
        gates = [],
        delivery = "manifests",
        oci = "classic",
        promoter = {},
        argocd = {},
        registry = "",
        set_name = "",
        chart = "",
        chart_repository = "",
        record_repository = "",
        tree = "generated",
        command = "",
        pipeline = {},
        workflows = None,
        **kwargs):
    """Declares the environments of a release set, in the order of promotions.

    | target | what it is |
    | --- | --- |
    | `name` | the declaration as a [document](../documents.md#environments-rules_releaseenvironmentsv1) |
    | `name.update` | `bazel run` writes what Argo CD, GitOps Promoter and people are told into the folder `tree` ([GitOps](../gitops.md)) |
    | `name.tree` | test: the folder holds what would be written |
    | `name.validate` | test: Argo CD and GitOps Promoter take what is in it, and every gate has a reporter |
    | `name.hydrate` | `bazel run` proposes a release to all environments |
    | `name.promote`, `name.rollback` | `bazel run` moves an environment to a release, or back |
    | `name.report`, `name.argocd-wait` | `bazel run` reports the result of a gate; waits until Argo CD has what was promoted |
    | `name.publish` | `bazel run` moves moving tags and makes the release public, once the last environment runs it |
    | `name.github-environments` | `bazel run` compares the environments at GitHub with those of a `pipeline`, or makes them so |
    | `name.status` | `bazel run` shows what runs where, and what each promotion waits for |
    | `name.workflows.update` | with a `pipeline`: `bazel run` writes `.github/workflows` |
    | `name.workflows`, `name.workflow_policy` | with `workflows`, tests: they are what would be written, and hold to the policy |

    Nothing here reads the stamp: a new commit or version re-runs no action and no test.

    Args:
      name: string: the target's
      environments: list[environment]: each an [environment](#environment), in the order of promotions; one at least
      repository: scm: the deploy repository, which holds a branch for each environment, such as
        [scm.github](#scm.github)
      release: label: what is promoted: `<name>.set` of [push_targets](push_targets.md#push_targets). It says the set's
        name, its registry, its chart and where release records are; each can be said here, too, and has to be without it
      gates: list[gate]: for every environment
      delivery: string: what an environment's branch holds: `manifests` (the rendered chart) or `application` (an Argo CD
        Application that pins the chart)
      oci: string: how Argo CD takes the chart: `classic` (as from a Helm repository) or `native` (Argo CD 3.1 and newer)
      promoter: promoter: which GitOps Promoter the resources are for; what [promoter](#promoter) gives by default
      argocd: argocd: which Argo CD they are for; what [argocd](#argocd) gives by default
      registry: string: `HOST[:PORT][/PREFIX]` that the release is pushed to; the release's by default
      set_name: string: the release set's name, with which the names of all that is generated begin; the release's by
        default
      chart: string: the chart's name; the release's by default, needed where it has several
      chart_repository: string: where the chart is below the registry's prefix; the release's by default, `charts` without
        a release
      record_repository: string: where the release records are, below the registry's prefix; the release's by default,
        nowhere without a release
      tree: string: the folder in this package of what is generated
      command: string: how the runbook and refusals name the commands, where others stand for the targets:
        `bazel run //release:{command} --`
      pipeline: github_actions: in which repository releases are made: [github_actions](pipeline.md#github_actions); without
        it there are no workflows
      workflows: label: the files of `.github/workflows`, where they are to be held to the pipeline
      **kwargs: attributes common to all rules, such as `tags` and `visibility`, and to all tests, such as `size`
    """
    numbered, values = numbered_values(environments, native.package_relative_label)
    declaration = {
        "argocd": argocd,
        "command": command or "bazel run //{}:{}.{{command}} --".format(native.package_name(), name),
        "environments": numbered,
        "gates": gates,
        "pipeline": pipeline,
        "promoter": promoter,
        "repository": repository,
    }
    environments_document(
        name = name,
        chart = chart,
        chart_repository = chart_repository,
        declaration = json.encode(declaration),
        delivery = delivery,
        oci = oci,
        record_repository = record_repository,
        registry = registry,
        release = release,
        set_name = set_name,
        values = values,
        **common_attributes(kwargs)
    )
    environment_tests(name, tree, bool(release), **kwargs)
    environment_commands(name, tree, delivery == "manifests", **common_attributes(kwargs))
    if pipeline:
        workflow_tests(name, workflows, **kwargs)
