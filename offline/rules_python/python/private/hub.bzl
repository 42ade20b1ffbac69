"""The repositories of a requirements lock: a hub with one package for each distribution, and one repository for each wheel."""

visibility("//python/...")

_REMEDY = "Check that pip reaches its index (`offline/enter pip download six`), or lock versions that have wheels for this Python."

_HUB_PACKAGE = """\
package(default_visibility = ["//visibility:public"])

alias(
    name = "{name}",
    actual = "@{wheel}//:pkg",
)

alias(
    name = "pkg",
    actual = "@{wheel}//:pkg",
)
"""

_REQUIREMENTS = """\
\"\"\"Labels of the packages of this hub.\"\"\"

all_requirements = [str(Label("//" + name)) for name in {names}]

def requirement(name):
    return str(Label("//" + name.lower().replace("-", "_").replace(".", "_")))
"""

def _name(line):
    """Returns the package name that rules_python gives the distribution of a lock's line."""
    for end in ["[", "=", "@", ";", " "]:
        line = line.partition(end)[0]
    return line.lower().replace("-", "_").replace(".", "_")

def locked_names(lock):
    """Returns the package names of what a lock names.

    Args:
      lock: string: a requirements file, as pip-compile and uv write it

    Returns:
      list[string]: sorted
    """
    lines = [line for line in lock.split("\n") if line and line[0].isalnum()]
    return sorted({_name(line): None for line in lines})

def wheel_repository(hub, name):
    """Returns the name of a wheel's repository.

    Args:
      hub: string: the hub's name
      name: string: the package name of the distribution

    Returns:
      string
    """
    return "{}_{}".format(hub, name)

def _pypi_hub_impl(rctx):
    for name in rctx.attr.names:
        wheel = wheel_repository(rctx.attr.hub_name, name)
        rctx.file(name + "/BUILD.bazel", _HUB_PACKAGE.format(name = name, wheel = wheel))
    rctx.file("requirements.bzl", _REQUIREMENTS.format(names = rctx.attr.names))
    rctx.file("BUILD.bazel", 'exports_files(["requirements.bzl"])\n')

pypi_hub = repository_rule(
    implementation = _pypi_hub_impl,
    doc = "Makes `@hub//name` of each distribution; downloads nothing.",
    attrs = {
        "hub_name": attr.string(mandatory = True),
        "names": attr.string_list(),
    },
)

def _pypi_wheel_impl(rctx):
    rctx.watch(rctx.attr.lock)
    rctx.watch("/usr/bin/python3")
    rctx.report_progress("downloading %s of %s" % (rctx.attr.distribution, rctx.attr.lock))
    script = rctx.path(rctx.attr._script)
    command = ["/usr/bin/python3", "-B", script, rctx.path(rctx.attr.lock), rctx.attr.distribution, rctx.path(".")]
    done = rctx.execute(command + [rctx.attr.hub_name], timeout = 1800)
    if done.return_code != 0:
        fail("%s: the wheel of %s cannot be fetched.\n%s%s\n%s" % (
            rctx.attr.lock,
            rctx.attr.distribution,
            done.stdout,
            done.stderr,
            _REMEDY,
        ))

pypi_wheel = repository_rule(
    implementation = _pypi_wheel_impl,
    doc = "Downloads one wheel that a lock names, by hash.",
    attrs = {
        "distribution": attr.string(doc = "Its package name.", mandatory = True),
        "hub_name": attr.string(mandatory = True),
        "lock": attr.label(
            allow_single_file = True,
            doc = "A requirements file with versions and hashes of everything, as pip-compile and uv write it.",
            mandatory = True,
        ),
        "_script": attr.label(
            allow_single_file = True,
            default = "//python/private:wheel.py",
        ),
    },
)
