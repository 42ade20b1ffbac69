"""Where a file stands among the runfiles, and the way from one to another."""

load("@bazel_skylib//lib:paths.bzl", "paths")

visibility(["//bazel/private", "//tests/starlark"])

def _location(short_path, workspace):
    """Returns a file's path below the runfiles folder.

    Args:
      short_path: `File.short_path`; it begins with `../` for files of other repositories.
      workspace: `ctx.workspace_name`.

    Returns:
      string: such as `_main/release/push.set.json`.
    """
    return paths.normalize(paths.join(workspace, short_path))

def _relative(path, start):
    """Returns the way from the folder `start` to `path`, both below the same folder.

    Args:
      path: a normalized relative path.
      start: a normalized relative path of a folder; empty for the common folder itself.

    Returns:
      string: such as `../docker/images/core`; the shortest one, so that it holds in any tree with the same inner shape.
    """
    there = path.split("/")
    here = start.split("/") if start else []
    shared = 0
    for a, b in zip(there[:-1], here):
        if a != b:
            break
        shared += 1
    return "/".join([".."] * (len(here) - shared) + there[shared:])

runfiles = struct(
    location = _location,
    relative = _relative,
)
