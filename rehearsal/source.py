"""The repository that releases are made in: the sample's files in a bare repository, and a developer's clone of it."""

import shutil
from pathlib import Path

from rehearsal.git_server import git, refs

FILES = ("VERSION", "CHANGELOG.md", "workspace_status.sh")
CHART = "helm/shop"
HOOK = "hooks/pre-receive"
_UNRELEASED = "## Unreleased\n"


class Source:
    """The bare repository `origin.git`, and `clone`, in which people work."""

    def __init__(self, folder: Path, sample: Path) -> None:
        """Puts the sample into a first commit, and pushes it.

        Args:
            folder: where both are made.
            sample: the root of this repository's files.
        """
        self.origin, self.clone, self._folder = folder / "origin.git", folder / "clone", folder
        self.origin.mkdir(parents=True)
        git(self.origin, "init", "--quiet", "--bare", "--initial-branch=main", ".")
        git(folder, "clone", "--quiet", str(self.origin), "clone")
        for name in FILES:
            shutil.copy(sample / name, self.clone / name)
        shutil.copytree(sample / CHART, self.clone / CHART, ignore=shutil.ignore_patterns("chart", "chart.*", "BUILD*"))
        self._commit("Begin")

    @property
    def version(self) -> str:
        """What the file VERSION of the clone says."""
        return (self.clone / "VERSION").read_text().strip()

    def change(self, what: str) -> None:
        """Makes a change that is worth a release, and pushes it."""
        changelog = self.clone / "CHANGELOG.md"
        before, heading, after = changelog.read_text().partition(_UNRELEASED)
        begun = f"{before}{heading}" if heading else "# Changelog\n\n" + _UNRELEASED
        rest = after if heading else before.removeprefix("# Changelog\n")
        changelog.write_text(f"{begun}\n- {what}\n{rest}")
        self._commit(what)

    def checkout(self, tag: str) -> Path:
        """Makes a fresh clone at a tag, as a build has it."""
        place = self._folder / f"build-{tag}"
        shutil.rmtree(place, ignore_errors=True)
        git(self._folder, "clone", "--quiet", "--branch", tag, str(self.origin), place.name)
        return place

    def refs(self) -> dict[str, str]:
        """Returns what has been pushed: branches and tags."""
        return refs(self.origin)

    def tags(self) -> dict[str, str]:
        """Returns the tags that have been pushed, and the commits that they are of."""
        form = "--format=%(refname:strip=2) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)"
        lines = git(self.origin, "for-each-ref", form, "refs/tags").splitlines()
        return {name: commit for name, _, commit in (line.partition(" ") for line in lines)}

    def _commit(self, message: str) -> None:
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "--quiet", "--message", message)
        git(self.clone, "push", "--quiet", "origin", "HEAD:main")
