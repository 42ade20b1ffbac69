"""HelmInfo."""

visibility(["//bazel/..."])

HelmInfo = provider(
    doc = "A helm program that actions can run.",
    fields = {
        "binary": "File: the program; None where there is none",
        "remedy": "string: where there is none, what to do about it",
        "version": "string: such as 4.3.1; empty where there is none",
    },
)
