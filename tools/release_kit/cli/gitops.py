"""`release-kit gitops COMMAND`: what Argo CD and GitOps Promoter are told; each command is a module of its own."""

COMMANDS = {
    "generate": "write all files from the declaration of environments, or check them",
    "diff": "show what another release of GitOps Promoter or Argo CD changes, and how to get there",
}
