"""The folder of a Bazel workspace: its files, its charts, and what git knows of it. All of it may be hostile."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from release_kit.adapters.user_git import Call, UserGit
from release_kit.errors import GitError, InputError

MAX_BYTES = 4 * 1024 * 1024
MAX_FOLDERS = 100_000
_MODULES = ("MODULE.bazel", "WORKSPACE", "WORKSPACE.bazel")


class Remote(NamedTuple):
    """A remote of git."""

    name: str
    """Empty for none."""
    address: str
    """It may hold a password."""
    problem: str
    """Why there is none; empty where there is one."""


class WorkspaceFolder:
    """Reads below one folder; no link leads out of it."""

    def __init__(self, root: Path) -> None:
        """Takes the workspace's root.

        Raises:
            InputError: it is no folder.
        """
        if not root.is_dir():
            raise InputError(f"{root}: expected the folder of a workspace, found none")
        self.root = root.resolve()

    def read(self, path: str) -> str | None:
        """Returns the text of a file; None where there is none.

        Raises:
            InputError: it is a link out of the workspace, has too many bytes, or is no UTF-8 text.
        """
        place = self.root / path
        try:
            found = place.resolve()
            if not place.is_symlink() and not place.exists():
                return None
            if not found.is_relative_to(self.root):
                raise InputError(f"{path}: is outside of the workspace, or a link out of it", "put a file in its place")
            if not found.is_file() or found.stat().st_size > MAX_BYTES:
                raise InputError(
                    f"{path}: expected a file of {MAX_BYTES} bytes at most", "put such a file in its place"
                )
            return found.read_bytes().decode()
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: is no UTF-8 text", "save it as UTF-8") from error
        except (OSError, RuntimeError, ValueError) as error:
            raise InputError(f"{path!r:.300}: can't be read: {getattr(error, 'strerror', error)}") from error

    def place(self, path: str) -> Path:
        """Returns where a file is written.

        Raises:
            InputError: it is a link, or behind one.
        """
        place = self.root / path
        if place.is_symlink() or place.parent.resolve() != place.parent or not place.is_relative_to(self.root):
            raise InputError(
                f"{path}: is a link, or behind one", "put a file in its place, or add by hand what it lacks"
            )
        return place

    def charts(self) -> Iterator[str]:
        """Yields the folders with a Chart.yaml, but those that are inside of one, or of another workspace.

        Raises:
            InputError: there are too many folders.
        """
        lines = map(str.strip, (self.read(".bazelignore") or "").splitlines())
        ignored = {os.path.normpath(line) for line in lines if line and not line.startswith("#")}
        for number, (folder, below, files) in enumerate(os.walk(self.root)):
            if number == MAX_FOLDERS:
                raise InputError(
                    f"{self.root}: has more than {MAX_FOLDERS} folders", "name those without targets in .bazelignore"
                )
            path = Path(folder).relative_to(self.root).as_posix()
            if number and (path in ignored or any(name in files for name in _MODULES)):
                below.clear()
            elif "Chart.yaml" in files:
                below.clear()
                yield "" if path == "." else path
            else:
                below[:] = sorted(
                    name for name in below if not name.startswith((".", "bazel-")) and name != "node_modules"
                )

    def enclosing(self, path: str) -> Iterator[tuple[str, str, str]]:
        """Yields the nearest package above a folder: its BUILD file, that one's text, and the folder as it sees it."""
        for above in Path(path).parents:
            for name in ("BUILD.bazel", "BUILD"):
                file = (above / name).as_posix()
                text = self.read(file)
                if text is not None:
                    yield file, text, Path(path).relative_to(above).as_posix()
                    return

    def remote(self) -> Remote:
        """Returns the repository's remote: origin, or the only one."""
        git = UserGit(self.root)
        try:
            names = git.read("remote").decode(errors="replace").split()
            if not names:
                return Remote("", "", "there is no git remote")
            name = "origin" if "origin" in names else names[0]
            if name != "origin" and len(names) > 1:
                return Remote("", "", f"there are several git remotes ({', '.join(names)}), and none is called origin")
            # As git uses it, with what `url.*.insteadOf` makes of it.
            address = git.read("remote", "get-url", "--", name).decode(errors="replace").strip()
        except (GitError, InputError):
            return Remote("", "", "git tells no remote: see `git remote --verbose`")
        return Remote(name, address, "")

    def unseen(self, paths: Iterable[str]) -> list[str]:
        """Returns the files that git does not see, as a .gitignore names them."""
        wanted = "".join(f"{path}\0" for path in paths).encode()
        try:
            done = UserGit(self.root).run(Call(("check-ignore", "-z", "--stdin"), wanted))
        except InputError:
            return []
        return [] if done.returncode else [path for path in done.stdout.decode().split("\0") if path]

    def released(self) -> str:
        """Returns the version of the last tag such as v1.2.3 before HEAD; empty where there is none."""
        try:
            tag = UserGit(self.root).read("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
        except (GitError, InputError):
            return ""
        text = tag.decode(errors="replace").strip().removeprefix("v")
        return text if re.fullmatch(r"[0-9A-Za-z.+-]{1,255}", text, re.ASCII) else ""
