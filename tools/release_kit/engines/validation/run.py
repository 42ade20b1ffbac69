"""Holds a tree of YAML files to all rules."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from release_kit.engines.gitops.promoter_release import OLDEST, shape
from release_kit.engines.validation import (
    application_rules,
    argocd_names,
    branches,
    chart_rules,
    declared,
    gates,
    install,
    order,
    references,
    repository_secrets,
    requests,
    secrets,
    selection,
    syncing,
)
from release_kit.engines.validation.rules import NAMES
from release_kit.engines.validation.structure import StructureCheck
from release_kit.engines.validation.tree import Tree, TreeFinding, finding, parse
from release_kit.ports import Schemas
from release_kit.values.release_number import ReleaseNumber

_CHECKS = (
    references,
    gates,
    selection,
    branches,
    secrets,
    repository_secrets,
    requests,
    argocd_names,
    syncing,
)
"""Those that need nothing but the files."""
DEFAULT_RELEASE = ReleaseNumber(0, 36, 0)


class Options(NamedTuple):
    """What is known besides the files."""

    release: ReleaseNumber | None = None
    """Of GitOps Promoter; None: the one that the files install."""
    because: str = "as asked for"
    """Why that one."""
    published: Mapping[tuple[str, str], dict[str, Any]] = {}
    """Schemas of published definitions, by API version and kind; they win over the tables."""
    chart: chart_rules.Chart | None = None
    argocd: ReleaseNumber = ReleaseNumber(3, 5, 1)
    images: Sequence[str] = ()
    """Repositories of images, with their registry."""
    declared: Mapping[str, str] = {}
    """What is generated from the declaration of the environments, by its name: what has to be in the files; empty
    where there is no declaration."""
    hydrated: Mapping[str, str] = {}
    """What environments' branches will hold, by its name: looked at beside the files."""


class Report(NamedTuple):
    """What was found, and how it was looked at."""

    findings: tuple[TreeFinding, ...]
    """In the order of files and lines."""
    release: ReleaseNumber
    """Of GitOps Promoter, that the resources were held to."""
    because: str
    """Why this release."""
    objects: int
    validated: int
    """How many objects were compared with a schema."""
    others: int
    """How many documents are no objects of Kubernetes."""
    notes: tuple[str, ...]
    """What could not be looked at."""


def validate(texts: Mapping[str, str], unreadable: Mapping[str, str], schemas: Schemas, options: Options) -> Report:
    """Looks at all files.

    Args:
        texts: contents by name.
        unreadable: why other files could not be read.
        schemas: of Kubernetes.
        options: what else is known.

    Raises:
        InputError: the release of the Promoter is older than all that are known.
    """
    parsed = parse({**texts, **options.hydrated})
    release, because = _release(parsed.tree, options)
    structure = StructureCheck(schemas, release, options.published).check(parsed.tree)
    found = [TreeFinding("yaml-syntax", fault, "correct it", name) for name, fault in unreadable.items()]
    found += [*parsed.findings, *structure.findings, *_twice(parsed.tree)]
    for check in _CHECKS:
        found += check.check(parsed.tree)
    found += application_rules.check(parsed.tree, options.argocd)
    found += order.check(parsed.tree, shape(release))
    found += install.check(parsed.tree, release)
    found += chart_rules.check(parsed.tree, options.chart, options.images)
    found += declared.check(parsed.tree, options.declared, found)
    notes = [f"no schema for {', '.join(structure.skipped)}"] if structure.skipped else []
    notes += [f"not judged, {text}" for text in structure.unjudged]
    ordered = sorted(dict.fromkeys(found), key=lambda each: (each.file, each.line, NAMES.index(each.rule), each.path))
    objects = len(parsed.tree.resources)
    return Report(tuple(ordered), release, because, objects, structure.validated, parsed.others, tuple(notes))


def _release(tree: Tree, options: Options) -> tuple[ReleaseNumber, str]:
    if options.release is not None:
        return options.release, options.because
    for each in install.installs(tree):
        if each.release >= OLDEST:
            return each.release, f"{each.file}:{each.line} installs it"
    return DEFAULT_RELEASE, "nothing says otherwise; --promoter-release does"


def _twice(tree: Tree) -> Iterator[TreeFinding]:
    """Yields objects that are in one folder twice: what is in several folders may be for several clusters."""
    first: dict[tuple[str, ...], Any] = {}
    for resource in tree.resources:
        folder = posixpath.dirname(resource.file)
        key = (folder, resource.group, resource.kind, resource.namespace, resource.name)
        if not resource.name or not resource.kind or resource.file in tree.unlisted:
            continue
        other = first.setdefault(key, resource)
        if other is not resource:
            message = f"{resource.title} is in {other.file}, too: what is applied last wins"
            remedy = "give one of them another name, or take it out"
            yield finding("duplicate-object", resource, ("metadata", "name"), message, remedy)
