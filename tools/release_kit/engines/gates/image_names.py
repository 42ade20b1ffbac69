"""Names of images in texts: repository, tag and digest, and whether they are ours."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from release_kit.documents.chart_gates import ChartGates

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST = r"(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?"
_NAME = re.compile(
    rf"(?P<repository>{_HOST}{_COMPONENT}(?:/{_COMPONENT})*)(?::(?P<tag>[\w][\w.-]{{0,127}}))?(?:@(?P<digest>[a-z0-9]+:[0-9a-f]{{32,}}))?"
)
_REST = r"(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>[a-z0-9]+:[0-9a-f]{32,}))?"


class ImageName(NamedTuple):
    """The name of an image, as it is written."""

    repository: str
    tag: str
    """Empty where there is none."""
    digest: str
    """Empty where there is none."""

    def __str__(self) -> str:
        """Returns the name as it was written."""
        return f"{self.repository}{self.tag and f':{self.tag}'}{self.digest and f'@{self.digest}'}"

    @property
    def full_repository(self) -> str:
        """The repository with its registry, which for a short name is that of Docker."""
        return full(self.repository)


def full(repository: str) -> str:
    """Returns a repository with its registry (distribution/reference, "familiar names")."""
    first, slash, _ = repository.partition("/")
    if not slash:
        return f"docker.io/library/{repository}"
    if "." in first or ":" in first or first == "localhost":
        return repository.replace("index.docker.io/", "docker.io/", 1)
    return f"docker.io/{repository}"


def parse(text: str) -> ImageName | None:
    """Returns the name that a text is; None where it is none."""
    found = _NAME.fullmatch(text.strip())
    return ImageName(found["repository"], found["tag"] or "", found["digest"] or "") if found else None


class ImageNames:
    """Knows which images are ours: those of the release set, and those below the prefixes of the document."""

    def __init__(self, config: ChartGates) -> None:
        """Takes repositories and prefixes from the document."""
        self._repositories = {full(repository) for repository in config.repositories}
        self._prefixes = tuple(prefix.rstrip("/") for prefix in config.first_party)
        names = [re.escape(repository) for repository in sorted(config.repositories, key=len, reverse=True)]
        names += [
            rf"{re.escape(prefix)}/{_COMPONENT}(?:/{_COMPONENT})*|{re.escape(prefix)}" for prefix in self._prefixes
        ]
        self._pattern = re.compile(rf"(?<![\w./-])(?P<repository>{'|'.join(names)})(?![\w/]){_REST}") if names else None

    def is_ours(self, name: ImageName) -> bool:
        """Tells whether an image is of the set or below one of the prefixes."""
        candidates = (name.repository, name.full_repository)
        return name.full_repository in self._repositories or any(
            f"{candidate}/".startswith(f"{prefix}/") for candidate in candidates for prefix in self._prefixes
        )

    def within(self, text: str) -> Iterator[ImageName]:
        """Yields our images in a text that have a tag or a digest."""
        if self._pattern is None:
            return
        for found in self._pattern.finditer(text):
            if found["tag"] or found["digest"]:
                yield ImageName(found["repository"], found["tag"] or "", found["digest"] or "")
