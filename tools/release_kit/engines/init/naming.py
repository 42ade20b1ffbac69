"""Which repository of the registry each image gets."""

import os.path
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from release_kit.engines.init.remote import Home
from release_kit.engines.init.targets import Push, Target
from release_kit.errors import InputError
from release_kit.values.reference import known_as, parse_registry

_SAYS_NOTHING = {"container", "docker", "image", "images", "img", "index", "manifest", "multiarch", "oci"}
"""Words of a target's name that any image's could have."""
_NO_LETTERS = re.compile(r"[^a-z0-9]+")


class Names(NamedTuple):
    """Where the release goes."""

    registry: str
    """Empty for the private registry on loopback."""
    images: Mapping[str, str]
    """The label of each image, and its repository."""
    charts: str
    """The repository of all charts."""
    elsewhere: tuple[Push, ...]
    """What pushes to another registry, or it is not known where to."""
    registries: tuple[str, ...] = ()
    """The registry, and the one that it would be if the user named none."""


def names(
    images: Sequence[Target], pushes: Iterable[Push], home: Home, registry: str = "", charts: Iterable[str] = ()
) -> Names:
    """Chooses the repositories: where an image is pushed to already, else one of its own name.

    Args:
        images: the images.
        pushes: what pushes them already.
        home: where the images go that nothing pushes already.
        registry: the one that the user names, instead of all others.
        charts: the names of the charts.

    Raises:
        InputError: two of them would be in one repository.
    """
    addresses = {push: _address(push) for push in pushes if push.image in {image.label for image in images}}
    known = {push: address for push, address in addresses.items() if address}
    common = _common(list(known.values()))
    below = {push: address for push, address in known.items() if _is_below(address, common)}
    if below:
        home = Home(common, "")
    folder = "/".join(filter(None, (home.folder, "charts")))
    of_charts = {f"{folder}/{chart}": chart for chart in charts}
    taken = _taken(below, common, of_charts)
    free = [image for image in images if image.label not in taken]
    chosen = taken | _own(free, home.folder, {*taken.values(), *of_charts})
    elsewhere = tuple(push for push, address in addresses.items() if not _is_below(address, common))
    registries = tuple(filter(None, dict.fromkeys((registry, home.registry))))
    return Names(registry or home.registry, dict(sorted(chosen.items())), folder, elsewhere, registries)


def _taken(below: Mapping[Push, str], registry: str, charts: Mapping[str, str]) -> dict[str, str]:
    """Returns the repository of each image that is pushed to one already."""
    taken: dict[str, str] = {}
    for push, address in sorted(below.items()):
        taken.setdefault(push.image, address[len(registry) + 1 :])
    owners: dict[str, str] = {}
    for image, repository in taken.items():
        other = f"the chart {charts[repository]}" if repository in charts else owners.setdefault(repository, image)
        if other != image:
            raise InputError(
                f"{image}: is pushed to {registry}/{repository}, where {other} goes, too: they would share its tags",
                "give each image a repository of its own, in the targets that push them; then run it again",
            )
    return taken


def component(text: str) -> str:
    """Returns a text as a part of a repository's name; empty where nothing of it may be in one."""
    return _NO_LETTERS.sub("-", text.lower()).strip("-")


def _address(push: Push) -> str:
    """Returns HOST/REPOSITORY, where it is legal and has both."""
    try:
        found = parse_registry(push.address, push.label)
    except InputError:
        return ""
    host = known_as(found.host)
    is_host = "." in host or ":" in host or host == "localhost"
    return f"{host}/{found.prefix}" if found.prefix and is_host else ""


def _common(addresses: Sequence[str]) -> str:
    """Returns the longest `HOST[/PREFIX]` that is above all addresses at the host that has most of them."""
    if not addresses:
        return ""
    host = Counter(address.partition("/")[0] for address in addresses).most_common(1)[0][0]
    return os.path.commonpath([each.rpartition("/")[0] for each in addresses if each.startswith(f"{host}/")])


def _is_below(address: str, registry: str) -> bool:
    return bool(registry) and address.startswith(f"{registry}/")


def _own(images: Sequence[Target], folder: str, taken: set[str]) -> dict[str, str]:
    """Returns a repository for each image: the shortest of its names that no other has."""
    chosen: dict[str, str] = {}
    left = list(images)
    for shown in (_short, _long, _whole):
        wanted = {image.label: _below(folder, shown(image) or "image") for image in left}
        times = Counter(wanted.values())
        good = {label: name for label, name in wanted.items() if times[name] == 1 and name not in taken}
        chosen |= good
        taken |= {*good.values()}
        left = [image for image in left if image.label not in good]
    if left:
        labels = ", ".join(image.label for image in left)
        raise InputError(f"{labels}: no repository of the registry can be told from these names", "rename them")
    return chosen


def _below(folder: str, name: str) -> str:
    return name if name == folder or not folder else f"{folder}/{name}"


def _short(image: Target) -> str:
    """Returns the word that tells the image from others: its target's name, or its package's."""
    words = [word for word in component(image.name).split("-") if word not in _SAYS_NOTHING]
    return "-".join(words) or component(image.package.rpartition("/")[2])


def _long(image: Target) -> str:
    return "/".join(filter(None, (*map(component, image.package.split("/")), _short(image))))


def _whole(image: Target) -> str:
    return "/".join(filter(None, map(component, (*image.package.split("/"), image.name))))
