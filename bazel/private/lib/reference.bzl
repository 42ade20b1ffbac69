"""Repositories in a registry: is a name legal, and what is an image called within a release set."""

visibility(["//bazel/private", "//tests/starlark"])

_ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789"
_SEPARATORS = [".", "_", "__"]

def _is_component(component):
    separator = ""
    if not component or component[0] not in _ALPHANUMERIC or component[-1] not in _ALPHANUMERIC:
        return False
    for character in component.elems():
        if character in _ALPHANUMERIC:
            if separator and separator not in _SEPARATORS and separator.strip("-"):
                return False
            separator = ""
        elif character in "._-":
            separator += character
        else:
            return False
    return True

def _is_repository(name):
    """Tells whether `name` is a legal repository (OCI distribution-spec, "Pulling manifests").

    Args:
      name: such as `shop/core`.

    Returns:
      bool
    """
    return len(name) <= 255 and all([_is_component(part) for part in name.split("/")])

def _image_names(repositories):
    """Names each image of a set after its repository.

    Args:
      repositories: list of distinct strings.

    Returns:
      dict: repository to name; the last part of the repository where that is unique in the set, else all of it.
    """
    sharing = {}
    for repository in repositories:
        sharing.setdefault(repository.split("/")[-1], []).append(repository)
    return {
        repository: repository if len(sharing[repository.split("/")[-1]]) > 1 else repository.split("/")[-1]
        for repository in repositories
    }

reference = struct(
    image_names = _image_names,
    is_repository = _is_repository,
)
