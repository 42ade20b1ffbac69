"""Single faults of GitOps Promoter's resources."""

from tests.support.faults import GATE, NEW, Mutant, both, extra, github_token, graph, key, owned, pull_request, written
from tests.support.validation import BRANCHES, Edit, add, again, documents, drop, put

OTHER_BRANCH = ("app-unknown-branch", "gate-unknown-branch")
"""What an environment of another branch than the rest of the tree leads to."""


def last(branch: str) -> Edit:
    """Gives the last environment another branch."""
    return put("strategy", "spec.environments.2.branch", branch)


URL = "spec.httpRequest.urlTemplate"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: other, namespace: argocd}\n"
PROJECT = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: demo, namespace: argocd}
spec:
  project: default
  source:
    repoURL: https://github.com/acme/shop-deploy.git
    path: manifests
    targetRevision: environment/demo
  destination: {server: https://kubernetes.default.svc, namespace: demo}
"""


def asked(url: str) -> Edit:
    """Lets the gate ask an address, as whom the provider is."""
    return both(put("e2e", URL, url), put("e2e", "spec.httpRequest.authentication", {"scm": {}}))


MUTANTS = [
    Mutant("schema", "unknown field", put("strategy", "spec.enviroments", [])),
    Mutant("schema", "missing field", drop("strategy", "spec.gitRepositoryRef")),
    Mutant("schema", "wrong type", put("strategy", "spec.environments.2.autoMerge", "false")),
    Mutant("schema", "misspelled kind", put("timer", "kind", "TimedComitStatus"), also=("gate-no-reporter",)),
    Mutant("schema", "wrong version", put("strategy", "apiVersion", "promoter.argoproj.io/v1"), also=()),
    Mutant("schema", "unknown word", put("e2e", "spec.reportOn", "actve"), also=("gate-target",)),
    Mutant("schema", "no name", drop("timer", "metadata.name")),
    Mutant(
        "schema",
        "number for a string of a Secret",
        put("chart-secret", "stringData.enableOCI", True),
        also=("repository-secret",),
    ),
    Mutant("schema", "field of an Application", put("demo", "spec.syncPolicy", {"automatic": {}})),
    Mutant("schema", "kind of an Application", put("demo", "kind", "Aplication"), also=("gate-no-reporter",)),
    Mutant(
        "schema",
        "CommitStatus without a full sha",
        both(written, put("written", "spec.sha", "abc")),
        also=("gate-two-reporters",),
    ),
    Mutant("schema-rule", "no provider", drop("repository", "spec.github")),
    Mutant("schema-rule", "two providers", put("repository", "spec.fake", {"owner": "a", "name": "b"})),
    Mutant("schema-rule", "domain of the public host", put("provider", "spec.github.domain", "github.com")),
    Mutant("schema-rule", "no mode", put("e2e", "spec.mode", {"context": "environments"})),
    Mutant("schema-rule", "method twice", put("e2e", "spec.httpRequest.methodTemplate", "GET")),
    Mutant("schema-rule", "no window", drop("window", "spec.environments.1.allow")),
    Mutant(
        "schema-rule",
        "two ways to log in",
        put("e2e", "spec.httpRequest.authentication", {"scm": {}, "bearer": {"secretRef": {"name": "x"}}}),
        also=("request-address",),
    ),
    Mutant("schema-rule", "depends on itself", graph([BRANCHES[0]], [], []), NEW),
    Mutant("schema-rule", "branch with '..'", last("a..b"), also=("branch-name", *OTHER_BRANCH)),
    Mutant("list-key-twice", "key twice in a list", add("strategy", "spec.activeCommitStatuses", key("argocd-health"))),
    Mutant("list-key-twice", "branch twice", last(BRANCHES[1]), also=OTHER_BRANCH),
    Mutant("promoter-value", "duration in days", put("timer", "spec.environments.0.duration", "1d")),
    Mutant(
        "promoter-value", "cron of six fields", put("window", "spec.environments.0.allow.0.cron", "0 9 * * 1-5 2026")
    ),
    Mutant("promoter-value", "interval", put("e2e", "spec.mode.polling.interval", "1 minute")),
    Mutant(
        "promoter-value",
        "operator of a selector",
        put("health", "spec.applicationSelector.matchExpressions", [{"key": "app", "operator": "in", "values": []}]),
        also=("selector-nothing",),
    ),
    Mutant("promoter-shape", "order of 0.39 in 0.36", put("strategy", "spec.orderCommitStatusRef", {"name": "shop"})),
    Mutant("promoter-shape", "dependsOn in 0.38", graph([], [BRANCHES[0]], [BRANCHES[1]]), GATE),
    Mutant("promoter-shape", "kind of 0.38 in 0.36", extra(order=documents(GATE)["order"])),
    Mutant("promoter-shape", "no order in 0.39", drop("strategy", "spec.orderCommitStatusRef"), NEW),
    Mutant("promoter-shape", "graph of 0.38 in 0.39", put("order", "spec.environments", []), NEW),
    Mutant("promoter-owned-kind", "ChangeTransferPolicy", owned),
    Mutant("promoter-owned-kind", "PullRequest", pull_request),
    Mutant("promoter-reference", "no repository", drop("repository")),
    Mutant("promoter-reference", "no provider", drop("provider")),
    Mutant(
        "promoter-reference",
        "strategy of a gate",
        put("signed", "spec.promotionStrategyRef.name", "shp"),
        also=("gate-no-reporter",),
    ),
    Mutant("promoter-reference", "repository", put("strategy", "spec.gitRepositoryRef.name", "shop-deploy")),
    Mutant("promoter-reference", "provider", put("repository", "spec.scmProviderRef.name", "github")),
    Mutant(
        "promoter-namespace",
        "gate elsewhere",
        put("signed", "metadata.namespace", "argocd"),
        also=("gate-no-reporter",),
    ),
    Mutant("promoter-namespace", "repository elsewhere", put("repository", "metadata.namespace", "argocd")),
    Mutant(
        "scm-provider-differs",
        "GitLab's provider",
        put("provider", "spec", {"gitlab": {}, "secretRef": {"name": "promoter-scm"}}),
        also=("secret-keys",),
    ),
    Mutant("secret-reference", "no Secret", drop("provider", "spec.secretRef")),
    Mutant("secret-reference", "another Secret", put("provider", "spec.secretRef.name", "scm")),
    Mutant("secret-keys", "key of the App", put("scm-secret", "stringData", {"privateKey": ""})),
    Mutant("secret-github-token", "personal access token", github_token),
    Mutant("gate-no-reporter", "no reporter", drop("signed")),
    Mutant("gate-no-reporter", "no annotation", drop("strategy", "metadata.annotations")),
    Mutant("gate-no-reporter", "branch left out", put("timer", "spec.environments", [])),
    Mutant("gate-no-reporter", "environment without an Application", drop("demo")),
    Mutant("gate-no-reporter", "other key", put("signed", "spec.key", "sign"), also=("gate-unused",)),
    Mutant("gate-two-reporters", "second gate", again("signed")),
    Mutant(
        "gate-two-reporters",
        "gate and CI",
        put(
            "strategy",
            "metadata.annotations",
            {"rules-release/reported-by.approval": "owner", "rules-release/reported-by.signed": "CI"},
        ),
    ),
    Mutant("gate-two-reporters", "CommitStatus by hand", written),
    Mutant(
        "gate-two-levels", "active", add("strategy", "spec.environments.0.activeCommitStatuses", key("argocd-health"))
    ),
    Mutant("gate-two-levels", "proposed", add("strategy", "spec.environments.2.proposedCommitStatuses", key("window"))),
    Mutant(
        "gate-reserved-key",
        "previous environment",
        add("strategy", "spec.proposedCommitStatuses", key("promoter-previous-environment")),
    ),
    Mutant("gate-target", "reportOn", put("e2e", "spec.reportOn", "proposed")),
    Mutant(
        "gate-target",
        "schedule as active",
        both(
            put("strategy", "spec.proposedCommitStatuses", [key("signed")]),
            add("strategy", "spec.activeCommitStatuses", key("window")),
        ),
    ),
    Mutant(
        "gate-target",
        "timer as proposed of a later environment",
        both(
            put("strategy", "spec.environments.1.activeCommitStatuses", []),
            put("strategy", "spec.environments.1.proposedCommitStatuses", [key("timer")]),
        ),
    ),
    Mutant(
        "gate-own-deployment",
        "health as proposed",
        both(
            put("strategy", "spec.activeCommitStatuses", [key("e2e")]),
            put("strategy", "spec.environments.0.activeCommitStatuses", []),
            add("strategy", "spec.proposedCommitStatuses", key("argocd-health")),
        ),
    ),
    Mutant(
        "gate-own-deployment",
        "e2e as proposed of the first environment",
        both(
            drop("e2e"),
            put("strategy", "spec.environments.0", {"branch": BRANCHES[0], "proposedCommitStatuses": [key("e2e")]}),
        ),
        also=("gate-no-reporter",),
    ),
    Mutant("gate-unused", "key listed nowhere", put("strategy", "spec.environments.1.activeCommitStatuses", [])),
    Mutant("gate-unused", "annotation", put("strategy", "spec.environments.2.proposedCommitStatuses", [])),
    Mutant("gate-unknown-branch", "timer", add("timer", "spec.environments", {"branch": "env/x", "duration": "1h"})),
    Mutant("gate-unknown-branch", "window", put("window", "spec.environments.1.branch", "environment/dmo")),
    Mutant(
        "order-not-enforced",
        "no active key",
        both(
            put("strategy", "spec.activeCommitStatuses", []),
            put("strategy", "spec.environments.1.activeCommitStatuses", []),
            drop("timer"),
            drop("health"),
        ),
    ),
    Mutant("order-missing", "no gate", drop("order"), GATE, also=("gate-no-reporter",)),
    Mutant("order-missing", "no gate", drop("order"), NEW),
    Mutant("order-missing", "gate of nobody", again("order"), NEW),
    Mutant("order-missing", "two gates", again("order", key="order-2"), GATE),
    Mutant("order-key", "not listed", put("order", "spec.key", "order"), GATE, also=("gate-no-reporter",)),
    Mutant("order-key", "listed", add("strategy", "spec.proposedCommitStatuses", key("promotion-order")), NEW),
    Mutant("order-graph", "circle", graph([BRANCHES[2]], [BRANCHES[0]], [BRANCHES[1]]), NEW),
    Mutant("order-graph", "unknown branch", graph([], ["environment/x"], [BRANCHES[1]]), NEW),
    Mutant(
        "order-graph", "unknown environment", put("order", "spec.environments", [{"branch": "environment/x"}]), GATE
    ),
    Mutant("branch-name", "space", last("environment/re lease"), also=OTHER_BRANCH),
    Mutant("branch-name", "too long with -next", last("e" * 98), also=OTHER_BRANCH),
    Mutant("branch-next", "proposed branch", last(f"{BRANCHES[2]}-next"), also=OTHER_BRANCH),
    Mutant("branch-folder", "below another", last(f"{BRANCHES[1]}/eu"), also=OTHER_BRANCH),
    Mutant("promoter-value", "hour 25", put("window", "spec.environments.0.allow.0.cron", "0 25 * * *")),
    Mutant("promoter-value", "30 February", put("window", "spec.environments.0.allow.0.cron", "0 9 30 2 *")),
    Mutant("promoter-value", "window of no length", put("window", "spec.environments.0.allow.0.duration", "0s")),
    Mutant("promoter-value", "time zone", put("window", "spec.timezone", "Europe/Berln")),
    Mutant("promoter-template", "no end", put("e2e", URL, "https://e2e.acme.example/{{ if .Branch }}a")),
    Mutant("promoter-template", "not closed", put("e2e", URL, "https://e2e.acme.example/{{ .Branch }")),
    Mutant("promoter-template", "bracket", put("signed", "spec.expression", "any([1], {# == 1}")),
    Mutant("promoter-template", "quote", put("signed", "spec.expression", 'Commit.Subject == "a')),
    Mutant("request-address", "other host", asked("https://github.com/repos/acme/shop-deploy/commits")),
    Mutant(
        "request-address",
        "other repository",
        asked("https://api.github.com/repos/acme/shop/commits/{{ .Active.Hydrated.Sha }}/status"),
    ),
    Mutant(
        "order-missing",
        "kind",
        put("strategy", "spec.orderCommitStatusRef.kind", "DependentSuccessfulCommitStatus"),
        NEW,
    ),
    Mutant("declared-missing", "Secret", lambda _: None, options={"declared": {"a.yaml": SECRET}}),
    Mutant("declared-differs", "branch", put("demo", "spec.project", "x"), options={"declared": {"a.yaml": PROJECT}}),
]
