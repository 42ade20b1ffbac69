"""The public rules: `oci_image`, `oci_image_index` and `oci_push`."""

load("@bazel_skylib//rules:write_file.bzl", "write_file")
load("//oci/private:digest.bzl", "image_digest")
load("//oci/private:image.bzl", _oci_image = "oci_image")
load("//oci/private:image_index.bzl", _oci_image_index = "oci_image_index")
load("//oci/private:push.bzl", _oci_push = "oci_push")

visibility("public")

_SHARED = ["compatible_with", "exec_compatible_with", "features", "restricted_to", "tags", "target_compatible_with", "testonly", "visibility"]

def _shared(kwargs):
    """Returns the attributes that every target of a macro gets."""
    return {key: kwargs[key] for key in _SHARED if key in kwargs}

def _as_file(name, kind, value, kwargs):
    """Returns a label for an attribute's value: a dict or a list is written to `<name>.<kind>.txt`, a label stays."""
    if type(value) == "dict":
        content = ["{}={}".format(key, item) for key, item in value.items()]
    elif type(value) == "list" and kind in ("exposed_ports", "volumes"):
        content = [",".join(value)]
    elif type(value) == "list":
        content = [item.replace("\n", "%5Cn") for item in value]
    else:
        return value
    target = "{}_write_{}".format(name, kind)
    write_file(
        name = target,
        out = "{}.{}.txt".format(name, kind),
        content = content,
        **(_shared(kwargs) | {"tags": kwargs.get("tags", []) + ["manual"]})
    )
    return target

def _digest(name, kwargs):
    image_digest(
        name = name + ".digest",
        image = name,
        out = name + ".json.sha256",
        **_shared(kwargs)
    )

def oci_image(
        name,
        labels = None,
        annotations = None,
        env = None,
        cmd = None,
        entrypoint = None,
        exposed_ports = None,
        volumes = None,
        **kwargs):
    """Makes a single-platform image, and `<name>.digest`, a file with its digest.

    Args:
        name: the target, whose output is an OCI layout directory of that name.
        labels: labels of the config: a dict, or a file of `key=value` lines.
        annotations: annotations of the manifest: a dict, or a file of `key=value` lines.
        env: variables, which may name the base's as `$NAME`: a dict, or a file of `key=value` lines.
        cmd: arguments of the process: a list, or a file with one a line.
        entrypoint: the process: a list, or a file with one word a line. Clears the base's `cmd`.
        exposed_ports: ports: a list, or a file with commas between them.
        volumes: folders: a list, or a file with commas between them.
        **kwargs: `base`, `tars`, `os`, `architecture`, `variant`, `user`, `workdir`, `created`, and what every rule has.
    """
    given = {
        "annotations": annotations,
        "cmd": cmd,
        "entrypoint": entrypoint,
        "env": env,
        "exposed_ports": exposed_ports,
        "labels": labels,
        "volumes": volumes,
    }
    files = {kind: _as_file(name, kind, value, kwargs) for kind, value in given.items()}
    _oci_image(name = name, **(files | kwargs))
    _digest(name, kwargs)

def oci_image_index(name, annotations = None, **kwargs):
    """Makes a multi-platform image, and `<name>.digest`, a file with its digest.

    Args:
        name: the target, whose output is an OCI layout directory of that name.
        annotations: annotations of the index: a dict, or a file of `key=value` lines.
        **kwargs: `images`, `platforms`, and what every rule has.
    """
    _oci_image_index(name = name, annotations = _as_file(name, "annotations", annotations, kwargs), **kwargs)
    _digest(name, kwargs)

def oci_push(name, remote_tags = None, **kwargs):
    """Makes a program for `bazel run` that pushes an image by digest and then sets its tags.

    Args:
        name: the target.
        remote_tags: tags to set: a list, or a file with white space between them.
        **kwargs: `image`, `repository`, `repository_file`, and what every rule has.
    """
    _oci_push(name = name, remote_tags = _as_file(name, "tags", remote_tags, kwargs), **kwargs)
