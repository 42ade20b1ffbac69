"""The tests and the command of a pipeline's workflows; environments documents them."""

load("//bazel/private:release_command.bzl", "release_command")
load("//bazel/private/gitops:kit_test.bzl", "kit_test")
load("//bazel/private/lib:attributes.bzl", "common_attributes")

visibility(["//bazel/private/gitops"])

# From the workspace's root: GitHub looks nowhere else.
_FOLDER = ".github/workflows"

def workflow_tests(name, files, **kwargs):
    """Declares the command that writes workflows, and the tests of those that are there.

    | target | what it is |
    | --- | --- |
    | `name.workflows` | test: the workflows are what would be written |
    | `name.workflow_policy` | test: those and all others hold to the policy (docs/workflows.md) |
    | `name.workflows.update` | `bazel run` writes them into `.github/workflows` |

    Args:
      name: string: the environments_document
      files: label: all files of `.github/workflows`; None: there is no test of them
      **kwargs: attributes common to all tests
    """
    update = name + ".workflows.update"
    release_command(
        name = update,
        arguments = ["--output", _FOLDER],
        command = "workflows generate",
        documents = [name],
        kit = "release_kit_environments",
        **common_attributes(kwargs)
    )
    if not files:
        return
    document = "$(rootpath {})".format(name)
    fix = "bazel run //{}:{}".format(native.package_name(), update)
    kit_test(
        name = name + ".workflows",
        args = ["workflows", "generate", document, "--output", _FOLDER, "--check", "--fix-command", "'{}'".format(fix)],
        data = [name, files],
        **kwargs
    )
    kit_test(
        name = name + ".workflow_policy",
        args = ["workflows", "check", _FOLDER, "--environments", document],
        data = [name, files],
        **kwargs
    )
