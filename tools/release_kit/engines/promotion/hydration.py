"""What a hydrated commit has in it, and when there has to be a new one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from release_kit.documents import hydrator_metadata, release_record
from release_kit.documents.environments import Environment
from release_kit.documents.hydrator_metadata import HydratorMetadata
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.gitops.applications import MANIFESTS
from release_kit.values.commit import Commit


class Outcome(StrEnum):
    """What hydration did to the branch of one environment."""

    COMMITTED = "committed"
    """There is a new commit with what is proposed."""
    NOTED = "noted"
    """What is proposed stays as it is; a note on its commit says that it stands for the new dry commit, too."""
    NOTHING = "nothing"
    """All was as it has to be."""


class Proposal(NamedTuple):
    """What one environment's proposed branch is to hold."""

    environment: Environment
    record: ReleaseRecord
    manifests: Mapping[str, bytes]
    """By their paths below the folder that Argo CD applies."""

    def files(self, dry: Commit, url: str) -> dict[str, bytes]:
        """Returns all files of the hydrated commit.

        Args:
            dry: the dry commit that they are made from.
            url: of the repository.
        """
        return {
            hydrator_metadata.FILE_NAME: metadata(dry, url).to_json().encode(),
            release_record.FILE_NAME: self.record._replace(registry="").to_json().encode(),
            **{f"{MANIFESTS}/{path}": content for path, content in self.manifests.items()},
        }

    def message(self, dry: str) -> str:
        """Returns the message of the hydrated commit."""
        identity = release_record.identity(self.record)
        title = f"Hydrate {self.environment.name}: {self.record.name} {self.record.version}"
        return f"{title}\n\nDry-Sha: {dry}\nRelease-Record: {identity}\n"


def metadata(dry: Commit, url: str) -> HydratorMetadata:
    """Returns what `hydrator.metadata` says of a dry commit."""
    subject, _, body = dry.message.strip("\n").partition("\n\n")
    return HydratorMetadata(dry.sha, url, dry.author, dry.time, subject, body)
