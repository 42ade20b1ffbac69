"""Manifests and tags (distribution-spec, end-3, end-7, end-8, end-12)."""

import json
import re

from tests.support.fault_registry.content import digest_of, is_digest
from tests.support.fault_registry.exchange import Exchange
from tests.support.fault_registry.manifest import OCI_INDEX, Manifest, parse
from tests.support.fault_registry.messages import Answer, refuse
from tests.support.fault_registry.routes import TAG


def get(exchange: Exchange) -> Answer:
    """Answers GET and HEAD of a manifest."""
    digest = _resolve(exchange)
    manifest = exchange.store.manifest(exchange.repository, digest)
    hidden, _ = exchange.store.lagging(exchange.repository, digest)
    if manifest is None or hidden or not _accepts(exchange, manifest):
        raise refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")
    return Answer(200, [("Content-Type", manifest.media_type), ("Docker-Content-Digest", digest)], manifest.content)


def put(exchange: Exchange) -> Answer:
    """Answers PUT of a manifest: by tag, by digest, or by digest with tags."""
    content = exchange.request.body.read(exchange.options.manifest_max)
    if content is None:
        raise refuse(413, "SIZE_INVALID", f"no manifest over {exchange.options.manifest_max} bytes")
    digest, tags = _target(exchange, content)
    manifest = parse(content, exchange.request.header("Content-Type"))
    with exchange.store.lock:
        _check_references(exchange, manifest)
        _check_tags(exchange, tags, digest)
        exchange.store.put_manifest(exchange.repository, digest, manifest)
        for tag in tags:
            exchange.store.put_tag(exchange.repository, tag, digest)
    return _created(exchange, digest, manifest, tags)


def tags(exchange: Exchange) -> Answer:
    """Answers the list of tags, in lexical order, also in pages (`n`, `last`)."""
    with exchange.store.lock:
        if exchange.repository not in exchange.store.repositories:
            raise refuse(404, "NAME_UNKNOWN", "repository name not known to registry")
        names = sorted(exchange.store.repositories[exchange.repository].tags)
    last, limit = exchange.request.parameter("last"), exchange.request.parameter("n") or ""
    names = [name for name in names if last is None or name > last]
    page = names[: int(limit)] if limit.isdigit() else names
    headers = [("Content-Type", "application/json")]
    if page and len(page) < len(names):
        headers.append(("Link", f'</v2/{exchange.repository}/tags/list?n={limit}&last={page[-1]}>; rel="next"'))
    return Answer(200, headers, json.dumps({"name": exchange.repository, "tags": page}).encode())


def referrers(exchange: Exchange) -> Answer:
    """Answers the manifests whose subject is the named digest (end-12a, end-12b)."""
    if not exchange.options.referrers:
        raise refuse(404, "UNSUPPORTED", "no referrers API here")
    if not is_digest(exchange.reference):
        raise refuse(400, "DIGEST_INVALID")
    wanted = exchange.request.parameter("artifactType")
    headers = [("Content-Type", OCI_INDEX), *([("OCI-Filters-Applied", "artifactType")] if wanted else [])]
    with exchange.store.lock:
        stored = exchange.store.repositories.get(exchange.repository)
        found = [item for item in stored.manifests.items() if item[1].subject == exchange.reference] if stored else []
    listed = [_descriptor(*item) for item in found if wanted in (None, item[1].artifact_type)]
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed}
    return Answer(200, headers, json.dumps(document).encode())


def _descriptor(digest: str, manifest: Manifest) -> dict[str, object]:
    known = {"mediaType": manifest.media_type, "digest": digest, "size": len(manifest.content)}
    more = {"artifactType": manifest.artifact_type, "annotations": dict(manifest.annotations)}
    return known | {name: value for name, value in more.items() if value}


def _resolve(exchange: Exchange) -> str:
    reference = exchange.reference
    if ":" in reference:
        if not is_digest(reference):
            raise refuse(400, "DIGEST_INVALID")
        return reference
    hidden, former = exchange.store.lagging(exchange.repository, reference)
    digest = former if hidden else exchange.store.tag(exchange.repository, reference)
    if digest is None:
        raise refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")
    return digest


def _accepts(exchange: Exchange, manifest: Manifest) -> bool:
    accept = exchange.request.header("Accept")
    types = {part.partition(";")[0].strip() for part in accept.split(",")}
    return not (exchange.options.accept and accept) or bool(types & {manifest.media_type, "*/*", "application/*"})


def _target(exchange: Exchange, content: bytes) -> tuple[str, list[str]]:
    """Returns the digest to store a manifest under, and the tags that are to point at it."""
    reference, tags = exchange.reference, []
    named = exchange.request.parameter("digest") if exchange.options.digest_parameter else None
    if is_digest(reference):
        named, tags = reference, exchange.request.parameters("tag")[: exchange.options.tags_per_put]
    elif TAG.fullmatch(reference):
        tags = [reference]
    if not (tags or named) or not all(map(TAG.fullmatch, tags)) or (named and not is_digest(named)):
        raise refuse(400, "MANIFEST_INVALID", f"neither a tag nor a digest: {reference!r}")
    digest = digest_of(content, named.partition(":")[0] if named else "sha256")
    if named and named != digest:
        raise refuse(400, "DIGEST_INVALID", f"the content has the digest {digest}, {named} was named")
    return digest, tags


def _check_references(exchange: Exchange, manifest: Manifest) -> None:
    if not exchange.options.references:
        return
    for reference in (*manifest.blobs, *manifest.children):
        size = exchange.store.size(exchange.repository, reference.digest)
        if size is None:
            raise refuse(404, "MANIFEST_BLOB_UNKNOWN", f"not in this repository: {reference.digest}")
        if size != reference.size:
            raise refuse(400, "SIZE_INVALID", f"{reference.digest} has {size} bytes, not {reference.size}")


def _check_tags(exchange: Exchange, tags: list[str], digest: str) -> None:
    options = exchange.options
    for tag in tags:
        found = exchange.store.tag(exchange.repository, tag)
        refused = found is not None and (
            options.immutable == "any" or (options.immutable, found) != ("different", digest)
        )
        if refused and options.immutable != "no" and re.fullmatch(options.immutable_tags, tag):
            raise refuse(
                options.immutable_status, "TAG_INVALID", f"the tag {tag} exists already and can't be overwritten"
            )


def _created(exchange: Exchange, digest: str, manifest: Manifest, tags: list[str]) -> Answer:
    location = exchange.location(f"/v2/{exchange.repository}/manifests/{digest}")
    headers = [("Location", location), ("Docker-Content-Digest", digest)]
    if manifest.subject and exchange.options.referrers:
        headers.append(("OCI-Subject", manifest.subject))
    if is_digest(exchange.reference):
        headers += [("OCI-Tag", tag) for tag in tags]
    return Answer(201, headers)
