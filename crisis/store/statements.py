"""Questions about statements, their revisions, approvals, releases and deliveries."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from crisis.core.approval import Approval, ApprovalState
from crisis.core.incident import Incident, IncidentState
from crisis.core.people import Person, Role
from crisis.core.release import Delivery, DeliveryState, Release
from crisis.core.statement import ChannelKind, Revision, Statement, StatementState, Waiver
from crisis.errors import NotFound
from crisis.store import incidents, people, records, schema, visible


def by_number(db: Connection, incident_id: int, number: int) -> Statement:
    """The statement with a number within an incident. Raises NotFound."""
    found = records.first(db, Statement, incident_id=incident_id, number=number)
    if found is None:
        raise NotFound(kind="statement", number=number)
    return found


def of_incident(db: Connection, incident_id: int) -> tuple[Statement, ...]:
    return records.find(db, Statement, incident_id=incident_id, order=(schema.statement.c.number,))


def next_number(db: Connection, incident_id: int) -> int:
    table = schema.statement
    highest = db.execute(select(func.max(table.c.number)).where(table.c.incident_id == incident_id)).scalar_one()
    return int(highest or 0) + 1


def revision(db: Connection, statement_id: int, number: int) -> Revision:
    """One revision of a statement. Raises NotFound."""
    found = records.first(db, Revision, statement_id=statement_id, number=number)
    if found is None:
        raise NotFound(kind="revision", number=number)
    return found


def revisions(db: Connection, statement_id: int) -> tuple[Revision, ...]:
    """Every revision, newest first."""
    return records.find(db, Revision, statement_id=statement_id, order=(schema.revision.c.number.desc(),))


def waivers(db: Connection, statement_id: int) -> tuple[Waiver, ...]:
    return records.find(db, Waiver, statement_id=statement_id)


def approvals(db: Connection, statement_id: int) -> tuple[Approval, ...]:
    """Every run of approval, newest first."""
    return records.find(db, Approval, statement_id=statement_id, order=(schema.approval.c.id.desc(),))


def standing_approvals(db: Connection, statement_id: int) -> tuple[Approval, ...]:
    """Runs that are not decided, and those that were approved and neither released nor ended since."""
    standing = schema.approval.c.state.in_((ApprovalState.OPEN, ApprovalState.APPROVED))
    return records.find(db, Approval, standing, statement_id=statement_id)


def approvers(db: Connection, incident: Incident, statement: Statement) -> tuple[Person, ...]:
    """Who may vote on the statement: executives who wrote none of its revisions and may know of its incident."""
    writers = {statement.author_id, *(item.by for item in revisions(db, statement.id))}
    members = {member.id for member in incidents.members(db, incident.id)}
    return tuple(
        person
        for person in people.holding(db, Role.EXECUTIVE)
        if person.id not in writers and (not incident.restricted or person.id in members)
    )


def waiting_for(db: Connection, person: Person) -> tuple[Approval, ...]:
    """Open approvals that wait for this person's vote: not written by them, not voted on by them."""
    table, statement = schema.approval, schema.statement
    voted = select(schema.vote.c.approval_id).where(schema.vote.c.person_id == person.id)
    written = select(schema.revision.c.statement_id).where(schema.revision.c.by == person.id)
    others = select(statement.c.id).where(
        statement.c.author_id != person.id,
        statement.c.id.not_in(written),
        visible.incident_ids(person, statement.c.incident_id),
    )
    return records.find(
        db,
        Approval,
        table.c.state == ApprovalState.OPEN,
        table.c.statement_id.in_(others),
        table.c.id.not_in(voted),
        order=(table.c.due_at.is_(None), table.c.due_at, table.c.id),
    )


def due_for_fallback(db: Connection, *, now: datetime) -> tuple[Approval, ...]:
    """Open runs whose time is over and whose fallback is approved, in incidents that are open."""
    table, fallback = schema.approval, schema.statement
    ready = (
        select(fallback.c.id)
        .join(schema.incident, schema.incident.c.id == fallback.c.incident_id)
        .where(fallback.c.state == StatementState.APPROVED, schema.incident.c.state == IncidentState.OPEN)
    )
    return records.find(db, Approval, table.c.due_at <= now, table.c.fallback_id.in_(ready), state=ApprovalState.OPEN)


def releases(db: Connection, incident_id: int) -> tuple[Release, ...]:
    """What was released for an incident, newest first."""
    return records.find(db, Release, incident_id=incident_id, order=(schema.release.c.id.desc(),))


def released_last(db: Connection, *, person: Person, limit: int) -> tuple[Release, ...]:
    """What went out last of all incidents that this person may know of, newest first."""
    table = schema.release
    seen = visible.incident_ids(person, table.c.incident_id)
    return records.find(db, Release, seen, order=(table.c.at.desc(), table.c.id.desc()), limit=limit)


def newsroom(
    db: Connection, *, audiences: Collection[str], lang: str | None = None, limit: int = 50
) -> tuple[Release, ...]:
    """What the public newsroom shows, newest first: released through its channel, also when withdrawn since.

    `audiences` are those whose texts are for everybody.
    """
    table = schema.release
    conditions = _in_newsroom(audiences)
    if lang:
        conditions.append(table.c.lang == lang)
    return records.find(db, Release, *conditions, order=(table.c.at.desc(), table.c.id.desc()), limit=limit)


def newsroom_item(db: Connection, release_id: int, *, audiences: Collection[str]) -> Release:
    """One release that the newsroom shows, however old. Raises NotFound."""
    found = records.first(db, Release, *_in_newsroom(audiences), id=release_id)
    if found is None:
        raise NotFound(kind="release", id=release_id)
    return found


def _in_newsroom(audiences: Collection[str]) -> list[ColumnElement[bool]]:
    shown = select(schema.delivery.c.release_id).where(
        schema.delivery.c.channel == ChannelKind.NEWSROOM, schema.delivery.c.state == DeliveryState.SENT
    )
    return [schema.release.c.id.in_(shown), schema.release.c.audience.in_(audiences)]


def deliveries(db: Connection, release_id: int) -> tuple[Delivery, ...]:
    return records.find(db, Delivery, release_id=release_id)


def cancel_waiting(db: Connection, release_id: int, *, why: str, at: datetime) -> tuple[tuple[str, str], ...]:
    """Cancel the deliveries of a release that wait; (channel, target) of each.

    In one statement: a worker that is just beginning either is first, or finds its delivery cancelled.
    """
    table = schema.delivery
    rows = db.execute(
        update(table)
        .where(table.c.release_id == release_id, table.c.state == DeliveryState.WAITING)
        .values(
            state=DeliveryState.CANCELLED,
            version=table.c.version + 1,
            updated_at=at,
            receipt={"reference": "", "why": why},
        )
        .returning(table.c.channel, table.c.target)
    )
    return tuple((row.channel, row.target) for row in rows)


def visible_release(db: Connection, release_id: int, *, person: Person) -> Release:
    """The release, if this person may know of its incident. Raises NotFound."""
    found = records.first(db, Release, visible.incident_ids(person, schema.release.c.incident_id), id=release_id)
    if found is None:
        raise NotFound(kind="release", id=release_id)
    return found
