"""Environments: where a release set runs, in which order, and behind which gates. Starlark writes it."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from release_kit.documents import places, promotion_gates
from release_kit.documents.chart_gates import KUBE_VERSION
from release_kit.documents.fields import Fields, parse_document, read_document
from release_kit.documents.pipeline import GitHubEnvironment, Pipeline, github_environment, pipeline
from release_kit.documents.places import ArgoCD, ChartPlace, PromoterPlace, Sync, label, one_of
from release_kit.documents.scm import ScmRepository, scm_repository
from release_kit.errors import InputError
from release_kit.values import branch, reference, release_number
from release_kit.values.promotion_gate import ORDER_KEY, RESERVED_KEYS, ROLLBACK_KEY, PromotionGate, Target
from release_kit.values.web_address import is_web_address

SCHEMA = "rules_release/environments/v1"
_COMMAND = re.compile(r"[\w./:@+~ -]*\{command\}[\w./:@+~ -]*", re.ASCII)

_CONSTRAINT = re.compile(r"[\w.*<>=!~^|,+-](?:[\w.*<>=!~^|, +-]*[\w.*<>=!~^|,+-])?", re.ASCII)
"""The letters of constraints; `release-kit validate` reads what they say."""


class Environment(NamedTuple):
    """One environment. Paths are absolute or relative to the working directory."""

    name: str
    branch: str
    """Holds what runs; what is to run is on `<branch>-next`."""
    tracks: str = ""
    """A constraint such as `*`: Argo CD itself takes the newest version of it, and the environment has no branch and
    no commit; empty: it pins one version, which promotions move."""
    automatic: bool = True
    """Promotions happen once all gates hold; otherwise a person makes them."""
    cluster: str = "https://kubernetes.default.svc"
    """The API server's address, or the name that Argo CD has for the cluster."""
    namespace: str = ""
    value_files: tuple[str, ...] = ()
    """Values files in the packed chart."""
    values: tuple[Path, ...] = ()
    """Values files beside the declaration; a later one wins over an earlier one."""
    kube_version: str = KUBE_VERSION
    """What a chart that asks for the cluster's version is told as it is rendered."""
    api_versions: tuple[str, ...] = ()
    """Which API versions it is told that the cluster has besides Kubernetes' own."""
    sync: Sync = Sync()
    gates: tuple[PromotionGate, ...] = ()
    """Its own, in the order of the document: those for every environment are in `Environments.gates`."""
    url: str = ""
    """Where what runs there answers, such as `https://shop.demo.acme.example`; empty where nobody has said it."""
    staging: bool = False
    """A release that skips staging does not wait for it."""
    github: GitHubEnvironment = GitHubEnvironment()
    """What the environment of the same name has at GitHub."""

    @property
    def proposed_branch(self) -> str:
        """The branch that the hydrator writes to."""
        return f"{self.branch}-next"


class Environments(NamedTuple):
    """The whole declaration."""

    name: str
    """Of the strategy; what all generated resources' names begin with."""
    repository: ScmRepository
    chart: ChartPlace
    record_repository: str
    """Below the registry's prefix: where the release records are; empty where they are not pushed."""
    promoter: PromoterPlace
    argocd: ArgoCD
    delivery: str
    """What an environment's branch holds: `manifests` (the rendered chart), or `application` (an Argo CD Application
    that pins the chart)."""
    dry_branch: str
    """Holds each release with all environments' values: what is hydrated."""
    results_branch: str
    """Holds the results of gates that release-kit reports."""
    gates: tuple[PromotionGate, ...]
    """For every environment."""
    environments: tuple[Environment, ...]
    command: str = ""
    """How people run a command of release-kit on this declaration, such as `bazel run //release:{command} --`; empty:
    they run release-kit."""
    pipeline: Pipeline | None = None
    """How releases are made and promoted at GitHub; None where that is not declared."""

    @property
    def pinned(self) -> tuple[Environment, ...]:
        """The environments that have a branch, in order."""
        return tuple(environment for environment in self.environments if not environment.tracks)

    def environment(self, name: str, place: str) -> Environment:
        """Returns the environment of a name; an InputError that lists the names where there is none."""
        for environment in self.environments:
            if environment.name == name:
                return environment
        known = ", ".join(environment.name for environment in self.environments)
        raise InputError(f"{place}: there is no environment {name!r:.100}", f"the declaration has {known}")

    def gates_of(self, environment: Environment, target: Target | None = None) -> tuple[PromotionGate, ...]:
        """Returns all gates of an environment: those for every one, then its own; of one target, or of both."""
        return tuple(gate for gate in (*self.gates, *environment.gates) if target in (None, gate.target))


def load(path: Path) -> Environments:
    """Reads and checks a declaration; paths in it are relative to its own folder.

    Raises:
        InputError: it is no such document, or contradicts itself.
    """
    return read_document(path, lambda fields: _from_fields(fields, path.parent))


def parse(content: bytes, place: str, folder: Path) -> Environments:
    """Reads a declaration from its bytes; else as `load`."""
    return parse_document(content, place, lambda fields: _from_fields(fields, folder))


def _from_fields(fields: Fields, folder: Path) -> Environments:
    fields.schema(SCHEMA)
    name = label(fields, "name")
    gates = fields.objects("gates", promotion_gates.gate)
    declared = Environments(
        name=name,
        repository=fields.nested("repository", scm_repository),
        chart=fields.nested("chart", places.chart),
        record_repository=_record_repository(fields),
        promoter=fields.nested("promoter", places.promoter),
        argocd=fields.nested("argocd", places.argocd),
        delivery=one_of(fields, "delivery", ("manifests", "application")),
        dry_branch=_branch(fields, "dry_branch", "releases"),
        results_branch=_branch(fields, "results_branch", "gate-results"),
        gates=gates,
        environments=fields.objects("environments", lambda item: _environment(item, folder), required=True),
        command=_command(fields),
        pipeline=fields.nested("pipeline", pipeline) if fields.has("pipeline") else None,
    )
    for fault, remedy in _faults(declared):
        raise InputError(fault, remedy)
    return declared


def _environment(fields: Fields, folder: Path) -> Environment:
    name = label(fields, "name")
    return Environment(
        name=name,
        branch=_branch(fields, "branch", f"environment/{name}"),
        tracks=_tracks(fields),
        automatic=fields.boolean("automatic", True),
        cluster=fields.string("cluster", "https://kubernetes.default.svc"),
        namespace=label(fields, "namespace", name),
        value_files=fields.strings("value_files"),
        values=tuple(folder / text for text in fields.strings("values")),
        kube_version=_kube_version(fields),
        api_versions=fields.strings("api_versions"),
        sync=fields.nested("sync", places.sync),
        gates=fields.objects("gates", promotion_gates.gate),
        url=_url(fields),
        staging=fields.boolean("staging", False),
        github=fields.nested("github", github_environment),
    )


def _url(fields: Fields) -> str:
    text = fields.string("url", "")
    if text and not is_web_address(text):
        raise InputError(f"{fields.path('url')}: expected an address of http or https, without a user or password")
    return text.rstrip("/")


def _tracks(fields: Fields) -> str:
    text = fields.string("tracks", "")
    if text and not _CONSTRAINT.fullmatch(text):
        raise InputError(f"{fields.path('tracks')}: expected a constraint such as * or 1.x, found {text!r:.200}")
    return text


def _kube_version(fields: Fields) -> str:
    return str(release_number.parse(fields.string("kube_version", KUBE_VERSION), fields.path("kube_version")))


def _record_repository(fields: Fields) -> str:
    text = fields.string("record_repository", "")
    return reference.parse_repository(text, "record_repository") if text else ""


def _command(fields: Fields) -> str:
    text = fields.string("command", "")
    if text and not _COMMAND.fullmatch(text):
        expected = "such as bazel run //release:{command} --"
        raise InputError(f"{fields.path('command')}: expected {expected}, found {text!r:.200}")
    return text


def _branch(fields: Fields, key: str, default: str) -> str:
    text = fields.string(key, default)
    if fault := branch.fault(text):
        raise InputError(f"{fields.path(key)}: the branch {text!r:.200} {fault}", "name it such as environment/demo")
    return text


def _faults(declared: Environments) -> Iterator[tuple[str, str]]:
    """Finds what contradicts itself; each as what is wrong, and what to do about it."""
    if not declared.environments:
        yield "environments: expected at least one", "declare where the release set runs"
    names = Counter(environment.name for environment in declared.environments)
    for name, count in names.items():
        if count > 1:
            yield f"environments: {count} are called {name}", "give each a name of its own"
    yield from _branch_faults(declared)
    for position, environment in enumerate(declared.environments):
        yield from _gate_faults(declared, environment, f"environments[{position}]")
    yield from promotion_gates.differing([*declared.gates, *(g for e in declared.environments for g in e.gates)])
    yield from _staging_faults(declared)
    yield from _pipeline_faults(declared)


def _staging_faults(declared: Environments) -> Iterator[tuple[str, str]]:
    """Lets staging come first, with something after it that a release which skips it can be promoted to."""
    names = [environment.name for environment in declared.environments if environment.staging]
    first = [environment.name for environment in declared.environments[: len(names)]]
    if names and names != first:
        late, before = next((late, before) for late, before in zip(names, first, strict=True) if late != before)
        yield f"{late} is staging and comes after {before}, which is not", "let staging environments be the first ones"
    if names and all(environment.staging for environment in declared.pinned):
        remedy = "take `staging` from the last environment that pins a version"
        yield f"{', '.join(names)}: there is no environment after staging that a release could be promoted to", remedy


def _pipeline_faults(declared: Environments) -> Iterator[tuple[str, str]]:
    if declared.pipeline is None:
        return
    token = declared.pipeline.deploy_token
    for environment in declared.pinned:
        if token not in environment.github.secrets:
            remedy = "add it to the environment's github.secrets, or name another one as pipeline.deploy_token"
            yield f"{environment.name} has no secret {token}, with which workflows write the deploy repository", remedy


def _branch_faults(declared: Environments) -> Iterator[tuple[str, str]]:
    branches = [declared.dry_branch, declared.results_branch]
    for environment in declared.pinned:
        branches += [environment.branch, environment.proposed_branch]
    for name, count in Counter(branches).items():
        if count > 1:
            yield f"the branch {name} has two uses", "an environment, its -next, dry_branch and results_branch differ"
    for environment in declared.pinned:
        if fault := branch.fault(environment.proposed_branch):
            yield f"the proposed branch {environment.proposed_branch} {fault}", "give `branch` a shorter name"
    for name in branches:
        for other in branches:
            if other.startswith(f"{name}/"):
                yield f"git can't have both branches {name} and {other}", "let neither be the other's folder"


def _gate_faults(declared: Environments, environment: Environment, place: str) -> Iterator[tuple[str, str]]:
    keys = Counter(gate.key for gate in declared.gates_of(environment))
    common = {gate.key for gate in declared.gates}
    for key, count in keys.items():
        if key in RESERVED_KEYS | {ORDER_KEY, ROLLBACK_KEY}:
            yield f"{place}.gates: the key {key} is reserved", "give the gate another key"
        if count > 1:
            where = "for every environment, too" if key in common else "twice"
            yield f"{place}.gates: the gate {key} is declared {where}", "declare it at one place, once"
    if environment.tracks and (gates := [gate for gate in environment.gates if gate.target is Target.PROPOSED]):
        remedy = "pin the environment (no tracks), or let the gate be about what is active"
        yield f"{place}.gates: {gates[0].key} would hold back {environment.name}, which tracks versions", remedy
