"""Executables that run one release-kit command on documents of the build."""

load("@rules_python//python:py_binary.bzl", "py_binary")
load("//bazel/private/lib:runfiles.bzl", "runfiles")

visibility(["//bazel", "//bazel/private/gitops", "//tools"])

_RUNFILES = "{runfiles}/"

def _command_main_impl(ctx):
    def place(file):
        return runfiles.location(file.short_path, ctx.workspace_name)

    command = ctx.attr.command.split(" ") if ctx.attr.command else []
    documents = [_RUNFILES + place(file) for file in ctx.files.documents]
    status = ["--status-file", _RUNFILES + place(ctx.info_file)] if ctx.attr.stamp else []
    helm = [argument for file in ctx.files.helm for argument in ("--helm", _RUNFILES + place(file))]
    options = []
    for target, option in ctx.attr.options.items():
        for file in target[DefaultInfo].files.to_list():
            options += [option, _RUNFILES + place(file)]
    for target, option in ctx.attr.programs.items():
        program = target[DefaultInfo].files_to_run.executable
        if not program:
            fail("{}: {}: {} is no program".format(ctx.label, option, target.label))
        options += [option, _RUNFILES + place(program)]
    ctx.actions.expand_template(
        template = ctx.file._template,
        output = ctx.outputs.out,
        substitutions = {
            "%{arguments}": repr(command + documents + status + helm + options + ctx.attr.arguments),
            "%{label}": str(ctx.label),
            "%{path}": place(ctx.outputs.out),
        },
    )

    # The status file is a runfile and no action's input: a new commit re-runs nothing, and the link is always fresh.
    files = ctx.runfiles(ctx.files.documents + ctx.files.helm + ctx.files.options + ([ctx.info_file] if ctx.attr.stamp else []))
    targets = ctx.attr.documents + ctx.attr.options.keys() + ctx.attr.programs.keys()
    files = files.merge_all([target[DefaultInfo].default_runfiles for target in targets])
    return [DefaultInfo(files = depset([ctx.outputs.out]), runfiles = files)]

_command_main = rule(
    doc = "The main file of a release_command.",
    implementation = _command_main_impl,
    attrs = {
        "arguments": attr.string_list(doc = "Its other arguments."),
        "command": attr.string(doc = "The release-kit command, if it is one only."),
        "documents": attr.label_list(allow_files = True, doc = "Its positional arguments."),
        "helm": attr.label(doc = "The helm that it runs, unless that has no file."),
        "options": attr.label_keyed_string_dict(allow_files = True, doc = "Files, and the options that name them."),
        "out": attr.output(doc = "The Python file to write.", mandatory = True),
        # `bazel run` runs what is built for the target platform: so is what that runs.
        "programs": attr.label_keyed_string_dict(cfg = "target", doc = "Programs, and the options that name them."),
        "stamp": attr.bool(doc = "Whether the command reads the status file."),
        "_template": attr.label(allow_single_file = True, default = Label("//bazel/private:command_main.py.tpl")),
    },
)

def release_command(
        name,
        command = "",
        documents = [],
        arguments = [],
        helm = None,
        options = {},
        programs = {},
        stamp = False,
        kit = "release_kit",
        deps = [],
        **kwargs):
    """Makes an executable of a release-kit command.

    | target | what it is |
    | --- | --- |
    | `name` | the executable; what stands after `--` in `bazel run` goes to the command |
    | `name.main` | its main file |

    Args:
      name: string
      command: string: the release-kit command; several words for one of a group; none for whichever the user names
      documents: list[label]: its positional arguments, with their runfiles
      arguments: list[string]: its other arguments
      helm: label: the helm that it runs; where that has no file, it finds one by itself
      options: dict: labels of other documents, and the options that name them
      programs: dict: labels of programs, which go along, and the options that name them
      stamp: bool: whether it reads the status file, at run time
      kit: string: the library in //tools with what it needs
      deps: list[label]: other Python libraries
      **kwargs: attributes common to all rules
    """
    main = name.replace("-", "_").replace(".", "_") + "_main.py"
    _command_main(
        name = name + ".main",
        arguments = arguments,
        command = command,
        documents = documents,
        helm = helm,
        options = options,
        out = main,
        programs = programs,
        stamp = stamp,
        tags = ["manual"],
        testonly = kwargs.get("testonly", False),
        visibility = ["//visibility:private"],
    )
    py_binary(
        name = name,
        srcs = [main],
        data = [name + ".main"],
        main = main,
        deps = [Label("//tools:" + kit), Label("//tools:version")] + deps,
        **kwargs
    )
