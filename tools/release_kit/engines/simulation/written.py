"""What a simulation writes to its repository: dry commits, hydrated ones, promotions and rollbacks.

They are laid out as those of the real commands, with contents that are small.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from release_kit.documents import hydrator_metadata, release_record
from release_kit.documents.environments import Environment, Environments
from release_kit.documents.hydrator_metadata import HydratorMetadata
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.gitops.applications import MANIFESTS
from release_kit.engines.promotion import dry, messages
from release_kit.engines.promotion.model import Hydrated
from release_kit.engines.simulation.simulated_environment import Content, Files, SimulatedEnvironment
from release_kit.ports import CommitWriter
from release_kit.values.commit import NewCommit, branch_ref
from release_kit.values.promotion_gate import ROLLBACK_KEY

WHO = "release-kit simulate <simulate@release-kit.invalid>"


class DryRelease(NamedTuple):
    """A dry commit."""

    record: ReleaseRecord
    identity: str
    """The record's."""
    sha: str
    time: int
    message: str

    @property
    def content(self) -> Hydrated:
        """What an environment holds that takes it right from the dry branch."""
        record, sha = self.record, self.sha
        skips = record.skip_staging
        return Hydrated(sha, sha, "", self.identity, record.version, self.time, since=self.time, skip_staging=skips)


class Pen:
    """Writes the commits of one declaration."""

    def __init__(self, declared: Environments, declaration: bytes, writer: CommitWriter) -> None:
        """Keeps the files that are the same in every commit.

        Args:
            declared: the environments.
            declaration: the document that they were read from.
            writer: makes the commits.
        """
        self._declared, self._writer = declared, writer
        self._declaration = writer.blob(_placed(declaration))
        self._head: tuple[str, ...] = ()
        self._record_blob = 0
        self._values: dict[int, int] = {}

    def bootstrap(self, environment: Environment, now: int) -> Hydrated:
        """Begins both branches of an environment with the same commit, which has no files."""
        ref = branch_ref(environment.branch)
        sha = self._writer.commit(NewCommit(ref, (), (), f"Begin {environment.branch}\n", now))
        self._writer.branch(branch_ref(environment.proposed_branch), sha)
        return Hydrated(sha, since=now)

    def dry(self, record: ReleaseRecord, revisions: Sequence[tuple[str, int]], now: int) -> DryRelease:
        """Makes a dry commit.

        Args:
            record: of the release.
            revisions: the environments' names, each with the revision of its values.
            now: when.
        """
        message = dry.message(record)
        self._record_blob = self._writer.blob(record._replace(registry="").to_json().encode())
        files = [(dry.DECLARATION, self._declaration), (release_record.FILE_NAME, self._record_blob)]
        files += [(_values_path(name), self._values_of(revision)) for name, revision in revisions]
        ref = branch_ref(self._declared.dry_branch)
        sha = self._writer.commit(NewCommit(ref, self._head, tuple(files), message, now))
        self._head = (sha,)
        return DryRelease(record, release_record.identity(record), sha, now, message)

    def hydrate(self, place: SimulatedEnvironment, release: DryRelease, now: int) -> Content:
        """Makes a hydrated commit on the proposed branch."""
        record = release.record
        files = self._hydrated_files(place, release)
        parents = [place.proposed.hydrated.commit]
        if place.has_diverged:
            parents.append(place.active.hydrated.commit)
        title = f"Hydrate {place.environment.name}: {record.name} {record.version}"
        message = f"{title}\n\nDry-Sha: {release.sha}\nRelease-Record: {release.identity}\n"
        ref = branch_ref(place.environment.proposed_branch)
        sha = self._writer.commit(NewCommit(ref, tuple(parents), files, message, now))
        hydrated = release.content._replace(commit=sha, since=now)
        return Content(hydrated, files, place.revision)

    def note(self, commit: str, release: DryRelease, now: int) -> None:
        """Notes on a hydrated commit that it stands for another dry commit, too."""
        self._writer.note(commit, hydrator_metadata.note(release.sha), now)

    def promote(self, place: SimulatedEnvironment, message: str, now: int) -> Content:
        """Makes the commit of a promotion."""
        parents = (place.active.hydrated.commit, place.proposed.hydrated.commit)
        sha = self._writer.commit(
            NewCommit(branch_ref(place.environment.branch), parents, place.proposed.files, message, now)
        )
        return place.proposed._replace(hydrated=place.proposed.hydrated._replace(commit=sha, note="", since=now))

    def roll_back(self, place: SimulatedEnvironment, target: Content, now: int) -> Content:
        """Makes the commit of a rollback."""
        active, earlier = place.active.hydrated, target.hydrated
        trailers = {
            messages.RECORD: earlier.record,
            messages.DRY: earlier.dry,
            messages.ROLLED_BACK_FROM: active.version,
            messages.ROLLED_BACK_RECORD: active.record,
        }
        title = f"Roll {place.environment.name} back to {self._declared.name} {earlier.version}"
        message = messages.rollback(title, f"See {ROLLBACK_KEY}.", trailers)
        ref = branch_ref(place.environment.branch)
        sha = self._writer.commit(NewCommit(ref, (active.commit,), target.files, message, now))
        return target._replace(hydrated=earlier._replace(commit=sha, note="", since=now))

    def _values_of(self, revision: int) -> int:
        if revision not in self._values:
            self._values[revision] = self._writer.blob(b"revision: %d\n" % revision)
        return self._values[revision]

    def _hydrated_files(self, place: SimulatedEnvironment, release: DryRelease) -> Files:
        subject, _, body = release.message.strip("\n").partition("\n\n")
        metadata = HydratorMetadata(release.sha, self._declared.repository.url, WHO, release.time, subject, body)
        application = _application(self._declared, place, release.record.version)
        return (
            (hydrator_metadata.FILE_NAME, self._writer.blob(metadata.to_json().encode())),
            (f"{MANIFESTS}/application.yaml", self._writer.blob(application.encode())),
            (release_record.FILE_NAME, self._record_blob),
        )


def _application(declared: Environments, place: SimulatedEnvironment, version: str) -> str:
    chart, environment = declared.chart, place.environment
    return f"""apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {declared.name}-{environment.name}
  namespace: {declared.argocd.namespace}
spec:
  project: {declared.argocd.project}
  source:
    repoURL: {json.dumps(f"{chart.registry}/{chart.repository}")}
    chart: {json.dumps(chart.name)}
    targetRevision: {version}
    helm:
      valuesObject:
        revision: {place.revision}
  destination:
    server: {json.dumps(environment.cluster)}
    namespace: {environment.namespace}
"""


def _placed(declaration: bytes) -> bytes:
    """Returns the declaration with the values files as dry commits have them."""
    document = json.loads(declaration)
    for environment in document["environments"]:
        environment["values"] = [_values_path(environment["name"])]
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode(errors="replace")


def _values_path(name: str) -> str:
    return f"values/{name}/00-simulated.yaml"
