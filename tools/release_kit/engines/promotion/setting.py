"""What promotions, rollbacks and reports work on and with."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from release_kit.documents.environments import Environments
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.promotion import state
from release_kit.engines.promotion.results import Results, results_of
from release_kit.engines.promotion.state import Snapshot
from release_kit.engines.verify import Drift
from release_kit.errors import ReleaseError
from release_kit.ports import Repository
from release_kit.values.commit import Change

MAX_RACES = 20
"""How often in a row somebody else may be faster."""


class Setting(NamedTuple):
    """The environments, their repository, the registry and the time."""

    declared: Environments
    repository: Repository
    drifts: Callable[[ReleaseRecord], Sequence[Drift]]
    """Finds what is not in the registry as a release's record says."""
    clock: Callable[[], int]
    """Returns seconds since 1970."""

    @property
    def results(self) -> Results:
        """The results branch."""
        return results_of(self.declared, self.repository)

    def read(self) -> Snapshot:
        """Reads the state of all environments as of the last fetch."""
        return state.read(self.declared, self.repository, self.clock())


class Races:
    """Counts how often somebody else was faster."""

    def __init__(self) -> None:
        """Has seen none."""
        self._lost = 0

    def won(self, setting: Setting, changes: Sequence[Change]) -> bool:
        """Pushes all changes or none; False: somebody else was faster, and what they did is fetched.

        Raises:
            ReleaseError: somebody else was faster too often.
        """
        if setting.repository.push(changes) or _landed(setting.repository, changes):
            return True
        self._lost += 1
        if self._lost >= MAX_RACES:
            remedy = "nothing was changed; run the same command again when the repository is quieter"
            raise ReleaseError(f"{setting.repository.url}: others were faster {self._lost} times in a row", remedy)
        return False


def _landed(repository: Repository, changes: Sequence[Change]) -> bool:
    """Tells whether others have only gone on from what was pushed, while the answer got lost."""
    heads = [(change.new, repository.ref(change.ref)) for change in changes]
    return all(head and repository.is_ancestor(new, head) for new, head in heads)
