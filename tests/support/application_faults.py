"""Single faults of Applications, of what selects them, and of Secrets."""

from typing import Any

from release_kit.values.release_number import ReleaseNumber
from tests.support.faults import CHART, OCI, Mutant, preview, several
from tests.support.validation import Edit, again, drop, put

SECRET_TYPE = "argocd.argoproj.io/secret-type"


def sync_policy(**fields: Any) -> Edit:
    """Gives an Application a way to be synced."""
    return put("demo", "spec.syncPolicy", fields)


MUTANTS = [
    Mutant(
        "secret-value", "value of a Secret", put("scm-secret", "stringData.githubAppPrivateKey", "-----BEGIN RSA KEY")
    ),
    Mutant("secret-value", "password in an address", preview(repoURL="https://me:hunter2@charts.acme.example")),
    Mutant(
        "secret-value",
        "token in a header",
        put("e2e", "spec.httpRequest.headerTemplates", {"Authorization": "Bearer abcdef0123456789"}),
    ),
    Mutant("repository-secret", "no enableOCI", drop("chart-secret", "stringData.enableOCI")),
    Mutant("repository-secret", "oci:// of type helm", put("chart-secret", "stringData.url", OCI)),
    Mutant("repository-secret", "no scheme of type oci", put("chart-secret", "stringData.type", "oci")),
    Mutant("repository-secret", "unknown type", put("chart-secret", "stringData.type", "registry")),
    Mutant("repository-secret", "other form", preview(repoURL=OCI, chart=None, path=".")),
    Mutant("selector-all", "empty selector", put("health", "spec.applicationSelector", {})),
    Mutant("selector-nothing", "label", put("health", "spec.applicationSelector.matchLabels", {"app": "shp"})),
    Mutant(
        "app-multi-source",
        "sources",
        put("demo", "spec.sources", [{"repoURL": "https://github.com/acme/shop-deploy.git", "path": "manifests"}]),
        also=("app-source",),
    ),
    Mutant(
        "app-selected-chart",
        "chart in the selection",
        put("preview", "metadata.labels", {"app": "shop"}),
    ),
    Mutant(
        "app-unknown-branch",
        "branch of nobody",
        put("demo", "spec.source.targetRevision", "main"),
        also=("gate-no-reporter",),
    ),
    Mutant(
        "app-repository-differs",
        "without .git",
        put("demo", "spec.source.repoURL", "https://github.com/acme/shop-deploy"),
    ),
    Mutant("app-other-repository", "other repository", put("repository", "spec.github.name", "shop")),
    Mutant("app-source", "no source", drop("preview", "spec.source")),
    Mutant("app-source", "both", put("preview", "spec.sources", [{"repoURL": "https://x.example/a.git", "path": "."}])),
    Mutant("app-destination", "both", put("demo", "spec.destination.name", "in-cluster")),
    Mutant("app-destination", "none", put("demo", "spec.destination", {"namespace": "demo"})),
    Mutant("app-oci-chart", "oci:// in the classic form", preview(repoURL="oci://ghcr.io/acme/charts")),
    Mutant("app-chart-missing", "no chart", preview(chart=None)),
    Mutant("app-path", "native form without a path", preview(repoURL=OCI, chart=None), also=("repository-secret",)),
    Mutant("app-path", "git without a path", drop("demo", "spec.source.path")),
    Mutant("app-path", "another folder", put("demo", "spec.source.path", ".")),
    Mutant(
        "app-ref-chart", "ref of a chart", several(repoURL="ghcr.io/acme/x", chart="x", targetRevision="1.2.3", ref="v")
    ),
    Mutant("app-values-ref", "unknown ref", preview(helm={"valueFiles": ["$values/demo.yaml"]})),
    Mutant("app-version", "none", preview(targetRevision=None)),
    Mutant("app-version", "word", preview(targetRevision="stable")),
    Mutant("app-version", "broken constraint", preview(targetRevision=">=1.2 <<2")),
    Mutant("app-loose-version", "two numbers", preview(targetRevision="1.2")),
    Mutant("app-loose-version", "one number", preview(targetRevision="v1")),
    Mutant(
        "app-build-metadata",
        "plus",
        preview(repoURL=OCI, chart=None, path=".", targetRevision="1.2.3+abc"),
        also=("repository-secret",),
    ),
    Mutant("app-not-pinned", "constraint", put("preview", "metadata.labels", {"rules-release/environment": "demo"})),
    Mutant("app-version-excluded", "pre-release", lambda _: None, options={"chart": CHART}),
    Mutant(
        "app-value-file",
        "not in the chart",
        preview(targetRevision="*-0", helm={"valueFiles": ["values-demo.yaml", "values-prod.yaml"]}),
        options={"chart": CHART},
    ),
    Mutant(
        "app-native-release",
        "Argo CD 3.0",
        preview(repoURL=OCI, chart=None, path="."),
        options={"argocd": ReleaseNumber(3, 0, 0)},
        also=("repository-secret",),
    ),
    Mutant(
        "chart-image-collision",
        "image beside the chart",
        lambda _: None,
        options={"images": ("ghcr.io/acme/charts/shop",)},
    ),
    Mutant("duplicate-object", "second file", lambda found: found.update(copy=found["demo"])),
    Mutant("app-destination", "no namespace's name", put("demo", "spec.destination.namespace", "Demo_1")),
    Mutant("app-source", "two tools", preview(helm={"releaseName": "shop"}, directory={})),
    Mutant("app-sync-option", "misspelt", sync_policy(syncOptions=["CreateNamspace=true"])),
    Mutant("app-sync-option", "value", sync_policy(syncOptions=["CreateNamespace=yes"])),
    Mutant("app-retry", "days", sync_policy(retry={"backoff": {"duration": "1d"}})),
    Mutant("app-twice", "other name", again("preview")),
    Mutant("argocd-name", "annotation", put("demo", "metadata.annotations", {"argocd.argoproj.io/syncwave": "1"})),
    Mutant("argocd-name", "wave", put("demo", "metadata.annotations", {"argocd.argoproj.io/sync-wave": "one"})),
    Mutant("argocd-name", "type of a Secret", put("chart-secret", "metadata.labels", {SECRET_TYPE: "repositories"})),
    Mutant("argocd-name", "finalizer", put("demo", "metadata.finalizers", ["resources-finaliser.argocd.argoproj.io"])),
    Mutant("repository-secret", "no label", put("chart-secret", "metadata.labels", {})),
    Mutant("repository-secret", "no type", drop("chart-secret", "stringData.type")),
    Mutant("repository-secret", "no address", drop("chart-secret", "stringData.url")),
    Mutant("repository-secret", "scheme", put("chart-secret", "stringData.url", "https://ghcr.io/acme/charts")),
    Mutant(
        "repository-secret",
        "charts from git",
        put("chart-secret", "stringData", {"type": "helm", "url": "https://github.com/acme/shop-deploy"}),
    ),
    Mutant(
        "secret-value",
        "password in the address of a Secret",
        put("chart-secret", "stringData", {"type": "git", "url": "https://me:hunter2@git.acme.example/a.git"}),
    ),
]
