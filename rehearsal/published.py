"""What anybody can see from outside: branches, what answers where, tags, releases. Nothing of it is known otherwise."""

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any, NamedTuple

from rehearsal.git_server import refs
from rehearsal.world import DEPLOY, SOURCE, World


class Published(NamedTuple):
    """All of it at one moment."""

    active: dict[str, str]
    """The commit of each environment's branch."""
    answers: dict[str, str]
    """The version that answers at each environment's address; empty where none does."""
    source: dict[str, str]
    """Branches and tags of the source repository."""
    tags: dict[str, dict[str, str]]
    """Of each repository of the registry: tags and their digests."""
    releases: dict[str, list[str]]
    """GitHub's releases that everybody sees: their tags, and the names of their files."""


def look(world: World) -> Published:
    """Looks at everything."""
    deployed = refs(world.folder / "deploy/shop-deploy.git")
    return Published(
        {name: deployed[f"refs/heads/environment/{name}"] for name in world.names},
        {name: version(world.url(name)) for name in world.names},
        world.source.refs(),
        tags(world.registry.host),
        releases(world),
    )


def version(url: str) -> str:
    """Returns the version that a deployment says of itself; empty where it says none."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=30) as answer:
            return str(json.load(answer)["version"])
    except urllib.error.HTTPError as error:
        error.close()
        return ""
    except ConnectionError:
        return ""


def tags(host: str) -> dict[str, dict[str, str]]:
    """Returns all tags of a registry."""
    names = _get(f"http://{host}/v2/_catalog")["repositories"]
    return {name: {tag: _digest(host, name, tag) for tag in _tags(host, name)} for name in names}


def releases(world: World) -> dict[str, list[str]]:
    """Returns the releases at GitHub that are no drafts, and the names of their files."""
    return {each["tag_name"]: sorted(each["contents"]) for each in world.github.releases.published(SOURCE)}


def statuses(world: World, commit: str) -> dict[str, str]:
    """Returns the newest commit statuses of a commit of the deploy repository, by name."""
    headers = {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "Authorization": f"Bearer {world.github_secret['GITHUB_TOKEN']}",
        "User-Agent": "rehearsal",
    }
    url = f"http://{world.github.host}/api/v3/repos/{DEPLOY}/commits/{commit}/status"
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
        return {each["context"]: each["state"] for each in json.load(answer)["statuses"]}


def history(world: World, environment: str) -> list[str]:
    """Returns the versions that an environment's branch has ever held, newest first; from the repository alone."""
    repository, branch = world.folder / "deploy/shop-deploy.git", f"environment/{environment}"
    listed = _git(repository, "rev-list", branch).split()
    found = (_git(repository, "show", f"{commit}:release-record.json") for commit in listed)
    return [json.loads(text)["version"] for text in found if text]


def differences(stage: str, before: Published, after: Published, released: str) -> Iterator[str]:
    """Tells what is not as it was before a stage that failed, and what is half visible.

    Args:
        stage: its name.
        before: the stage.
        after: it.
        released: the version that was on its way.
    """
    for name in before.active:
        if before.active[name] != after.active[name]:
            yield f"environment/{name} was at {before.active[name][:12]}, and is at {after.active[name][:12]}"
        if before.answers[name] != after.answers[name]:
            yield f"{name} answered {before.answers[name] or 'nothing'}, and answers {after.answers[name] or 'nothing'}"
    if stage == "cut" and before.source != after.source:
        yield "something was pushed to the source repository"
    if before.releases != after.releases:
        yield f"GitHub had the releases {[*before.releases]}, and has {[*after.releases]}"
    for name, found in after.tags.items():
        if found.get("latest") != before.tags.get(name, {}).get("latest"):
            yield f"latest of {name} has moved"
    yield from half_visible(after, released)


def half_visible(seen: Published, released: str) -> Iterator[str]:
    """Tells what can be seen of a release that is not all there."""
    images = [name for name in seen.tags if "/charts/" not in name and not name.endswith("/release")]
    missing = [name for name in images if f"v{released}" not in seen.tags[name]]
    for name, found in seen.tags.items():
        if released in found and "/charts/" in name and (missing or not images):
            yield f"the chart {name}:{released} is there, and the images {missing} are not"


def _tags(host: str, name: str) -> list[str]:
    try:
        return _get(f"http://{host}/v2/{name}/tags/list")["tags"] or []
    except urllib.error.HTTPError:
        # Distribution: the catalogue has repositories without any tag.
        return []


def _digest(host: str, name: str, tag: str) -> str:
    accepted = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"
    request = urllib.request.Request(
        f"http://{host}/v2/{name}/manifests/{tag}", None, {"Accept": accepted}, method="HEAD"
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(answer.headers["Docker-Content-Digest"])


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def _git(repository: Any, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=repository, capture_output=True, text=True, check=False)
    return done.stdout
