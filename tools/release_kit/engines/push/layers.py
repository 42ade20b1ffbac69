"""The layers that are not here: brought from the build's remote cache where the registry lacks them. Writes nothing."""

from collections.abc import Iterable, Sequence

from release_kit.documents.release_set import EAGER
from release_kit.engines.parallel import Workers
from release_kit.engines.push.plan import Action, BlobNeed, BlobPlan, Plan
from release_kit.errors import InputError, ReleaseError
from release_kit.ports import Narrator, Registry, RemoteCache
from release_kit.values.image import Blob

SHOWN = 20
_NAME_IT = f"name the build's remote cache with --remote-cache, or run the same with {EAGER}"
_BUILD_AGAIN = f"run the same with {EAGER}, or build with --remote_download_all: both make again what is lost"


def brought(plan: Plan, registry: Registry, workers: Workers, narrator: Narrator) -> list[BlobNeed]:
    """Brings the layers that no repository of the plan has, and returns all that is needed with their files.

    A layer that some repository has is left where it is, and is to be mounted from there.

    Raises:
        InputError: a layer is needed, and no remote cache is named.
        ReleaseError: the cache does not have it, can't be asked, or gives something else.
    """
    needs = plan.needs()
    remote = [need for need in needs if need.blob.remote]
    if not remote:
        return needs
    homes = _homes(plan, remote, registry, workers)
    lacking = [need for need in remote if need.blob.digest not in homes]
    files = _fetched(plan, lacking, workers, narrator) if lacking else {}
    return [_settled(need, files, homes) for need in needs]


def check_cache(plan: Plan, blobs: Iterable[BlobPlan], workers: Workers) -> None:
    """Makes sure, for a plan that is shown, that the cache has the layers that would travel.

    Raises:
        InputError: no remote cache is named.
        ReleaseError: the cache does not have them, or can't be asked.
    """
    wanted = {blob.blob.digest for blob in blobs if blob.blob.remote and blob.action is Action.CREATE}
    lacking = [need for need in plan.needs() if need.blob.digest in wanted]
    if lacking:
        cache = _cache(plan, lacking)
        there = workers.each(lambda need: cache.has(need.blob), lacking)
        _check_complete([need for need, has in zip(lacking, there, strict=True) if not has], cache)


def fetched(plan: Plan, need: BlobNeed) -> Blob:
    """Brings one layer, which the registry does not mount after all.

    Raises:
        ReleaseError: as `brought`.
    """
    cache = _cache(plan, [need])
    blob = _fetch(cache, need)
    if blob is None:
        raise ReleaseError(_missing([need], cache), _BUILD_AGAIN)
    return blob


def _homes(plan: Plan, needs: Sequence[BlobNeed], registry: Registry, workers: Workers) -> dict[str, str]:
    """Returns a repository for each layer that one has.

    Repositories that were empty are asked only about what they would get first, which a push that was killed may have
    brought there.
    """
    new = {planned.item.repository for planned in plan.items if planned.new}
    homes = {need.blob.digest: need.home for need in needs if need.home}
    sizes = {need.blob.digest: need.blob.size for need in needs}

    def look(link: tuple[str, str]) -> None:
        digest, repository = link
        if digest not in homes and registry.has_blob(repository, digest, sizes[digest]):
            homes[digest] = repository

    unknown = [need for need in needs if not need.home]
    workers.each(look, [(need.blob.digest, need.items[0].repository) for need in unknown])
    others = [(need.blob.digest, item.repository) for need in unknown for item in need.items[1:]]
    workers.each(look, [link for link in others if link[1] not in new and link[0] not in homes])
    return homes


def _settled(need: BlobNeed, files: dict[str, Blob], homes: dict[str, str]) -> BlobNeed:
    digest = need.blob.digest
    return need._replace(blob=files.get(digest, need.blob), home=need.home or homes.get(digest))


def _fetched(plan: Plan, needs: Sequence[BlobNeed], workers: Workers, narrator: Narrator) -> dict[str, Blob]:
    cache = _cache(plan, needs)
    size = sum(need.blob.size for need in needs)
    narrator.step(f"layers: {len(needs)} of {_megabytes(size)} from the remote cache {cache.place}")
    cache.make_room(size)
    blobs = workers.each(lambda need: _fetch(cache, need), needs)
    _check_complete([need for need, blob in zip(needs, blobs, strict=True) if blob is None], cache)
    return {blob.digest: blob for blob in blobs if blob}


def _cache(plan: Plan, needs: Sequence[BlobNeed]) -> RemoteCache:
    cache = plan.release.remote_cache
    if cache is None:
        what = "not here, and not in the registry, and no remote cache is named"
        raise InputError(f"{_count(needs)} {what}:{_list(needs)}", _NAME_IT)
    return cache


def _fetch(cache: RemoteCache, need: BlobNeed) -> Blob | None:
    try:
        return cache.fetch(need.blob)
    except ReleaseError as error:
        raise type(error)(f"image {need.items[0].name}: {error.message}", error.remedy) from error


def _check_complete(missing: Sequence[BlobNeed], cache: RemoteCache) -> None:
    if missing:
        raise ReleaseError(f"nothing was written: {_missing(missing, cache)}", _BUILD_AGAIN)


def _missing(needs: Sequence[BlobNeed], cache: RemoteCache) -> str:
    what = "neither in the registry nor in the remote cache"
    return f"{_count(needs)} {what} {cache.place}:{_list(needs)}"


def _count(needs: Sequence[BlobNeed]) -> str:
    return f"{len(needs)} layers" if len(needs) > 1 else "1 layer"


def _list(needs: Sequence[BlobNeed]) -> str:
    lines = [
        f"\n  image {need.items[0].name}: {need.blob.digest} of {_megabytes(need.blob.size)}" for need in needs[:SHOWN]
    ]
    more = len(needs) - SHOWN
    return "".join(lines) + (f"\n  and {more} more" if more > 0 else "")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
