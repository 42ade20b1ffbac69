"""The repository rule local_helm: a helm of this machine."""

visibility(["//bazel/private/helm"])

_REMEDY = """helm.local(version = "{major}"): no Helm {major} on this machine.
Looked at: {places}.
Install one on PATH as helm{major} or helm, or declare a release: helm.toolchain(version = "{major}.x.y", ...)"""

def _version(rctx, path):
    """Returns the version that a program calls itself, such as `4.3.1`; empty for one that is no helm."""
    done = rctx.execute([path, "version", "--template", "{{.Version}}"], timeout = 60)
    version = done.stdout.strip()
    return version[1:] if done.return_code == 0 and version.startswith("v") else ""

def _find(rctx):
    """Returns (path, version) of the first helm of the major version, or (None, what was looked at instead)."""
    major, looked = rctx.attr.major, []
    for name in [rctx.attr.path] if rctx.attr.path else ["helm" + major, "helm"]:
        path = rctx.path(name) if rctx.attr.path else rctx.which(name)
        version = _version(rctx, path) if path and path.exists else ""
        if version.split(".")[0] == major:
            return path, version
        looked.append("{} ({})".format(name, version or ("is no helm" if path and path.exists else "is not there")))
    return None, ", ".join(looked)

def _local_helm_impl(rctx):
    path, found = _find(rctx)
    if not path:
        remedy = _REMEDY.format(major = rctx.attr.major, places = found)
        rctx.template("BUILD.bazel", rctx.attr._missing_build_file, substitutions = {"%{remedy}": repr(remedy)})
        return
    binary = "helm.exe" if rctx.os.name.startswith("windows") else "helm"
    rctx.symlink(path, binary)
    rctx.template("BUILD.bazel", rctx.attr._build_file, substitutions = {"%{binary}": binary, "%{version}": found})

local_helm = repository_rule(
    doc = "A helm of this machine, with its toolchain; where there is none, the toolchain says what to do.",
    implementation = _local_helm_impl,
    local = True,
    attrs = {
        "major": attr.string(doc = "The major version that it must have.", mandatory = True),
        "path": attr.string(doc = "Where it is; empty for PATH."),
        "_build_file": attr.label(default = Label("//bazel/private/helm:helm.BUILD.tpl")),
        "_missing_build_file": attr.label(default = Label("//bazel/private/helm:missing.BUILD.tpl")),
    },
    environ = ["PATH"],
)
