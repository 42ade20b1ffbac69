"""Environments that a release is promoted through: declared once, proved in `bazel test`.

```starlark
load("@rules_release//bazel:gitops.bzl", "environment", "environments", "gate", "promoter", "promotion_test", "scm")

environments(
    name = "environments",
    environments = [
        environment(name = "demo-staging", gates = [gate.e2e()], values = ["values-demo-staging.yaml"]),
        environment(name = "demo", gates = [gate.timer(duration = "1h")], value_files = ["values-demo.yaml"]),
        environment(name = "release", automatic = False, gates = [gate.manual(key = "approval")]),
    ],
    gates = [gate.argocd_health()],
    promoter = promoter(release = "0.36.0"),
    release = "//release:push.set",
    repository = scm.github(owner = "acme", name = "shop-deploy", app_id = 123456),
)

promotion_test(
    name = "e2e_test",
    environments = ":environments",
    scenario = "scenarios/e2e.yaml",
)
```

The gates, `about` saying what each is about: what is *active* in an environment holds back those that come next, what is
*proposed* for it holds back the environment itself. docs/documents.md says who may report each.

| gate | about | holds until |
| --- | --- | --- |
| `gate.argocd_health()` | active | Argo CD's Applications are in sync and healthy |
| `gate.e2e()` | active | a test of what runs in the environment has passed |
| `gate.timer(duration)` | active | the release has run for some time |
| `gate.schedule(allow, exclude)` | proposed | the time is in a window: `gate.window(cron, duration)` |
| `gate.http(url, expression)` | proposed or active | an answer over HTTP fulfils an expression |
| `gate.git(expression)` | proposed | the commit's data fulfil an expression |
| `gate.manual()` | proposed | a person has agreed |

The repository is one of `scm.github(owner, name, app_id)`, `scm.gitlab(namespace, name, project_id)`,
`scm.forgejo(domain, owner, name)`, `scm.gitea(domain, owner, name)`, `scm.bitbucket_cloud(owner, name)` and
`scm.azure_devops(organization, project, name)`.
"""

load("//bazel/private/gitops:environment_targets.bzl", "environment_commands", "environment_tests")
load("//bazel/private/gitops:environments_document.bzl", "environments_document")
load("//bazel/private/gitops:promotion_test.bzl", _promotion_test = "promotion_test")
load("//bazel/private/gitops:validate_test.bzl", _validate_test = "validate_test")
load("//bazel/private/lib:attributes.bzl", "common_attributes")
load(
    "//bazel/private/lib:declared_environments.bzl",
    _argocd = "argocd",
    _environment = "environment",
    _numbered_values = "numbered_values",
    _promoter = "promoter",
    _sync = "sync",
)
load("//bazel/private/lib:promotion_gates.bzl", _gate = "gate")
load("//bazel/private/lib:scm_repository.bzl", _scm = "scm")

argocd = _argocd
environment = _environment
gate = _gate
promoter = _promoter
promotion_test = _promotion_test
scm = _scm
sync = _sync
validate_test = _validate_test

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
        **kwargs):
    """Declares the environments of a release set, in the order of promotions.

    | target | what it is |
    | --- | --- |
    | `name` | the declaration as a document (docs/documents.md) |
    | `name.update` | `bazel run` writes what Argo CD, GitOps Promoter and CI are told into the folder `tree` |
    | `name.tree` | test: the folder holds what would be written |
    | `name.validate` | test: Argo CD and GitOps Promoter take what is in it, and every gate has a reporter |
    | `name.hydrate` | `bazel run` proposes a release to all environments |
    | `name.promote`, `name.rollback` | `bazel run` moves an environment to a release, or back |
    | `name.report` | `bazel run` reports the result of a gate |
    | `name.status` | `bazel run` shows what runs where, and what each promotion waits for |

    Nothing here reads the stamp: a new commit or version re-runs no action and no test.

    Args:
      name: string
      environments: list: [environment](#environment)s, in the order of promotions
      repository: the deploy repository, which holds a branch for each environment: one of `scm`
      release: label: what is promoted: `<name>.set` of [push_targets](#push_targets). It says the set's name, its registry,
        its chart and where release records are; each can be said here, too, and has to be without it
      gates: list: `gate`s for every environment
      delivery: string: what an environment's branch holds: `manifests` (the rendered chart) or `application` (an Argo CD
        Application that pins the chart)
      oci: string: how Argo CD takes the chart: `classic` (as from a Helm repository) or `native` (Argo CD 3.1 and newer)
      promoter: which GitOps Promoter the resources are for: [promoter](#promoter)
      argocd: which Argo CD they are for: [argocd](#argocd)
      registry: string: `HOST[:PORT][/PREFIX]` that the release is pushed to
      set_name: string: the release set's name; the names of all that is generated begin with it
      chart: string: the chart's name; needed where a release has several
      chart_repository: string: where the chart is below the registry's prefix; `charts` without a release
      record_repository: string: where the release records are; nowhere by default
      tree: string: the folder in this package of what is generated
      command: string: how the runbook and refusals name the commands, where others stand for the targets:
        `bazel run //release:{command} --`
      **kwargs: attributes common to all rules, such as `tags` and `visibility`, and to all tests, such as `size`
    """
    numbered, values = _numbered_values(environments, native.package_relative_label)
    declaration = {
        "argocd": argocd,
        "command": command or "bazel run //{}:{}.{{command}} --".format(native.package_name(), name),
        "environments": numbered,
        "gates": gates,
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
