"""The results branch: what was reported of gates, and how a report gets there."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from release_kit.documents import gate_result
from release_kit.documents.environments import Environments
from release_kit.documents.gate_result import GateResult
from release_kit.errors import InputError
from release_kit.ports import Repository
from release_kit.values.commit import Change, branch_ref


class Results(NamedTuple):
    """The results branch of a repository, as of its last fetch."""

    repository: Repository
    branch: str

    def of(self, environment: str, record: str) -> Mapping[str, GateResult]:
        """Returns what is known of a release in an environment, by the keys of the gates.

        Raises:
            InputError: a file on the branch is no result.
        """
        head = self.repository.ref(branch_ref(self.branch))
        if not (head and record):
            return {}
        files = self.repository.files(head, gate_result.folder(environment, record))
        read = (self._result(content, path) for path, content in files.items())
        return {result.key: result for result in read}

    def _result(self, content: bytes, path: str) -> GateResult:
        try:
            return gate_result.parse(content, f"{self.branch}:{path}")
        except InputError as error:
            remedy = f"take the file out of the branch {self.branch}, and report the gate again"
            raise InputError(error.message, error.remedy or remedy) from error

    def change(self, results: Iterable[GateResult], message: str) -> Change:
        """Makes one commit that adds results, or puts them in the place of older ones; nothing is pushed."""
        ref = branch_ref(self.branch)
        head = self.repository.ref(ref)
        files = {
            gate_result.path(each.environment, each.record, each.key): gate_result.checked(each).to_json().encode()
            for each in results
        }
        return Change(ref, head, self.repository.add_files(files, head, message))


def results_of(declared: Environments, repository: Repository) -> Results:
    """Returns the results branch of a declaration."""
    return Results(repository, declared.results_branch)
