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
*proposed* for it holds back the environment itself. [Documents](../documents.md#environments-rules_releaseenvironmentsv1)
says who may report each.

| gate | about | holds until |
| --- | --- | --- |
| `gate.argocd_health()` | active | Argo CD's Applications are in sync and healthy |
| `gate.e2e()` | active | a test of what runs in the environment has passed |
| `gate.timer(duration)` | active | the release has run for some time |
| `gate.schedule(allow, exclude)` | proposed | the time is in a window: `gate.window(cron, duration)` |
| `gate.http(url, expression)` | proposed or active | an answer over HTTP fulfils an expression |
| `gate.git(expression)` | proposed | the commit's data fulfil an expression |
| `gate.manual()` | proposed | a person has agreed |

The others, and what else an environment can say:

```starlark
load("@rules_release//bazel:gitops.bzl", "argocd", "environment", "gate", "sync")

ARGOCD = argocd(release = "3.5.1", project = "shop")

PRODUCTION = environment(
    name = "release",
    gates = [
        gate.schedule(
            allow = [gate.window(cron = "0 9 * * 1-4", duration = "8h")],
            exclude = [gate.window(cron = "0 0 24 12 *", duration = "72h", description = "Christmas")],
            timezone = "Europe/Berlin",
        ),
        gate.http(key = "budget", url = "https://slo.acme.example/budget", expression = "Response.StatusCode == 200"),
        gate.git(expression = 'Commit.Author endsWith "@acme.example"'),
    ],
    sync = sync(prune = False, wave = 3),
    values = [{"replicas": 3}],
)
```

The repository with the environments' branches is at one of these hosts:

```starlark
load("@rules_release//bazel:gitops.bzl", "scm")

REPOSITORIES = [
    scm.github(owner = "acme", name = "shop-deploy", app_id = 123456),
    scm.gitlab(namespace = "acme/deploy", name = "shop", project_id = 4711),
    scm.forgejo(domain = "git.acme.example", owner = "acme", name = "shop-deploy"),
    scm.gitea(domain = "gitea.acme.example", owner = "acme", name = "shop-deploy"),
    scm.bitbucket_cloud(owner = "acme", name = "shop-deploy"),
    scm.azure_devops(organization = "acme", project = "shop", name = "deploy"),
]
```

What becomes of it is in [GitOps](../gitops.md) and [Promotion](../promotion.md).
"""

load("//bazel/private/gitops:environments.bzl", _environments = "environments")
load("//bazel/private/gitops:promotion_test.bzl", _promotion_test = "promotion_test")
load("//bazel/private/gitops:validate_test.bzl", _validate_test = "validate_test")
load(
    "//bazel/private/lib:declared_environments.bzl",
    _argocd = "argocd",
    _environment = "environment",
    _promoter = "promoter",
    _sync = "sync",
)
load("//bazel/private/lib:promotion_gates.bzl", _gate = "gate")
load("//bazel/private/lib:scm_repository.bzl", _scm = "scm")

argocd = _argocd
environment = _environment
environments = _environments
gate = _gate
promoter = _promoter
promotion_test = _promotion_test
scm = _scm
sync = _sync
validate_test = _validate_test
