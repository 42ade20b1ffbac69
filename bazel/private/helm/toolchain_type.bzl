"""The toolchain type of a major version of Helm, and what stands in for it where nobody declares one."""

load("//bazel/private/helm:toolchain.bzl", "missing_helm_toolchain")

visibility(["//bazel/toolchain"])

_REMEDY = """Helm {major} is missing. Declare it in MODULE.bazel, either as a release of Helm:
    helm = use_extension("@rules_release//bazel:extensions.bzl", "helm")
    helm.toolchain(version = "{major}.x.y", sha256 = {{"linux-amd64": "..."}})
or as the helm of PATH: helm.local(version = "{major}")"""

def helm_toolchain_type(name, major):
    """Declares a toolchain type.

    | target | what it is |
    | --- | --- |
    | `name` | the type |
    | `name.missing` | a toolchain for any platform, to be registered last: it has no helm but a remedy |

    Args:
      name: string
      major: string: the major version of Helm
    """
    native.toolchain_type(name = name)
    missing_helm_toolchain(name = name + ".none", remedy = _REMEDY.format(major = major))
    native.toolchain(name = name + ".missing", toolchain = name + ".none", toolchain_type = name)
