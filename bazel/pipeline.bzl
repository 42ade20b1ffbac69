"""The pipeline that releases go through: what GitHub's environments have, and the workflows that do the rest.

```starlark
load("@rules_release//bazel:gitops.bzl", "environment", "environments", "gate", "scm")
load("@rules_release//bazel:pipeline.bzl", "github_actions", "github_environment")

environments(
    name = "environments",
    environments = [
        environment(
            name = "demo-staging",
            gates = [gate.e2e()],
            github = github_environment(secrets = ["DEPLOY_TOKEN", "SHOP_E2E_PASSWORD"], tags = ["v*"]),
            staging = True,
            url = "https://shop.demo-staging.acme.example",
        ),
        environment(
            name = "demo",
            github = github_environment(reviewers = ["team/on-call"], secrets = ["DEPLOY_TOKEN"], wait_minutes = 15),
        ),
    ],
    pipeline = github_actions(owner = "acme", name = "shop"),
    release = "//release:push.set",
    repository = scm.github(owner = "acme", name = "shop-deploy", app_id = 123456),
    workflows = "//:workflows",     # filegroup(name = "workflows", srcs = glob([".github/workflows/*.yml"]))
)
```

[Workflows](../workflows.md) says what the workflows do, [GitHub](../github.md) what the environments have.
"""

load(
    "//bazel/private/lib:declared_pipeline.bzl",
    _github_actions = "github_actions",
    _github_environment = "github_environment",
)

github_actions = _github_actions
github_environment = _github_environment
