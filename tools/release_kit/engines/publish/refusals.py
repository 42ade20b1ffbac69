"""Why a release is not published: all reasons at once, each with who can end it and how."""

from collections.abc import Iterator

from release_kit.documents.environments import Environment
from release_kit.documents.release_record import FILE_NAME, ReleaseRecord, identity
from release_kit.engines.promotion import messages
from release_kit.engines.promotion.model import A_PERSON, EnvironmentState
from release_kit.engines.promotion.refusals import Refusal, of_drift
from release_kit.engines.promotion.setting import Setting
from release_kit.engines.publish.page import Page
from release_kit.engines.publish.tags import Artifact, is_same
from release_kit.errors import InputError
from release_kit.ports import Registry, Repository
from release_kit.values import version as versions
from release_kit.values.commit import branch_ref
from release_kit.values.promotion_gate import Phase

_REGISTRY = "whoever may write to the registry"


def last_environment(setting: Setting) -> Environment:
    """Returns the environment that a release has to have come to.

    Raises:
        InputError: no environment pins a version.
    """
    if not setting.declared.pinned:
        remedy = "let the last one pin a version (no tracks): nothing else says what has come through"
        raise InputError("no environment of the declaration pins a version", remedy)
    return setting.declared.pinned[-1]


def of_release(record: ReleaseRecord) -> Iterator[Refusal]:
    """Refuses what is no release."""
    try:
        versions.parse(record.version, "version")
    except InputError:
        yield Refusal(f"{record.version} is no version of a release", "whoever pushes it")
    if record.dirty:
        yield Refusal(f"{record.version} was built from a work tree that differs from its commit", "whoever pushes it")


def of_environment(record: ReleaseRecord, setting: Setting) -> Iterator[Refusal]:
    """Refuses a release that the last environment does not run, that did not come there by promotion, or failed there.

    A gate that has not been reported is none: it would hold back the next environment, and there is none.
    """
    last = last_environment(setting)
    state = setting.read().state(last)
    promoted = ("promote", "--to", last.name)
    if state.active.record != identity(record):
        runs = state.active.version or "nothing"
        other = "another release of that version" if runs == record.version else runs
        yield Refusal(f"{last.name} runs {other}, and not this {record.version}", A_PERSON, promoted)
        return
    if not _is_promoted(state, setting.repository):
        before = _rolled_back_from(state, setting.repository)
        how = f"by a rollback from {before}" if before else "by a commit that is no promotion"
        yield Refusal(f"{record.version} came to {last.name} {how}", A_PERSON)
    for each in state.active_gates:
        if each.phase is Phase.FAILURE:
            yield Refusal(f"{last.name} has failed {each.gate.key}", each.gate.reporter)


def of_registry(record: ReleaseRecord, published: Artifact, setting: Setting, registry: Registry) -> Iterator[Refusal]:
    """Refuses a release that is not in the registry as it was recorded, with its record."""
    yield from of_drift(record, setting)
    if not published.repository:
        return
    found = {name: registry.manifest_digest(published.repository, name) for name in published.names}
    if not any(is_same(published.repository, each, published.digest, registry) for each in found.values()):
        name, digest = next(iter(found.items()))
        compared = f"expected {published.digest}, found {digest or 'nothing'}"
        yield Refusal(f"{published.repository}:{name} is not this release's record: {compared}", _REGISTRY)


def of_page(record: ReleaseRecord, page: Page) -> Iterator[Refusal]:
    """Refuses a tag that is not of the release's commit, and a published release that has another record."""
    tag, own = page.wanted.tag, identity(record)
    if not page.commit:
        yield Refusal(f"{page.repository} has no tag {tag}", "whoever cuts releases")
    elif page.commit != record.commit:
        found = f"the tag {tag} of {page.repository} is at {page.commit}"
        yield Refusal(f"{found}, and the release was built from {record.commit or 'no commit'}", A_PERSON)
    there = page.published
    if there is None:
        return
    asset = there.asset(FILE_NAME)
    if asset and asset.is_whole and asset.digest != own:
        found = asset.digest or "a digest that the server does not tell"
        yield Refusal(f"{there.url} has another record: expected {own}, found {found}", A_PERSON)
    elif there.is_immutable and not (asset and asset.is_whole):
        yield Refusal(f"{there.url} has no {FILE_NAME}, and nobody can add it: it is immutable", A_PERSON)


def _is_promoted(state: EnvironmentState, repository: Repository) -> bool:
    """Tells whether the head of an environment is a merge of what was proposed: one parent is that, and is the same."""
    head = state.active.commit
    proposed = repository.ref(branch_ref(state.environment.proposed_branch))
    return bool(proposed) and any(
        repository.has_same_content(parent, head) and repository.is_ancestor(parent, proposed)
        for parent in repository.commit(head).parents
    )


def _rolled_back_from(state: EnvironmentState, repository: Repository) -> str:
    message = repository.commit(state.active.commit).message
    return messages.trailers_of(message).get(messages.ROLLED_BACK_FROM, "")
