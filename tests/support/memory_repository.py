"""A repository in memory, for tests that play thousands of moments: nobody else writes to it."""

from collections.abc import Mapping, Sequence

from release_kit.adapters import git_objects
from release_kit.values.commit import Change, Commit

WHO = "Tester <tester@example.com>"


class MemoryRepository:
    """Implements the port Repository; a commit's name is the one that git would give it."""

    def __init__(self) -> None:
        """Has no branch yet."""
        self.now = 0
        self._refs: dict[str, str] = {}
        self._commits: dict[str, tuple[Commit, Mapping[str, bytes]]] = {}
        self._notes: dict[str, Mapping[str, bytes]] = {}

    @property
    def url(self) -> str:
        """An address that nobody asks."""
        return "memory:"

    def fetch(self) -> None:
        """Has everything."""

    def ref(self, name: str) -> str:
        """See the port."""
        return self._refs.get(name, "")

    def heads(self) -> list[tuple[str, str]]:
        """Returns all refs."""
        return sorted(self._refs.items())

    def commit(self, sha: str) -> Commit:
        """See the port."""
        return self._commits[sha][0]

    def history(self, sha: str, limit: int) -> Sequence[Commit]:
        """See the port."""
        found: list[Commit] = []
        while sha and len(found) < limit:
            found.append(self.commit(sha))
            sha = next(iter(found[-1].parents), "")
        return found

    def files(self, sha: str, under: str = "") -> Mapping[str, bytes]:
        """See the port."""
        prefix = f"{under}/" if under else ""
        return {path: content for path, content in self._commits[sha][1].items() if path.startswith(prefix)}

    def file(self, sha: str, path: str) -> bytes | None:
        """See the port."""
        return self._commits[sha][1].get(path)

    def file_of_each(self, shas: Sequence[str], path: str) -> Mapping[str, bytes]:
        """See the port."""
        return {sha: self._commits[sha][1][path] for sha in shas if path in self._commits[sha][1]}

    def is_ancestor(self, older: str, newer: str) -> bool:
        """See the port."""
        return older in self._ancestors(newer)

    def merge_base(self, one: str, other: str) -> str:
        """See the port."""
        shared = {*self._ancestors(one)} & {*self._ancestors(other)}
        best = [sha for sha in shared if not any(sha != each and self.is_ancestor(sha, each) for each in shared)]
        return min(best, default="")

    def has_same_content(self, one: str, other: str) -> bool:
        """See the port."""
        return self._commits[one][1] == self._commits[other][1]

    def make_commit(self, files: Mapping[str, bytes], parents: Sequence[str], message: str) -> str:
        """See the port."""
        tree = git_objects.tree((path, git_objects.blob(content)) for path, content in files.items())
        sha = git_objects.commit(tree, parents, f"{WHO} {self.now} +0000", message)
        self._commits[sha] = (Commit(sha, tuple(parents), self.now, message, WHO), dict(files))
        return sha

    def add_files(self, files: Mapping[str, bytes], parent: str, message: str) -> str:
        """See the port."""
        before = self._commits[parent][1] if parent else {}
        return self.make_commit({**before, **files}, [parent] if parent else [], message)

    def copy_commit(self, content: str, parents: Sequence[str], message: str) -> str:
        """See the port."""
        return self.make_commit(self._commits[content][1], parents, message)

    def note(self, ref: str, sha: str) -> bytes | None:
        """See the port."""
        return self._notes.get(self.ref(ref), {}).get(sha)

    def make_notes(self, ref: str, notes: Mapping[str, bytes]) -> str:
        """See the port."""
        merged = {**self._notes.get(self.ref(ref), {}), **notes}
        sha = self.make_commit(merged, [self.ref(ref)] if self.ref(ref) else [], "Notes")
        self._notes[sha] = merged
        return sha

    def diff(self, old: str, new: str) -> str:
        """Says whether anything differs."""
        return "" if self._commits[old][1] == self._commits[new][1] else "they differ"

    def push(self, changes: Sequence[Change]) -> bool:
        """See the port."""
        if any(self.ref(change.ref) != change.old for change in changes):
            return False
        self._refs |= {change.ref: change.new for change in changes}
        return True

    def _ancestors(self, sha: str) -> set[str]:
        found: set[str] = set()
        waiting = [sha]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting += self.commit(each).parents
        return found
