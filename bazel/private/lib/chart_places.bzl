"""Where a file stands in a chart, and what a values file is called in targets; pure functions of paths."""

visibility(["//bazel", "//bazel/private/...", "//tests/starlark"])

_CHART_YAML = "Chart.yaml"

def _folder(path):
    return path.rpartition("/")[0]

def _root(paths):
    """Returns the folder of a chart: that of the outermost Chart.yaml.

    Args:
      paths: list of strings: the chart's files.

    Returns:
      string, empty for the folder that the paths are relative to; None without a Chart.yaml, or with two side by side.
    """
    folders = [_folder(path) for path in paths if path == _CHART_YAML or path.endswith("/" + _CHART_YAML)]
    outermost = [
        folder
        for folder in folders
        if not [other for other in folders if other != folder and (not other or folder.startswith(other + "/"))]
    ]
    return outermost[0] if len(outermost) == 1 else None

def _place(path, root):
    """Returns a path relative to the folder `root`; None if it is not in it."""
    start = root + "/" if root else ""
    return path[len(start):] if path.startswith(start) else None

def _in_repository(short_path):
    """Returns a path within its repository: `File.short_path` begins with `../REPOSITORY/` for files of others."""
    return short_path.split("/", 2)[2] if short_path.startswith("../") else short_path

def _stem(name, root = ""):
    """Returns what targets and goldens call a values file: its place in the chart without suffix, all but words as `-`.

    Args:
      name: string: a path or label, such as `values-prod.yaml`, `ci/tls values.yaml` or `//helm/shop:values-prod.yaml`.
      root: string: the chart's folder

    Returns:
      string: such as `values-prod`, `ci-tls-values` or `values-prod`.
    """
    name = name.rpartition(":")[2].removeprefix("//")
    name = _without_suffix(_place(name, root) or name)
    letters = [letter if letter.isalnum() or letter in "._" else "-" for letter in name.elems()]
    return "-".join([part for part in "".join(letters).split("-") if part])

def _without_suffix(name):
    return name.removesuffix(".yml") if name.endswith(".yml") else name.removesuffix(".yaml")

chart_places = struct(
    in_repository = _in_repository,
    place = _place,
    root = _root,
    stem = _stem,
)
