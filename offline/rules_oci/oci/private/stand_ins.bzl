"""Which images the prepared base layers stand for."""

visibility("//oci/...")

# An image's repository, and the layers in it: all of them hold Debian with Python 3.
_REPOSITORIES = ["docker.io/library/python"]

# OCI platform -> name of the prepared layer.
PLATFORM_LAYERS = {
    "linux/amd64": "amd64",
    "linux/arm64": "arm64",
    "linux/arm64/v8": "arm64",
}

PLATFORM_CPUS = {
    "linux/amd64": Label("@platforms//cpu:x86_64"),
    "linux/arm64": Label("@platforms//cpu:arm64"),
    "linux/arm64/v8": Label("@platforms//cpu:arm64"),
}

def _full_name(image):
    """Returns an image's name with registry, without tag and digest."""
    name = image.removeprefix("https://").removeprefix("http://").partition("@")[0]
    head, slash, last = name.rpartition("/")
    name = head + slash + last.partition(":")[0]
    if "/" not in name:
        return "docker.io/library/" + name
    return name.removeprefix("index.")

def missing_stand_in(image, platform):
    """Tells why no prepared layer can stand for an image.

    Args:
        image: the image's name, as `oci.pull` has it.
        platform: an OCI platform, or an empty string for none.

    Returns:
        A text for a user, or None if there is a layer.
    """
    if _full_name(image) not in _REPOSITORIES:
        return "{} is not available offline; available are {}".format(image, ", ".join(_REPOSITORIES))
    if not platform:
        return "{} has several platforms: add the attribute 'platforms' to oci.pull".format(image)
    if platform not in PLATFORM_LAYERS:
        return "{} is not available offline for {}; available are {}".format(image, platform, ", ".join(PLATFORM_LAYERS))
    return None
