"""Releases with their files, and tags, as GitHub has them (docs.github.com/rest/releases, rest/git/refs and tags)."""

import hashlib
from collections.abc import Callable
from typing import Any

from rehearsal.github_routes import NOT_FOUND, UPLOADS, Answer, Request, Route, invalid
from rehearsal.github_shapes import Site, moment, user

_AT = "/repos/{owner}/{repo}/releases"
_FIELDS = {"tag_name": str, "target_commitish": str, "name": str, "body": str, "draft": bool, "prerelease": bool}
_WAYS = ("true", "false", "legacy")


class Releases:
    """The releases of all repositories."""

    def __init__(self, site: Callable[[], Site], clock: Callable[[], float]) -> None:
        """Has none; `site` says where the server is, `clock` how late it is."""
        self.all: list[dict[str, Any]] = []
        """Oldest first; each also has its `repository`, and the `contents` and `states` of its files by their names."""
        self.tags: dict[tuple[str, str], str] = {}
        """The commits that tags point at, by repository and name."""
        self.annotated: set[str] = set()
        """The names of tags that are objects of their own."""
        self.tells_digests = True
        """Whether it says what the digests of files are, as older servers do not."""
        self._latest: dict[str, int] = {}
        self._site, self._clock = site, clock
        self._ids = iter(range(1, 100_000))

    def routes(self) -> tuple[Route, ...]:
        """Returns what it answers."""
        return (
            Route("GET", _AT, self._list),
            Route("POST", _AT, self._create),
            Route("GET", f"{_AT}/latest", self._newest),
            Route("GET", f"{_AT}/tags/{{tag}}", self._by_tag),
            Route("PATCH", f"{_AT}/{{release_id}}", self._update),
            Route("DELETE", f"{_AT}/{{release_id}}", self._delete),
            Route("GET", f"{_AT}/{{release_id}}/assets", self._assets),
            Route("POST", f"{_AT}/{{release_id}}/assets", self._upload, UPLOADS),
            Route("DELETE", f"{_AT}/assets/{{asset_id}}", self._delete_asset),
            Route("GET", "/repos/{owner}/{repo}/git/ref/{ref}", self._ref),
            Route("GET", "/repos/{owner}/{repo}/git/tags/{tag_sha}", self._tag),
        )

    def add(self, repository: str, tag: str, contents: dict[str, bytes] | None = None, **fields: Any) -> dict[str, Any]:
        """Adds a release, as somebody else would."""
        number = next(self._ids)
        made = {"id": number, "repository": repository, "tag_name": tag, "name": None, "body": None, "draft": False}
        made |= {"prerelease": False, "target_commitish": "main", "contents": {}, "states": {}, "immutable": False}
        made |= {"contents": dict(contents or {})} | fields
        self.all.append(made)
        if not (made["draft"] or made["prerelease"]):
            self._latest[repository] = number
        return made

    def published(self, repository: str) -> list[dict[str, Any]]:
        """Returns the releases that everybody sees."""
        return [each for each in self.all if each["repository"] == repository and not each["draft"]]

    def latest(self, repository: str) -> str:
        """Returns the tag of the latest release; empty where there is none."""
        found = [each for each in self.published(repository) if not each["prerelease"]]
        chosen = [each for each in found if each["id"] == self._latest.get(repository)]
        return str((chosen or found[-1:] or [{"tag_name": ""}])[-1]["tag_name"])

    def _list(self, request: Request) -> Answer:
        request.asks_only("page", "per_page")
        found = [each for each in reversed(self.all) if each["repository"] == request.repository]
        return Answer(200, [self._shown(each) for each in request.page(found)])

    def _create(self, request: Request) -> Answer:
        asked = request.fields({"tag_name": str}, {**_FIELDS, "make_latest": str})
        if refused := self._refused(request, asked, 0):
            return refused
        made = self.add(request.repository, asked["tag_name"], draft=True)
        made["draft"] = False
        self._change(made, asked)
        return Answer(201, self._shown(made))

    def _update(self, request: Request) -> Answer:
        asked = request.fields({}, {**_FIELDS, "make_latest": str})
        found = self._one(request)
        if not found:
            return NOT_FOUND
        whole = {**found, **asked}
        if refused := self._refused(request, whole, found["id"]):
            return refused
        self._change(found, asked)
        return Answer(200, self._shown(found))

    def _refused(self, request: Request, asked: dict[str, Any], own: int) -> Answer | None:
        """Refuses a second published release of a tag; there may be any number of drafts."""
        others = [each for each in self.published(request.repository) if each["id"] != own]
        if not asked.get("draft") and any(each["tag_name"] == asked["tag_name"] for each in others):
            error = {"resource": "Release", "code": "already_exists", "field": "tag_name"}
            said = {"message": "Validation Failed", "errors": [error], "status": "422"}
            return Answer(422, {**said, "documentation_url": "https://docs.github.com/rest"})
        hidden = asked.get("draft") or asked.get("prerelease")
        if asked.get("make_latest", "legacy") not in _WAYS or (asked.get("make_latest") == "true" and hidden):
            return invalid("Release", "make_latest", "Drafts and prereleases cannot be set as latest")
        return None

    def _change(self, release: dict[str, Any], asked: dict[str, Any]) -> None:
        """Takes what is asked; a release that is to be seen gets its tag, if there is none."""
        way = asked.get("make_latest", "true" if not (release["draft"] or release["prerelease"]) else "false")
        release.update({key: value for key, value in asked.items() if key != "make_latest"})
        if release["draft"]:
            return
        self.tags.setdefault((release["repository"], release["tag_name"]), release["target_commitish"])
        if way == "true":
            self._latest[release["repository"]] = release["id"]

    def _delete(self, request: Request) -> Answer:
        found = self._one(request)
        if not found:
            return NOT_FOUND
        self.all.remove(found)
        return Answer(204)

    def _newest(self, request: Request) -> Answer:
        tag = self.latest(request.repository)
        return self._published_of(request, tag)

    def _by_tag(self, request: Request) -> Answer:
        return self._published_of(request, request.parts["tag"])

    def _published_of(self, request: Request, tag: str) -> Answer:
        found = [each for each in self.published(request.repository) if each["tag_name"] == tag]
        return Answer(200, self._shown(found[0])) if found else NOT_FOUND

    def _assets(self, request: Request) -> Answer:
        found = self._one(request)
        return Answer(200, request.page(self._shown(found)["assets"])) if found else NOT_FOUND

    def _upload(self, request: Request) -> Answer:
        name = request.asks_only("name", "label")["name"]
        found = self._one(request)
        if not found or found["immutable"]:
            return (
                NOT_FOUND
                if not found
                else invalid("Release", "assets", "Cannot upload assets to an immutable release.")
            )
        if name in found["contents"]:
            error = {"resource": "ReleaseAsset", "code": "already_exists", "field": "name"}
            said = {"message": "Validation Failed", "errors": [error], "status": "422"}
            return Answer(422, {**said, "documentation_url": "https://docs.github.com/rest"})
        found["contents"][name] = request.body
        return Answer(201, self._asset(found, name))

    def _delete_asset(self, request: Request) -> Answer:
        for release in self.all:
            for name in release["contents"]:
                if str(_asset_id(release, name)) == request.parts["asset_id"]:
                    del release["contents"][name]
                    release["states"].pop(name, None)
                    return Answer(204)
        return NOT_FOUND

    def _ref(self, request: Request) -> Answer:
        name = request.parts["ref"].removeprefix("tags/")
        commit = self.tags.get((request.repository, name))
        if not commit or name == request.parts["ref"]:
            return NOT_FOUND
        sha, kind = (_tag_sha(name), "tag") if name in self.annotated else (commit, "commit")
        url = f"{self._site().api}/repos/{request.repository}/git"
        pointed = {"type": kind, "sha": sha, "url": f"{url}/{kind}s/{sha}"}
        return Answer(
            200, {"ref": f"refs/tags/{name}", "node_id": "REF_1", "url": f"{url}/refs/tags/{name}", "object": pointed}
        )

    def _tag(self, request: Request) -> Answer:
        for name in self.annotated:
            commit = self.tags.get((request.repository, name))
            if commit and request.parts["tag_sha"] == _tag_sha(name):
                url = f"{self._site().api}/repos/{request.repository}/git"
                who = {"date": moment(self._clock()), "email": "jo@example.com", "name": "Jo Doe"}
                found = {"node_id": "T_1", "sha": _tag_sha(name), "tag": name, "url": f"{url}/tags/{_tag_sha(name)}"}
                pointed = {"type": "commit", "sha": commit, "url": f"{url}/commits/{commit}"}
                return Answer(200, {**found, "message": f"Release {name}", "tagger": who, "object": pointed})
        return NOT_FOUND

    def _one(self, request: Request) -> dict[str, Any] | None:
        number = request.parts["release_id"]
        found = [each for each in self.all if (each["repository"], str(each["id"])) == (request.repository, number)]
        return found[0] if found else None

    def _shown(self, release: dict[str, Any]) -> dict[str, Any]:
        site, tag, when = self._site(), release["tag_name"], moment(self._clock())
        api, web = f"{site.api}/repos/{release['repository']}", f"{site.web}/{release['repository']}"
        url, own = f"{api}/releases/{release['id']}", {"repository", "contents", "states"}
        found = {key: value for key, value in release.items() if key not in own}
        found |= {"url": url, "assets_url": f"{url}/assets", "author": user(site), "node_id": f"RE_{release['id']}"}
        found |= {"upload_url": f"{site.uploads}{url.removeprefix(site.api)}/assets{{?name,label}}"}
        found |= {"html_url": f"{web}/releases/tag/{'untagged-1' if release['draft'] else tag}"}
        found |= {"tarball_url": f"{api}/tarball/{tag}", "zipball_url": f"{api}/zipball/{tag}"}
        found |= {"created_at": when, "published_at": None if release["draft"] else when}
        return found | {"assets": [self._asset(release, name) for name in release["contents"]]}

    def _asset(self, release: dict[str, Any], name: str) -> dict[str, Any]:
        site, content, when = self._site(), release["contents"][name], moment(self._clock())
        number = _asset_id(release, name)
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}" if self.tells_digests else None
        found = {"id": number, "node_id": f"RA_{number}", "name": name, "label": "", "digest": digest}
        found |= {"state": release["states"].get(name, "uploaded"), "size": len(content), "uploader": user(site)}
        found |= {"content_type": "application/json", "download_count": 0, "created_at": when, "updated_at": when}
        found |= {"url": f"{site.api}/repos/{release['repository']}/releases/assets/{number}"}
        return found | {"browser_download_url": f"{site.web}/{release['repository']}/releases/download/x/{name}"}


def _asset_id(release: dict[str, Any], name: str) -> int:
    return int(release["id"]) * 100 + len(name)


def _tag_sha(name: str) -> str:
    return hashlib.sha1(f"tag {name}".encode(), usedforsecurity=False).hexdigest()
