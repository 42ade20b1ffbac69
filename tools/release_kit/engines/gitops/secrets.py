"""Templates of Secrets: which keys they need, and how to add them; never their values."""

from release_kit.documents.environments import Environments
from release_kit.documents.scm import PROVIDERS
from release_kit.engines.argocd_repository import Form, repository_secret, target
from release_kit.engines.gitops.promoter_resource import metadata
from release_kit.engines.gitops.yaml_text import Noted, document

_FROM_FILES = """The values are added in the cluster, and stay when this file is applied again:

  kubectl create secret generic {name} --namespace {namespace} --dry-run=client --output=yaml \\
    {sources} |
    kubectl apply --server-side --field-manager=credentials --filename=-

Where a SealedSecret or an ExternalSecret makes the Secret, it needs this name, namespace and these keys: {keys}."""


def promoter_secret(declared: Environments) -> str:
    """Returns the Secret that GitOps Promoter's credentials at the host are in."""
    place = declared.repository
    choices = PROVIDERS[place.provider].secret_keys
    keys = " or ".join(" and ".join(choice) for choice in choices) or "none"
    sources = " ".join(f"--from-file={key}=FILE" for key in (choices[0] if choices else ()))
    text = _FROM_FILES.format(name=place.secret, namespace=declared.promoter.namespace, sources=sources, keys=keys)
    intro = "What GitOps Promoter shows the host of the repository. It is a template, which holds no credentials."
    intro = f"{intro}\n{text}"
    if not choices:
        intro = "The host is a fake for tests, which asks for no credentials; the Secret has to be there even so."
    value = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata(declared, place.secret), "type": "Opaque"}
    return document(intro, value)


def chart_repository_secret(declared: Environments) -> str:
    """Returns the Secret that tells Argo CD where the chart is."""
    chart, form = declared.chart, Form(declared.chart.form)
    url = target(chart.registry, chart.repository, chart.name).url(form)
    name = f"{declared.name}-{'charts' if form is Form.CLASSIC else 'oci'}"
    return repository_secret(name, url, form, declared.argocd.namespace)


def git_repository_secret(declared: Environments) -> str:
    """Returns the Secret that tells Argo CD of the repository with the environments' branches."""
    name = f"{declared.name}-environments"
    sources = "--from-file=username=FILE --from-file=password=FILE"
    keys = "username and password"
    if declared.repository.provider == "github":
        sources = "--from-file=githubAppID=FILE --from-file=githubAppInstallationID=FILE"
        sources += " --from-file=githubAppPrivateKey=FILE"
        keys = "githubAppID, githubAppInstallationID and githubAppPrivateKey, or username and password"
    if declared.repository.url.startswith("ssh:"):
        sources, keys = "--from-file=sshPrivateKey=FILE", "sshPrivateKey"
    text = _FROM_FILES.format(name=name, namespace=declared.argocd.namespace, sources=sources, keys=keys)
    labels = {
        "app.kubernetes.io/part-of": declared.name,
        "argocd.argoproj.io/secret-type": Noted("What makes Argo CD look at the Secret.", "repository"),
    }
    place = {"name": name, "namespace": declared.argocd.namespace, "labels": labels}
    fields = {"type": "git", "url": Noted("The same text as in the Applications.", declared.repository.url)}
    value = {"apiVersion": "v1", "kind": "Secret", "metadata": place, "type": "Opaque", "stringData": fields}
    intro = (
        "Tells Argo CD of the repository that has the branches of all environments. It is a template, which holds no "
        "credentials; a repository that anyone may read needs none."
    )
    return document(f"{intro}\n{text}", value)
