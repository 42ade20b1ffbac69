"""`release-kit argocd COMMAND`: what Argo CD needs to deploy a release, and whether it has deployed one."""

COMMANDS = {
    "repository": "write the template of the Secret that tells Argo CD where a chart is",
    "wait": "wait until Argo CD has deployed what an environment runs, and it is healthy",
}
