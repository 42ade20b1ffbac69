"""Releases on GitHub (docs.github.com/rest/releases/releases and assets, rest/git/refs and tags)."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote

from release_kit.adapters.github.api import MAX_PAGES, PER_PAGE, Content, GitHubApi, field, repository_path
from release_kit.documents.pipeline import Pipeline
from release_kit.errors import ReleaseError
from release_kit.values import digest as digests
from release_kit.values.github_release import Asset, HostedRelease, NewAsset, WantedRelease
from release_kit.values.web_address import is_web_address

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MAX_TAGS_OF_TAGS = 5
"""How many tags may point at each other."""
_MAX_LISTED = MAX_PAGES * PER_PAGE
"""Among how many releases a draft is looked for."""


class GitHubReleases:
    """Implements the port Releases."""

    def __init__(self, pipeline: Pipeline, api: GitHubApi) -> None:
        """Asks nothing yet.

        Args:
            pipeline: names the repository.
            api: of its server.
        """
        self._releases = repository_path(pipeline.owner, pipeline.name, "releases")
        self._git = repository_path(pipeline.owner, pipeline.name, "git")
        self._api = api

    def commit_of(self, tag: str) -> str:
        """See the port."""
        found = self._api.find(f"{self._git}/ref/{quote(f'tags/{tag}', safe='')}")
        for _ in range(_MAX_TAGS_OF_TAGS):
            sha = _sha(found) if found is not None else ""
            if not sha or field(found, "object", "type") != "tag":
                return sha
            found = self._api.find(f"{self._git}/tags/{quote(sha, safe='')}")
        raise ReleaseError(f"{self._api.host}: the tag {tag} is of a tag of a tag, and so on")

    def find(self, tag: str) -> Sequence[HostedRelease]:
        """See the port; drafts are found by a token that may write."""
        published = self._api.find(f"{self._releases}/tags/{quote(tag, safe='')}")
        listed = islice(self._api.pages(self._releases), _MAX_LISTED)
        drafts = [each for each in listed if field(each, "draft") is True and field(each, "tag_name") == tag]
        found = [_release(each) for each in (published, *drafts) if each is not None]
        return sorted(found, key=lambda each: (each.is_draft, each.id))

    def latest(self) -> str:
        """See the port."""
        found = self._api.find(f"{self._releases}/latest")
        return "" if found is None else _text(found, "tag_name")

    def draft(self, wanted: WantedRelease) -> HostedRelease:
        """See the port."""
        # No target_commitish: the tag is there, and the token of a job may not name a commit that changes workflows.
        body = {"tag_name": wanted.tag, "name": wanted.title, "body": wanted.notes}
        more = {"draft": True, "prerelease": wanted.is_prerelease}
        return _release(self._api.call("POST", self._releases, 201, {**body, **more}))

    def attach(self, release: HostedRelease, asset: NewAsset) -> Asset:
        """See the port."""
        url = f"{release.upload_url}?name={quote(asset.name, safe='')}"
        content = Content(asset.content, asset.media_type)
        made = self._api.call("POST", url, 201, content, unless=(422, "Validation Failed"))
        if made is None:  # It is there: an earlier answer was lost, or somebody else was faster.
            there = self._api.pages(f"{self._releases}/{release.id}/assets")
            made = next((each for each in there if field(each, "name") == asset.name), None)
        return _asset(made)

    def detach(self, asset: Asset) -> None:
        """See the port."""
        self._api.call("DELETE", f"{self._releases}/assets/{asset.id}", 204, unless=(404, ""))

    def publish(self, release: HostedRelease, wanted: WantedRelease) -> HostedRelease:
        """See the port."""
        latest = "true" if wanted.is_latest else "false"
        body = {"draft": False, "prerelease": wanted.is_prerelease, "make_latest": latest}
        body |= {"body": wanted.notes} if wanted.replaces_notes else {}
        return _release(self._api.call("PATCH", f"{self._releases}/{release.id}", 200, body))

    def discard(self, release: HostedRelease) -> None:
        """See the port."""
        self._api.call("DELETE", f"{self._releases}/{release.id}", 204, unless=(404, ""))


def _release(answer: Any) -> HostedRelease:
    url = _text(answer, "html_url")
    if not is_web_address(url):
        raise ReleaseError("GitHub answered with a release that makes no sense: its page has no address")
    assets = field(answer, "assets")
    return HostedRelease(
        id=_number(answer, "id"),
        url=url,
        upload_url=_text(answer, "upload_url").partition("{")[0],
        is_draft=field(answer, "draft") is True,
        is_immutable=field(answer, "immutable") is True,
        title=str(field(answer, "name") or ""),
        notes=str(field(answer, "body") or ""),
        assets=tuple(map(_asset, assets)) if isinstance(assets, list) else (),
    )


def _asset(answer: Any) -> Asset:
    digest = field(answer, "digest")
    known = isinstance(digest, str) and digests.is_digest(digest)
    is_whole = field(answer, "state") == "uploaded"
    return Asset(_number(answer, "id"), _text(answer, "name"), str(digest) if known else "", is_whole)


def _sha(answer: Any) -> str:
    sha = _text(answer, "object", "sha")
    if not _SHA.fullmatch(sha):
        raise ReleaseError("GitHub answered with a tag that makes no sense: what it points at is no sha")
    return sha


def _text(answer: Any, *path: str) -> str:
    found = field(answer, *path)
    if not isinstance(found, str):
        raise ReleaseError(f"GitHub answered with a release that makes no sense: no text at {'.'.join(path)}")
    return found


def _number(answer: Any, *path: str) -> int:
    found = field(answer, *path)
    if not isinstance(found, int) or isinstance(found, bool):
        raise ReleaseError(f"GitHub answered with a release that makes no sense: no number at {'.'.join(path)}")
    return found
