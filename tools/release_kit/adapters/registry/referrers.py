"""Lists of referrers kept under tags, for registries that keep none (distribution-spec 1.1, "Referrers Tag Schema")."""

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from release_kit.adapters.registry.auth import Scope
from release_kit.adapters.registry.messages import Response
from release_kit.adapters.registry.session import Session
from release_kit.adapters.registry.transport import Request
from release_kit.documents.fields import Fields
from release_kit.errors import InputError, RegistryError
from release_kit.values.image import INDEX_TYPES, MANIFEST_TYPES, Manifest, Referrer

MAX_LIST_BYTES = 4 * 1024 * 1024
_LIST_TYPE = "application/vnd.oci.image.index.v1+json"
_KIND = ("Content-Type", _LIST_TYPE)
_ACCEPT = ("Accept", ", ".join(sorted(INDEX_TYPES | MANIFEST_TYPES)))

Entry = dict[str, Any]
"""A descriptor in a list."""
Put = Callable[[Request, str], Response]
"""Sends a PUT to a repository, again after a passing failure."""


class _List(NamedTuple):
    """One list, which one thread at a time reads and writes."""

    lock: threading.Lock
    own: dict[str, Entry]
    """What this process has entered by digest: a registry may be slow to show what it was given."""


_LISTS: WeakKeyDictionary[Session, dict[tuple[str, str], _List]] = WeakKeyDictionary()
_LISTS_LOCK = threading.Lock()


def enlist(session: Session, put: Put, repository: str, manifest: Manifest) -> None:
    """Enters a stored manifest into the list of its subject's referrers; writes nothing if it is there already.

    Another process that does so at the same moment may undo it: the schema knows no lock.

    Args:
        session: the registry.
        put: sends the PUT of the list.
        repository: where the manifest is stored.
        manifest: one that names a subject; without one there is nothing to do.

    Raises:
        RegistryError: what stands in the list's place is no list, or it can't be read or written.
    """
    if manifest.referrer is None:
        return
    tag = _tag(manifest.referrer.subject)
    with _LISTS_LOCK:
        kept = _LISTS.setdefault(session, {}).setdefault((repository, tag), _List(threading.Lock(), {}))
    with kept.lock:
        kept.own[manifest.descriptor.digest] = _entry(manifest, manifest.referrer)
        index = _extended(session, repository, tag, kept.own.values())
        if index is not None:
            request = session.request("PUT", f"/v2/{repository}/manifests/{tag}", _KIND, body=index)
            response = put(request, repository)
            if response.status not in (200, 201, 202):
                raise _refused(session.fail(request, response))


def _tag(subject: str) -> str:
    """Returns the tag of a subject's list; sha512 is truncated, and digests of ours have no character to replace."""
    algorithm, _, encoded = subject.partition(":")
    return f"{algorithm[:32]}-{encoded[:64]}"


def _entry(manifest: Manifest, referrer: Referrer) -> Entry:
    media_type, digest, size = manifest.descriptor
    known = {"mediaType": media_type, "digest": digest, "size": size}
    more = {"artifactType": referrer.artifact_type, "annotations": referrer.annotations}
    return known | {name: value for name, value in more.items() if value}


def _extended(session: Session, repository: str, tag: str, own: Iterable[Entry]) -> bytes | None:
    """Reads a list and returns it with the entries of our own that it lacks; None if it lacks none."""
    request = session.request("GET", f"/v2/{repository}/manifests/{tag}", _ACCEPT)
    response = session.call(request, Scope(repository))
    if response.status not in (200, 404):
        raise session.fail(request, response)
    try:
        return _with(_index(response), own)
    except (InputError, ValueError, RecursionError) as error:
        said = "found what is nested too deep" if isinstance(error, RecursionError) else session.redact(str(error))
        raise RegistryError(
            f"{session.base.host}/{repository}:{tag}: expected the image index that lists the referrers of a manifest: "
            f"{said}",
            "this tag's name is reserved for that list: find out who wrote it, and delete it",
        ) from None


def _index(response: Response) -> dict[str, Any]:
    """Returns a list as the registry has it, which is hostile until checked; an empty one where there is none."""
    if response.status == 404:
        return {}
    if len(response.body) > MAX_LIST_BYTES:
        raise ValueError(f"found {len(response.body)} bytes, more than {MAX_LIST_BYTES}")
    index = json.loads(response.body)
    fields = Fields(index, "")
    told = response.header("content-type").partition(";")[0].strip().lower()
    types = {told, fields.string("mediaType", told)} - {""}
    if types != {_LIST_TYPE}:
        raise ValueError(f"expected the media type {_LIST_TYPE}, found {' and '.join(sorted(types)) or 'none'}")
    fields.objects("manifests", _check_entry)
    return dict(index)


def _check_entry(entry: Fields) -> None:
    """Refuses what is no descriptor; its digest may be of an algorithm that is not known here."""
    for name in ("mediaType", "digest"):
        entry.string(name)
    entry.integer("size")
    entry.ignore_rest()


def _with(index: dict[str, Any], own: Iterable[Entry]) -> bytes | None:
    entries = index.get("manifests") or []
    listed = {entry["digest"] for entry in entries}
    lacking = [entry for entry in own if entry["digest"] not in listed]
    if not lacking:
        return None
    whole = {**index, "schemaVersion": 2, "mediaType": _LIST_TYPE, "manifests": [*entries, *lacking]}
    return json.dumps(whole, separators=(",", ":"), allow_nan=False).encode()


def _refused(error: RegistryError) -> RegistryError:
    """Returns the error of a list that could not be written, with what that means for the manifest."""
    return RegistryError(
        f"{error.message}: this tag is the list of a manifest's referrers, which this registry leaves to its clients",
        error.remedy or "let tags such as sha256-<64 hexadecimal digits> be overwritten there",
    )
