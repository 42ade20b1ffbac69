"""What must hold of the images of a real rule set, one after the other."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.interop import session
from tests.interop.report import Finding
from tests.interop.scratch import OCI_IMAGES, PACKAGES, PUSHED_BY_RULES_OCI, repository_of
from tests.interop.session import Bazel, Outcome
from tests.interop.shape import Shape, describe, differences


class Run(NamedTuple):
    """One module that was written, and where its images go.

    Attributes:
        bazel: Bazel in it.
        rule_sets: whose images it has.
        host: the registry.
        folder: for files of this run.
    """

    bazel: Bazel
    rule_sets: tuple[str, ...]
    host: str
    folder: Path


def released(run: Run) -> Iterator[Finding]:
    """Builds, pushes and verifies the set, and reads it with other programs.

    Nothing after a failed build or push is looked at.
    """
    built = run.bazel("build", "//...")
    yield _finding("all", "every target builds", built)
    if built.code:
        return
    if "rules_oci" in run.rule_sets:
        yield _finding("rules_oci", "its targets are what the analysis tests say", run.bazel("test", "//images/..."))
    record = run.folder / "record.json"
    arguments = ("--registry", run.host, "--record", str(record))
    for claim in ("push_targets releases the set", "a second push finds everything there"):
        pushed = run.bazel("run", "//:push", "--", *arguments)
        yield _finding("all", claim, pushed)
        if pushed.code:
            return
    verify = ("run", "@rules_release//tools:release-kit", "--", "verify", str(record), "--deep")
    yield _finding("all", "release-kit verify --deep", run.bazel(*verify))
    yield from _read(run, json.loads(record.read_bytes()))
    if "rules_oci" in run.rule_sets:
        yield _tags_of_oci_push(run)


def shapes(run: Run) -> dict[str, Shape]:
    """Describes the layouts that rules_oci has built."""
    output = run.bazel.output() / PACKAGES["rules_oci"][0]
    return {image: describe(output / image) for image in OCI_IMAGES}


def same_shapes(expected: dict[str, Shape], found: dict[str, Shape]) -> Iterator[Finding]:
    """Compares what the real rules make with what stands for them offline."""
    for image, shape in found.items():
        reason = "\n".join(differences(shape, expected[image]))
        yield Finding(f"rules_oci {image}", "the stand-in gives the same shape", reason)


def img_layouts(run: Run) -> Iterator[Finding]:
    """Looks at what is particular to layouts of rules_img: who is the root."""
    package, images = PACKAGES["rules_img"]
    output = run.bazel.output() / package
    for image in images:
        index = json.loads((output / f"{image}_oci_layout" / "index.json").read_bytes())
        root = json.loads((output / f"{image}_descriptor.json").read_bytes())
        entries = [entry["digest"] for entry in index["manifests"]]
        is_root = root["digest"] not in entries
        reason = "" if is_root == image.endswith("index") else f"root {root['digest']}, index.json names {entries}"
        claim = "index.json is the index itself" if image.endswith("index") else "index.json names the image"
        yield Finding(f"rules_img {image}", claim, reason)


def _read(run: Run, record: dict[str, Any]) -> Iterator[Finding]:
    digests = {image["repository"]: image["digest"] for image in record["images"]}
    for rule_set in run.rule_sets:
        for image in PACKAGES[rule_set][1]:
            repository = repository_of(rule_set, image)
            reference = f"{run.host}/{repository}@{digests[repository]}"
            subject = f"{rule_set} {image}"
            yield _read_finding(subject, "crane", session.read_by_crane(reference, run.folder / "read"))
            yield _read_finding(subject, "skopeo", session.read_by_skopeo(reference, run.folder / "read"))


def _tags_of_oci_push(run: Run) -> Finding:
    """Pushes with rules_oci, the tags being ours, and compares with what our push has set."""
    claim = "oci_push sets the tags of container_tags"
    pushed = run.bazel("run", "--stamp", "//:oci_push", "--", "--repository", f"{run.host}/by_rules_oci")
    if pushed.code:
        return _finding("rules_oci", claim, pushed)
    theirs = session.tags(run.host, "by_rules_oci")
    ours = session.tags(run.host, repository_of("rules_oci", PUSHED_BY_RULES_OCI))
    return Finding("rules_oci", claim, "" if theirs == ours else f"expected {ours}, found {theirs}")


def _finding(subject: str, claim: str, outcome: Outcome) -> Finding:
    return Finding(subject, claim, outcome.reason or f"exit code {outcome.code}" if outcome.code else "")


def _read_finding(subject: str, program: str, outcome: Outcome | None) -> Finding:
    claim = f"{program} reads all of it"
    if outcome is None:
        return Finding(subject, claim, skipped=f"{program} is not on PATH")
    return _finding(subject, claim, outcome)
