"""`release-kit workflows COMMAND`: the workflows of GitHub Actions; each command is a module of its own."""

COMMANDS = {
    "generate": "write all workflows from the declaration of environments, or check them",
    "check": "hold workflows, of whatever origin, to a policy",
}
