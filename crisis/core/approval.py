"""Approval: enough people say yes to exactly these bytes. An approval that is bound to a hash cannot be
carried over to another text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crisis.core.people import Action, Person, demand
from crisis.errors import Invalid, NotPermitted, WrongState


class ApprovalState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    RETURNED = "returned"
    VOID = "void"


class VoteKind(StrEnum):
    APPROVE = "approve"
    RETURN = "return"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One run of approval for one revision. The policy (`needed` votes) is copied in when it starts.

    `fallback_id` is a statement, approved before, that goes out when `due_at` passes without enough votes;
    without one nothing goes out by itself.
    """

    id: int = 0
    statement_id: int
    revision: int
    hash: str
    needed: int
    opened_at: datetime
    opened_by: int
    due_at: datetime | None = None
    fallback_id: int | None = None
    state: ApprovalState = ApprovalState.OPEN
    ended_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Vote:
    """What one person said to one hash. A row, never overwritten; one per person and run."""

    id: int = 0
    approval_id: int
    person_id: int
    kind: VoteKind
    hash: str
    at: datetime
    note: str = ""
    sentence: int | None = None


def cast(
    approval: Approval,
    votes: Sequence[Vote],
    *,
    by: Person,
    kind: VoteKind,
    hash: str,
    writers: Collection[int],
    note: str,
    sentence: int | None,
    at: datetime,
) -> Vote:
    """The vote, when it may be given. `writers` are the author and everybody who wrote a revision.

    Raises NotPermitted for those who wrote the text (four eyes) and for people who may not approve, WrongState when the
    run has ended or the text has changed meanwhile (the hash differs), Invalid for a return without words.
    """
    demand(by, Action.APPROVE)
    if by.id in writers:
        raise NotPermitted("the author cannot approve", person=by.id)
    if approval.state is not ApprovalState.OPEN:
        raise WrongState("approval has ended", approval=approval.id)
    if hash != approval.hash:
        raise WrongState("text has changed", approval=approval.id)
    if any(vote.person_id == by.id for vote in votes):
        raise WrongState("already voted", approval=approval.id, person=by.id)
    if kind is VoteKind.RETURN and not note.strip():
        raise Invalid("note", "return_needs_reason")
    return Vote(
        approval_id=approval.id, person_id=by.id, kind=kind, hash=hash, at=at, note=note.strip(), sentence=sentence
    )


def outcome(approval: Approval, votes: Sequence[Vote]) -> ApprovalState:
    """What the votes so far make of the run: one return ends it, `needed` different people approve it."""
    if approval.state in (ApprovalState.VOID, ApprovalState.APPROVED, ApprovalState.RETURNED):
        return approval.state
    if any(vote.kind is VoteKind.RETURN for vote in votes):
        return ApprovalState.RETURNED
    yes = {vote.person_id for vote in votes if vote.kind is VoteKind.APPROVE and vote.hash == approval.hash}
    return ApprovalState.APPROVED if len(yes) >= approval.needed else ApprovalState.OPEN
