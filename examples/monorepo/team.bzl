"""What the package of a team has in it."""

load("@bazel_skylib//rules:write_file.bzl", "write_file")
load("@rules_oci//oci:defs.bzl", "oci_image")
load("@rules_pkg//pkg:tar.bzl", "pkg_tar")
load("@rules_release//bazel:helm.bzl", "helm_chart")
load(":teams.bzl", "TEAMS")

def service_image(name, team):
    """Makes the image of a service: the program that all share, and the settings of this one.

    Args:
      name: string: the service
      team: string: whose it is
    """
    write_file(
        name = name + "_settings",
        out = name + "_settings/service.json",
        content = [json.encode({"service": name, "team": team}), ""],
    )
    pkg_tar(
        name = name + "_layer",
        srcs = [name + "_settings"],
        package_dir = "/app",
    )
    oci_image(
        name = name,
        base = "@python_base_linux_amd64",
        entrypoint = ["python3", "/app/service.py"],
        tars = [
            "//service:layer",
            name + "_layer",
        ],
    )

def team(name):
    """Makes the images of a team's services, and its chart.

    Args:
      name: string: the team, and the package
    """
    for service in TEAMS[name]:
        service_image(service, name)
    helm_chart(
        name = "chart",
        srcs = native.glob(["Chart.yaml", "values.yaml", "templates/**"]),
        config = {
            "first_party": ["ghcr.io/acme/"],
            "release": name,
        },
        golden = "",
        images = {service: "services.{}.image".format(service) for service in TEAMS[name]},
        deps = ["//service/chart"],
    )
