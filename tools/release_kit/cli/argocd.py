"""`release-kit argocd COMMAND`: what Argo CD needs to deploy a release; each command is a module of its own."""

COMMANDS = {
    "repository": "write the template of the Secret that tells Argo CD where a chart is",
}
