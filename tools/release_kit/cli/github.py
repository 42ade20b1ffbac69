"""`release-kit github COMMAND`: what GitHub is told; each command is a module of its own."""

COMMANDS = {
    "environments": "compare the environments at GitHub with the declared ones, and bring them in step",
}
