"""Faults in the release: images that are not those of the set, and a version that does not go up."""

from tests.support.mutants.edits import CHART, DEMO, Edit, after, append, swap
from tests.support.mutants.images import (
    CORE,
    CRONJOB,
    DATASVC,
    DIGEST,
    FOLLOWING_POLICY,
    OURS,
    POLICY_LINE,
    PROMETHEUS,
    WEB,
    extra,
    image_of,
)
from tests.support.mutants.mutant import BOTH, Kind, Mutant


def used(fault: str, says: str, *edits: Edit, file: str = "", line: bool = False) -> Mutant:
    """Returns a mutant whose images are not those of the set."""
    return Mutant(fault, "image-set", says, edits, file, line, values=BOTH)


def container(image: str) -> str:
    """Returns a container with an image."""
    return f"        - name: another\n          image: {image}\n          {POLICY_LINE}\n"


NEITHER = "neither an image of the release set nor allowed"
NOT_RAISED = Mutant(
    "the version is not raised",
    "chart-rules",
    "not raised: 0.1.0 is the same as 0.1.0",
    (),
    CHART,
    gates={"previous": {"version": "0.1.0"}},
)
SET: Kind = (
    "release set",
    (
        used(
            "an image that is not of the set",
            NEITHER,
            after(WEB, "      containers:", container("busybox:1.37")),
            file=WEB,
        ),
        used(
            "an init container with an image that is not of the set",
            NEITHER,
            after(DATASVC, "      initContainers:", container("docker.io/library/busybox:1.37")),
            file=DATASVC,
        ),
        used(
            "a custom resource with an image that is not of the set",
            NEITHER,
            extra(
                "prometheus.yaml",
                PROMETHEUS.format(image="quay.io/prometheus/prometheus:v3.9.0", policy=FOLLOWING_POLICY),
            ),
            file="templates/prometheus.yaml",
        ),
        used(
            "a first-party image of another set, whose tag follows",
            f"{OURS}/shopkeeper:v0.1.0 is {NEITHER}",
            swap(
                CRONJOB, image_of("core"), f'image: {OURS}/shopkeeper:{{{{ include "shop.imageTag" (list . "core") }}}}'
            ),
            file=CRONJOB,
            line=True,
        ),
        used(
            "a repository misspelled in one values file",
            f"did you mean {OURS}/web?",
            append(DEMO, f"\nimages:\n  web:\n    repository: {OURS}/wab\n"),
            file=WEB,
        ),
        used(
            "an allowed image in another version",
            NEITHER,
            swap(DEMO, "database:\n", "database:\n  image: ghcr.io/cloudnative-pg/postgresql:18.4-minimal-trixie\n"),
        ),
        used(
            "a digest that is not the one that is released",
            f"that has sha256:{'0a' * 8}",
            append(DEMO, f"\nimages:\n  core:\n    digest: {DIGEST}\n"),
            file=CORE,
        )._replace(
            gates={
                "images": [
                    {"repository": f"{OURS}/core", "digest": "sha256:" + "0a" * 32},
                    {"repository": f"{OURS}/datasvc"},
                    {"repository": f"{OURS}/web"},
                ]
            }
        ),
        used(
            "an image of the set that nothing uses",
            f"{OURS}/web is of the release set, and nothing in the chart uses it",
            swap(WEB, image_of("web"), image_of("core")),
        ),
        NOT_RAISED,
        NOT_RAISED._replace(
            fault="the version is lower than the one before",
            says="not raised: 0.1.0 is lower than 0.2.0",
            gates={"previous": {"version": "0.2.0"}},
        ),
        Mutant(
            "the appVersion stays behind",
            "image-set",
            "0.0.9",
            (swap(CHART, 'appVersion: "0.1.0"', 'appVersion: "0.0.9"'),),
            CHART,
        ),
    ),
)
