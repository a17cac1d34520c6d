"""Questions about the complaint register. Each takes the person who asks, but those that only count."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from crisis.core.complaint import Complaint, ComplaintState
from crisis.core.people import Person
from crisis.errors import NotFound
from crisis.store import records, schema, visible


def by_key(db: Connection, key: str, *, person: Person) -> Complaint:
    """The complaint with a key, if this person may see it. Raises NotFound either way."""
    found = records.first(db, Complaint, visible.complaints(person), key=key)
    if found is None:
        raise NotFound(kind="complaint", key=key)
    return found


def next_number(db: Connection, prefix: str) -> int:
    """1 + the number of complaints whose key begins so."""
    query = select(func.count()).where(schema.complaint.c.key.startswith(prefix, autoescape=True))
    return int(db.execute(query).scalar_one()) + 1


def listed(
    db: Connection, *, person: Person, incident_id: int | None = None, limit: int = 500
) -> tuple[Complaint, ...]:
    """Complaints by the next promised message, those without one last; of one incident, or of all (None)."""
    table = schema.complaint
    conditions = [visible.complaints(person)]
    if incident_id is not None:
        conditions.append(table.c.incident_id == incident_id)
    order = (table.c.due_at.is_(None), table.c.due_at, table.c.id.desc())
    return records.find(db, Complaint, *conditions, order=order, limit=limit)


def of_same_product(db: Connection, complaint: Complaint, *, person: Person, limit: int = 8) -> tuple[Complaint, ...]:
    """Other complaints about the same product; none when it is not named."""
    if not complaint.product:
        return ()
    other = schema.complaint.c.id != complaint.id
    return records.find(db, Complaint, visible.complaints(person), other, product=complaint.product, limit=limit)


def open_count(db: Connection, incident_id: int) -> int:
    """How many complaints of an incident still wait for something, whoever asks."""
    table = schema.complaint
    waiting = table.c.state.in_((ComplaintState.OPEN, ComplaintState.SOLVED))
    query = select(func.count()).where(table.c.incident_id == incident_id, waiting)
    return int(db.execute(query).scalar_one())
