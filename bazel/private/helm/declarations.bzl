"""Which Helm a build uses: what the modules declare, checked."""

load("//bazel/private/helm:platforms.bzl", "PLATFORMS")

visibility(["//bazel/private/helm", "//tests/starlark"])

MAJORS = ["3", "4"]

def _check_toolchain(place, version, sha256):
    parts = version.split(".")
    if parts[0] not in MAJORS or len(parts) < 3 or not all([part.isdigit() for part in parts[:2]]):
        return "{}: version: expected such as 4.3.1, of Helm {}; found {}".format(
            place,
            " or ".join(MAJORS),
            repr(version),
        )
    for platform in sha256:
        if platform not in PLATFORMS:
            return "{}: sha256: expected platforms of {}; found {}".format(
                place,
                ", ".join(PLATFORMS),
                repr(platform),
            )
    return None

def _of_module(module):
    """Returns (place, major, tag, whether it is local) of each declaration of a module."""
    found = []
    for tag in module.tags.toolchain:
        place = "{}: helm.toolchain({})".format(module.name, repr(tag.version))
        found.append((place, tag.version.split(".")[0], tag, False))
    for tag in module.tags.local:
        found.append(("{}: helm.local({})".format(module.name, repr(tag.version)), tag.version, tag, True))
    return found

def _collect(modules):
    """Chooses one Helm for each major version: the root module's, or else that of the first module that declares one.

    Args:
      modules: list of `bazel_module`, as a module extension gets them: the root module first.

    Returns:
      struct: toolchains (dict: major to helm.toolchain tag), locals (dict: major to helm.local tag), error (string or
      None).
    """
    chosen = {}
    for module in modules:
        own = {}
        for place, major, tag, is_local in _of_module(module):
            error = None if is_local else _check_toolchain(place, tag.version, tag.sha256)
            if major in own:
                error = "{} and {}: there is one Helm {}; remove one of them".format(own[major], place, major)
            if error:
                return struct(toolchains = {}, locals = {}, error = error)
            own[major] = place
            chosen.setdefault(major, (tag, is_local))
    return struct(
        toolchains = {major: tag for major, (tag, is_local) in chosen.items() if not is_local},
        locals = {major: tag for major, (tag, is_local) in chosen.items() if is_local},
        error = None,
    )

declarations = struct(collect = _collect)
