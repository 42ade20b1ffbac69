"""Finds the OCI image layout that a target makes, whichever rule set made it."""

visibility(["//bazel/private/..."])

def image_layout(target, place):
    """Returns the layout of an image target.

    rules_oci gives one directory and nothing else. rules_img gives it in the output group `oci_layout`, and the root's
    descriptor in the group `descriptor`: the root of its indexes can't be told from index.json alone.

    Args:
      target: Target
      place: what named it, for the error: such as `//release:push.set: images`.

    Returns:
      struct: folder (File), descriptor (File or None), runfiles (runfiles of the layers that the folder links to)
    """
    if OutputGroupInfo in target and hasattr(target[OutputGroupInfo], "oci_layout"):
        groups = target[OutputGroupInfo]
        descriptors = groups.descriptor.to_list() if hasattr(groups, "descriptor") else []
        folders = groups.oci_layout.to_list()
        return _layout(target, place, folders, descriptors[0] if len(descriptors) == 1 else None)
    return _layout(target, place, target[DefaultInfo].files.to_list(), None)

def _layout(target, place, folders, descriptor):
    if len(folders) != 1 or not (folders[0].is_directory or folders[0].is_source):
        fail("{}: {} gives {}, expected one OCI image layout directory; ".format(place, target.label, folders or "nothing") +
             "name a target such as oci_image or oci_image_index of rules_oci, or image_manifest of rules_img")
    return struct(
        folder = folders[0],
        descriptor = descriptor,
        runfiles = target[DefaultInfo].default_runfiles,
    )
