"""What kind of registry it is. Faults that come and go are rules (faults.py); these are habits."""

from dataclasses import dataclass, field
from typing import Literal

MIB = 1024 * 1024


@dataclass(slots=True)
class Lag:
    """How many reads after its write a thing is not seen; a moved tag shows its former digest meanwhile."""

    manifests: int = 0
    blobs: int = 0
    tags: int = 0


@dataclass(slots=True)
class Options:
    """A strict registry of distribution-spec 1.1 by default. May be changed while it runs."""

    absolute_locations: bool = False
    mounts: Literal["yes", "session", "404", "405"] = "yes"
    """What `?mount=&from=` does: mounts where it can, opens a session (202) always, or answers an error."""
    mount_session_binds: bool = False
    """Whether a blob whose mount was answered with a session must be uploaded by that very session."""
    anonymous_mount: bool = False
    """Whether `?mount=` without `from=` finds a blob in any repository."""
    shared_blobs: bool = False
    """Whether a blob of one repository is seen in all."""
    single_post: bool = False
    """Whether `POST ?digest=` with the content stores it; else it is answered 202 after the content was read."""
    upload_status: bool = True
    """Whether a session answers GET with its offset."""
    partial: Literal["keep", "discard", "lose"] = "keep"
    """What a session whose upload breaks off does: keeps what came, forgets that piece, or is lost itself."""
    session_state: bool = True
    """Whether each answer names a new Location, and an older one is refused with 416 (spec: it must be followed)."""
    chunk_min: int = 0
    """`OCI-Chunk-Min-Length`: a smaller chunk is refused unless it is the last one."""
    chunk_max: int = 0
    """More bytes than this in one POST, PATCH or PUT of a blob are answered 413; 0 has no limit."""
    referrers: bool = True
    """Whether there is the referrers API and `OCI-Subject`."""
    tags_per_put: int = 0
    """How many `?tag=` of a manifest put by digest are taken and answered with `OCI-Tag`; 0 ignores them."""
    digest_parameter: bool = False
    """Whether `PUT manifests/TAG?digest=` chooses the digest that the tag points at (for sha512)."""
    immutable: Literal["no", "different", "any"] = "no"
    """Which PUT of a tag that exists is refused: none, one of another digest, or every one."""
    immutable_tags: str = ".*"
    """Regex of the tags that are immutable."""
    immutable_status: int = 400
    lag: Lag = field(default_factory=Lag)
    names_itself: bool = True
    """Whether answers have the header Docker-Distribution-Api-Version, as distribution's do and others' do not."""
    head: bool = True
    """Whether HEAD is supported; else 405."""
    accept: bool = True
    """Whether a manifest whose type the Accept header lacks is answered 404, as distribution does."""
    references: bool = True
    """Whether a manifest is refused when what it references is missing in its repository."""
    manifest_max: int = 4 * MIB
    max_under_way: int = 0
    """More requests at once than this are answered 429; 0 has no limit."""
    retry_after: str = "0"
    """What such a 429 says in Retry-After; empty leaves it out."""
    warning: str = ""
    """Text of a `Warning: 299` header on each answer."""
    keep_content: bool = True
    """Whether blobs are kept; else only their digests and sizes are (for uploads larger than memory)."""
