"""Approval of a text: opened for one revision, voted on by its hash, ended by the votes, by an edit or by time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from crisis.core import approval as rules
from crisis.core.approval import Approval, ApprovalState, Vote, VoteKind
from crisis.core.incident import Incident
from crisis.core.people import Person
from crisis.core.statement import Revision, Statement, StatementState
from crisis.errors import NotFound
from crisis.flows.desk import Desk, acting, note
from crisis.store import records, statements, visible


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """Everything that a person who approves must see."""

    approval: Approval
    statement: Statement
    revision: Revision
    incident: Incident
    votes: tuple[Vote, ...]


def ballot(db: Connection, approval_id: int, *, person: Person) -> Ballot:
    """The approval with its text. Raises NotFound, also for people who may not know of the incident."""
    approval = records.first(db, Approval, id=approval_id)
    statement = records.get(db, Statement, approval.statement_id) if approval else None
    incident = records.first(db, Incident, visible.incidents(person), id=statement.incident_id) if statement else None
    if approval is None or statement is None or incident is None:
        raise NotFound(kind="approval", id=approval_id)
    return Ballot(
        approval=approval,
        statement=statement,
        revision=statements.revision(db, statement.id, approval.revision),
        incident=incident,
        votes=records.find(db, Vote, approval_id=approval.id),
    )


def vote(
    desk: Desk,
    approval_id: int,
    *,
    by: Person,
    kind: VoteKind,
    hash: str,
    words: str = "",
    sentence: int | None = None,
) -> Ballot:
    """The approval after this vote. Raises NotPermitted, WrongState (ended, text changed, voted), Invalid."""
    with acting(desk) as (db, now):
        found = ballot(db, approval_id, person=by)
        votes = found.votes
        given = rules.cast(
            found.approval,
            votes,
            by=by,
            kind=kind,
            hash=hash,
            writers={found.statement.author_id, *(item.by for item in statements.revisions(db, found.statement.id))},
            note=words,
            sentence=sentence,
            at=now,
        )
        votes = (*votes, records.add(db, given))
        note(
            db,
            "vote_approved" if kind is VoteKind.APPROVE else "vote_returned",
            at=now,
            by=by,
            incident_id=found.incident.id,
            words=words.strip(),
            statement=found.statement.number,
            hash=hash[:12],
        )
        state = rules.outcome(found.approval, votes)
        if state is not ApprovalState.OPEN:
            _end(db, found, state, at=now)
        return ballot(db, approval_id, person=by)


def _end(db: Connection, found: Ballot, state: ApprovalState, *, at: datetime) -> None:
    records.save(db, replace(found.approval, state=state, ended_at=at))
    after = StatementState.APPROVED if state is ApprovalState.APPROVED else StatementState.DRAFT
    records.save(db, replace(found.statement, state=after))
    note(
        db,
        "statement_approved" if state is ApprovalState.APPROVED else "statement_returned",
        at=at,
        incident_id=found.incident.id,
        statement=found.statement.number,
        hash=found.approval.hash[:12],
    )


def void_open(db: Connection, statement: Statement, *, at: datetime, incident_id: int) -> None:
    """End every run that is not decided, and every one that was approved but not released: the text has changed."""
    for approval in statements.standing_approvals(db, statement.id):
        records.save(db, replace(approval, state=ApprovalState.VOID, ended_at=at))
        note(db, "approval_void", at=at, incident_id=incident_id, statement=statement.number, hash=approval.hash[:12])
