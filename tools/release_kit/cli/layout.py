"""`release-kit layout COMMAND`: what is done to one OCI image layout; each command is a module of its own."""

COMMANDS = {
    "sparse": "copy a layout without its layers, which the build's remote cache has",
}
