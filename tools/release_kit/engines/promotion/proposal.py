"""Promotions as pull requests: everything is as with a promotion, but that a person merges at the repository's host."""

from collections.abc import Sequence
from typing import NamedTuple

from release_kit.documents import hydrator_metadata
from release_kit.engines.promotion import messages, promote
from release_kit.engines.promotion.model import EnvironmentState, GateState
from release_kit.engines.promotion.promote import Order, Outcome
from release_kit.engines.promotion.refusals import Subject
from release_kit.engines.promotion.setting import Races, Setting
from release_kit.ports import PullRequests
from release_kit.values.commit import NOTES, Change, branch_ref
from release_kit.values.pull_request import Draft, PullRequest

_HEADING = ("| environment | gate | phase | what was seen |", "| --- | --- | --- | --- |")


class Proposal(NamedTuple):
    """What became of a promotion that is to be a pull request."""

    outcome: Outcome
    pull_request: PullRequest | None
    """None where the release is active already, or nothing is written."""


def propose(setting: Setting, wanted: Order, requests: PullRequests) -> Proposal:
    """Opens a pull request from the proposed branch to the active one, or brings the open one up to date.

    Raises:
        RefusedError: something stands against the promotion; nothing was written.
        ReleaseError: the host of the repository refuses.
    """
    races = Races()
    while True:
        subject = promote.permitted(setting, wanted)
        outcome = promote.outcome(subject, subject.own.active.commit if subject.is_done else "")
        if subject.is_done or wanted.dry_run:
            return Proposal(outcome, None)
        changes = _changes(setting, subject)
        if not changes or races.won(setting, changes):
            return Proposal(outcome, requests.propose(_draft(setting, subject)))


def _changes(setting: Setting, subject: Subject) -> list[Change]:
    """Makes what lets the pull request be merged, and the release be let in again.

    Where the active branch has changes of its own, as after a rollback, a merge of both branches with the content of
    the proposed one goes to the proposed branch, as GitOps Promoter does it (gitMergeStrategyOurs, v0.36.0).
    """
    own = subject.own
    changes = [promote.forgiven(setting, own)] if promote.is_kept_out(own) else []
    if not _has_diverged(setting, own):
        return changes
    message = f"Merge {own.environment.branch} into {own.environment.proposed_branch}, and keep the content\n"
    merged = setting.repository.copy_commit(own.proposed.commit, [own.proposed.commit, own.active.commit], message)
    changes.append(Change(branch_ref(own.environment.proposed_branch), own.proposed.commit, merged))
    if own.proposed.note:
        notes = setting.repository.make_notes(NOTES, {merged: hydrator_metadata.note(own.proposed.note)})
        changes.append(Change(NOTES, setting.repository.ref(NOTES), notes))
    return changes


def _has_diverged(setting: Setting, own: EnvironmentState) -> bool:
    """Tells whether the active branch has content that is not from the proposed one."""
    active, proposed = own.active.commit, own.proposed.commit
    if not active:
        return False
    base = setting.repository.merge_base(active, proposed)
    return not base or not setting.repository.has_same_content(base, active)


def _draft(setting: Setting, subject: Subject) -> Draft:
    own, source = subject.own, subject.source
    name = own.environment.name
    before = source.environment.name if source else ""
    message = messages.promotion(setting.declared.name, subject.snapshot.states, subject.position)
    title, _, trailers = message.partition("\n\n")
    rows = [_row(before, state) for state in (source.active_gates if source else ())]
    rows += [_row(name, state) for state in own.proposed_gates]
    paragraphs = [
        f"`{name}` goes from {_plain(own.active.version or 'nothing')} to {_plain(own.proposed.version)}.",
        f"release record: `{own.proposed.record}`",
        _skipping(subject.skipped),
        "\n".join([*_HEADING, *rows]) if rows else "",
        trailers,
    ]
    return Draft(own.environment.proposed_branch, own.environment.branch, title, "\n\n".join(filter(None, paragraphs)))


def _skipping(names: Sequence[str]) -> str:
    """Says whom the release did not wait for; empty where it has been everywhere."""
    return f"The release skips staging: it has not passed {', '.join(f'`{each}`' for each in names)}." if names else ""


def _row(name: str, state: GateState) -> str:
    seen = " ".join(filter(None, (state.description, state.url)))
    return f"| {name} | {state.gate.key} | {state.phase} | {_plain(seen)} |"


def _plain(text: str) -> str:
    """Returns a text of others so that none of it is Markdown or HTML."""
    return "".join(f"&#{ord(letter)};" if letter in "|<>&[]`*_!\\@#~" else letter for letter in text)
