"""Tests of the words of a declaration: what each becomes in the document, and what is seen to be wrong."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//bazel:gitops.bzl", "argocd", "environment", "gate", "promoter", "scm", "sync")
load("//bazel:pipeline.bzl", "github_actions", "github_environment")
load("//bazel/private/lib:declared_environments.bzl", "numbered_values")
load("//bazel/private/lib:environment_faults.bzl", "declaration_fault")

# What is written, and what it becomes: only what is given, since the reader of the document knows the defaults.
_WORDS = [
    (gate.argocd_health(), {"kind": "argocd-health"}),
    (gate.e2e(), {"kind": "e2e"}),
    (gate.e2e(key = "smoke", reporter = "commit-status"), {"kind": "e2e", "key": "smoke", "reporter": "commit-status"}),
    (gate.timer("1h", description = "settles"), {"kind": "timer", "duration": "1h", "description": "settles"}),
    (
        gate.schedule([gate.window("0 9 * * 1-4", "8h", timezone = "Europe/Berlin")], key = "hours"),
        {
            "kind": "schedule",
            "key": "hours",
            "allow": [{"cron": "0 9 * * 1-4", "duration": "8h", "timezone": "Europe/Berlin"}],
        },
    ),
    (
        gate.http("https://acme.example", "Response.StatusCode == 200", target = "active"),
        {
            "kind": "http",
            "url": "https://acme.example",
            "expression": "Response.StatusCode == 200",
            "target": "active",
        },
    ),
    (gate.git("true"), {"kind": "git", "expression": "true"}),
    (gate.manual(key = "approval", interval = "5m"), {"kind": "manual", "key": "approval", "interval": "5m"}),
    (scm.github("acme", "d", 7), {"provider": "github", "owner": "acme", "name": "d", "app_id": 7}),
    (scm.gitlab("acme", "d", 7), {"provider": "gitlab", "namespace": "acme", "name": "d", "project_id": 7}),
    (
        scm.forgejo("git.acme.example", "acme", "d", secret = "git"),
        {"provider": "forgejo", "domain": "git.acme.example", "owner": "acme", "name": "d", "secret": "git"},
    ),
    (
        scm.gitea("git.acme.example", "acme", "d", url = "file:///d"),
        {"provider": "gitea", "domain": "git.acme.example", "owner": "acme", "name": "d", "url": "file:///d"},
    ),
    (scm.bitbucket_cloud("acme", "d"), {"provider": "bitbucketCloud", "owner": "acme", "name": "d"}),
    (
        scm.azure_devops("acme", "shop", "d"),
        {"provider": "azureDevOps", "organization": "acme", "project": "shop", "name": "d"},
    ),
    (promoter(release = "0.39.0"), {"release": "0.39.0"}),
    (argocd(namespace = "gitops", project = "shop"), {"namespace": "gitops", "project": "shop"}),
    (sync(wave = 2, prune = False), {"wave": 2, "prune": False}),
    (github_actions("acme", "shop"), {"provider": "github", "owner": "acme", "name": "shop"}),
    (
        github_actions("acme", "shop", charts = "bazel test //helm/...", helm = {"helm": "v4.3.1"}),
        {
            "provider": "github",
            "owner": "acme",
            "name": "shop",
            "charts": "bazel test //helm/...",
            "helm": {"helm": "v4.3.1"},
        },
    ),
    (github_environment(), {}),
    (
        github_environment(secrets = ["DEPLOY_TOKEN"], reviewers = ["team/on-call"], wait_minutes = 0),
        {"secrets": ["DEPLOY_TOKEN"], "reviewers": ["team/on-call"], "wait_minutes": 0},
    ),
]

def _words_test_impl(ctx):
    env = unittest.begin(ctx)
    for found, expected in _WORDS:
        asserts.equals(env, expected, found)
    return unittest.end(env)

_words_test = unittest.make(_words_test_impl)

_E2E = gate.e2e()

# The environments, the gates for all of them, and how the message begins; None where nothing is wrong.
_FAULTS = [
    ([environment("demo", gates = [_E2E])], [gate.argocd_health()], None),
    ([environment("a1-b")], [], None),
    ([], [], "environments: expected at least one"),
    ([environment("demo"), environment("demo")], [], "environments: two are called demo"),
    ([environment("Demo")], [], "environments: expected a name of lowercase letters"),
    ([environment("-demo")], [], "environments: expected a name of lowercase letters"),
    ([environment("")], [], "environments: expected a name of lowercase letters"),
    ([environment("d" * 64)], [], "environments: expected a name of lowercase letters"),
    ([environment("demo")], [_E2E, _E2E], "gates: the gate e2e is declared in gates, too"),
    ([environment("demo", gates = [_E2E])], [_E2E], "environment demo: gates: the gate e2e is declared in gates, for every"),
    (
        [environment("demo", gates = [gate.manual(), gate.e2e(key = "manual")])],
        [],
        "environment demo: gates: the gate manual is declared in environment demo: gates, too",
    ),
    ([environment("demo", gates = [gate.e2e(key = "rolled-back")])], [], "environment demo: gates: the key rolled-back is"),
    ([environment("demo")], [gate.e2e(key = "promotion-order")], "gates: the key promotion-order is reserved"),
    (
        [environment("demo")],
        [gate.manual(key = "promoter-previous-environment")],
        "gates: the key promoter-previous-environment is reserved",
    ),
    (
        [environment("demo", gates = [gate.e2e(reporter = "jenkins")])],
        [],
        "environment demo: gates: e2e: reporter: expected scm-status or commit-status, found \"jenkins\"",
    ),
]

def _faults_test_impl(ctx):
    env = unittest.begin(ctx)
    for environments, gates, expected in _FAULTS:
        found = declaration_fault(environments, gates)
        if expected == None:
            asserts.equals(env, None, found)
        else:
            asserts.true(env, found and found.startswith(expected), "expected {}, found {}".format(expected, found))
    return unittest.end(env)

_faults_test = unittest.make(_faults_test_impl)

def _values_test_impl(ctx):
    env = unittest.begin(ctx)
    inline = {"replicas": 1}
    declared = [
        environment("a", values = ["x.yaml", inline, "y.yaml"]),
        environment("b", values = ["y.yaml", ":x.yaml"]),
    ]
    numbered, labels = numbered_values(declared, lambda text: ":" + text.removeprefix(":"))
    asserts.equals(env, [":x.yaml", ":y.yaml"], labels)
    asserts.equals(env, [[0, inline, 1], [1, 0]], [each["values"] for each in numbered])
    return unittest.end(env)

_values_test = unittest.make(_values_test_impl)

def gitops_declarations_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    unittest.suite(name, _words_test, _faults_test, _values_test)
