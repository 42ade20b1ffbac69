"""What is on the branches of the environments."""

from release_kit.documents import hydrator_metadata, release_record
from release_kit.documents.environments import Environments
from release_kit.documents.fields import parse_document
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.promotion.model import Hydrated
from release_kit.errors import InputError
from release_kit.ports import Repository
from release_kit.values.commit import NOTES, branch_ref


def refs(declared: Environments) -> list[str]:
    """Returns the whole names of all refs that promotions read or move."""
    branches = [declared.dry_branch, declared.results_branch]
    for environment in declared.pinned:
        branches += [environment.branch, environment.proposed_branch]
    return [*map(branch_ref, branches), NOTES]


def hydrated(repository: Repository, ref: str) -> Hydrated:
    """Reads what a branch of an environment holds; all of it is empty where there is no such branch.

    Raises:
        InputError: its hydrator.metadata or its release record is none.
    """
    head = repository.ref(ref)
    if not head:
        return Hydrated()
    found = hydrated_at(repository, head, ref.removeprefix("refs/heads/"))
    return found._replace(note=hydrator_metadata.noted(repository.note(NOTES, head)))


def hydrated_at(repository: Repository, commit: str, place: str) -> Hydrated:
    """Reads what one commit of an environment holds, without its note; else as `hydrated`.

    Args:
        repository: has the commit.
        commit: of an environment's branch.
        place: what errors call it, such as the branch.
    """
    content = repository.file(commit, hydrator_metadata.FILE_NAME)
    if content is None:
        return Hydrated(commit=commit)
    metadata = hydrator_metadata.parse(content, f"{place}: {commit:.12}: {hydrator_metadata.FILE_NAME}")
    since = repository.commit(commit).time
    found = Hydrated(commit=commit, dry=metadata.dry_sha, dry_time=metadata.time, since=since)
    record = record_at(repository, commit, place)
    if record is None:
        return found
    return found._replace(
        record=release_record.identity(record), version=record.version, skip_staging=record.skip_staging
    )


def record_at(repository: Repository, commit: str, place: str) -> ReleaseRecord | None:
    """Reads the release record that a commit has; None where it has none; else as `hydrated_at`."""
    content = repository.file(commit, release_record.FILE_NAME)
    if content is None:
        return None
    where = f"{place}: {commit:.12}: {release_record.FILE_NAME}"
    if len(content) > hydrator_metadata.MAX_BYTES:
        raise InputError(f"{where}: has {len(content)} bytes, more than {hydrator_metadata.MAX_BYTES}")
    return parse_document(content, where, release_record.from_fields)
