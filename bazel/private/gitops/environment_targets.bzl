"""The tests and commands of a declaration of environments; environments documents them."""

load("//bazel/private:release_command.bzl", "release_command")
load("//bazel/private/gitops:kit_test.bzl", "kit_test")
load("//bazel/private/helm:helm_program.bzl", "helm_program")
load("//bazel/private/lib:attributes.bzl", "common_attributes")

visibility(["//bazel"])

# Which library of //tools each command needs.
_COMMANDS = {
    "argocd wait": "release_kit_environments",
    "github environments": "release_kit_github",
    "promote": "release_kit_environments",
    "publish": "release_kit_environments",
    "report": "release_kit_environments",
    "rollback": "release_kit_environments",
    "status": "release_kit_environments",
}

def _folder(tree):
    """Returns where the tree is from the workspace's root."""
    return "/".join([part for part in (native.package_name(), tree) if part])

def environment_tests(name, tree, has_chart, **kwargs):
    """Declares the tests of what is generated.

    Args:
      name: string: the environments_document
      tree: string: the folder in this package of what is generated
      has_chart: bool: whether the document's target has the released chart
      **kwargs: attributes common to all tests
    """
    files = native.glob([tree + "/**"], allow_empty = True)
    document = "$(rootpath {})".format(name)
    fix = "bazel run //{}:{}.update".format(native.package_name(), name)
    kit_test(
        name = name + ".tree",
        args = ["gitops", "generate", document, "--output", _folder(tree), "--check", "--fix-command", "'{}'".format(fix)],
        data = [name] + files,
        **kwargs
    )
    chart = name + ".chart"
    if has_chart:
        native.filegroup(name = chart, srcs = [name], output_group = "chart", **common_attributes(kwargs))
    kit_test(
        name = name + ".validate",
        args = ["validate", _folder(tree), "--environments", document] + (["--chart", "$(rootpath {})".format(chart)] if has_chart else []),
        data = [name] + files + ([chart] if has_chart else []),
        kit = "release_kit_charts",
        **kwargs
    )

def environment_commands(name, tree, renders, **kwargs):
    """Declares the executables.

    Args:
      name: string: the environments_document
      tree: string: the folder in this package of what is generated
      renders: bool: whether hydration renders the chart
      **kwargs: attributes common to all rules
    """
    release_command(
        name = name + ".update",
        arguments = ["--output", _folder(tree)],
        command = "gitops generate",
        documents = [name],
        kit = "release_kit_environments",
        **kwargs
    )
    if renders:
        helm_program(name = name + ".helm", **kwargs)
    release_command(
        name = name + ".hydrate",
        command = "hydrate",
        documents = [name],
        helm = name + ".helm" if renders else None,
        kit = "release_kit_environments",
        **kwargs
    )
    for command, kit in _COMMANDS.items():
        release_command(
            name = "{}.{}".format(name, command.replace(" ", "-")),
            command = command,
            documents = [name],
            kit = kit,
            **kwargs
        )
