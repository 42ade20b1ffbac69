"""The images of the sample shop: one base, one shared layer, one own layer each."""

load("@rules_oci//oci:defs.bzl", "oci_image")
load("@rules_pkg//pkg:mappings.bzl", "pkg_files", "strip_prefix")
load("@rules_pkg//pkg:tar.bzl", "pkg_tar")

_APP = "/app"

def app_layer(name, folder):
    """Makes a layer of a folder's Python packages, below /app.

    Args:
      name: string
      folder: string: below this package
    """
    pkg_files(
        name = name + ".files",
        srcs = native.glob(
            [folder + "/**"],
            exclude = ["**/__pycache__/**"],
        ),
        prefix = _APP,
        strip_prefix = strip_prefix.from_pkg(folder),
    )
    pkg_tar(
        name = name,
        srcs = [name + ".files"],
    )

def service_image(name, service, architecture = "amd64", variant = "", **kwargs):
    """Makes a service's image.

    Args:
      name: string
      service: string: its folder below this package; its Python package is shop_<service>
      architecture: string: amd64 or arm64
      variant: string: of the architecture
      **kwargs: further attributes of oci_image
    """
    platform = "_".join(["linux", architecture] + ([variant] if variant else []))
    oci_image(
        name = name,
        base = "@python_base_" + platform,
        cmd = [],
        entrypoint = ["python3", "-m", "shop_" + service],
        env = {
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": _APP,
            "PYTHONUNBUFFERED": "1",
        },
        exposed_ports = ["8080/tcp"],
        labels = {"org.opencontainers.image.title": "shop " + service},
        tars = [
            ":lib_layer",
            ":{}_layer".format(service),
        ],
        user = "65532:65532",
        workdir = _APP,
        **kwargs
    )
