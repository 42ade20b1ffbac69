"""The runfiles library of rules_python, for what Bazel 7 does on Linux."""

# The names are those of the real library.
# ruff: noqa: N802

import inspect
import os
import posixpath
from pathlib import Path


class Runfiles:
    """Finds files by their path below the runfiles root, through a manifest or in a directory."""

    def __init__(self, directory: str | None, manifest: str | None) -> None:
        self._manifest_path = manifest
        self._entries = _read_manifest(manifest) if manifest else {}
        self._directory = directory or (manifest or "").removesuffix("_manifest").removesuffix("/MANIFEST")
        self._mapping = _read_mapping(self._find("_repo_mapping"))

    @staticmethod
    def Create(env: dict[str, str] | None = None) -> "Runfiles | None":
        """Returns the runfiles that the environment names, or None where it names none."""
        env = dict(os.environ) if env is None else env
        manifest = env.get("RUNFILES_MANIFEST_FILE") or None
        directory = env.get("RUNFILES_DIR") or None
        return Runfiles(None if manifest else directory, manifest) if manifest or directory else None

    def Rlocation(self, path: str, source_repo: str | None = None) -> str | None:
        """Returns where `path` ("repository/package/file") is; the repository's name is as `source_repo` sees it."""
        if not path or path.startswith(("../", "./", "/")) or "/.." in path or "//" in path:
            raise ValueError(f"a runfiles path must be relative and normalised, found {path!r}")
        if source_repo is None and self._mapping:
            source_repo = self.CurrentRepository(frame=2)
        repository, slash, rest = path.partition("/")
        return self._find(self._mapping.get((source_repo or "", repository), repository) + slash + rest)

    def EnvVars(self) -> dict[str, str]:
        """Returns what a child process needs in its environment to find the same files."""
        manifest = {"RUNFILES_MANIFEST_FILE": self._manifest_path} if self._manifest_path else {}
        return manifest | {"RUNFILES_DIR": self._directory, "JAVA_RUNFILES": self._directory}

    def CurrentRepository(self, frame: int = 1) -> str:
        """Returns the canonical name of the repository of the calling file; "" is the main one."""
        caller = os.path.abspath(inspect.stack()[frame].filename)
        _, found, rest = caller.rpartition(".runfiles/")
        repository = rest.split("/")[0]
        return repository if found and repository != "_main" else ""

    def _find(self, path: str) -> str | None:
        if not self._manifest_path:
            return posixpath.join(self._directory, path)
        if path in self._entries:
            return self._entries[path]
        folder, slash, _ = path.rpartition("/")
        while slash:
            if folder in self._entries:
                return self._entries[folder] + path[len(folder) :]
            folder, slash, _ = folder.rpartition("/")
        return None


def Create(env: dict[str, str] | None = None) -> Runfiles | None:
    """Returns the runfiles that the environment names, or None where it names none."""
    return Runfiles.Create(env)


def CreateManifestBased(manifest_path: str) -> Runfiles:
    """Returns the runfiles of a manifest."""
    return Runfiles(None, manifest_path)


def CreateDirectoryBased(runfiles_dir_path: str) -> Runfiles:
    """Returns the runfiles in a directory."""
    return Runfiles(runfiles_dir_path, None)


def _read_manifest(path: str) -> dict[str, str]:
    with Path(path).open(encoding="utf-8") as stream:
        pairs = [line.rstrip("\n").partition(" ") for line in stream]
    return {name: target or name for name, _, target in pairs}


def _read_mapping(path: str | None) -> dict[tuple[str, str], str]:
    if path is None or not Path(path).exists():
        return {}
    with Path(path).open(encoding="utf-8") as stream:
        rows = [line.strip().split(",") for line in stream]
    return {(source, apparent): target for source, apparent, target in rows}
