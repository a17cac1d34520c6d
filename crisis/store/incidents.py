"""Questions about incidents and what belongs to them. Each takes the person who asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from crisis.core.audienceplan import AudienceEntry
from crisis.core.fact import Fact
from crisis.core.incident import Incident, IncidentState, StoredClassification, Task
from crisis.core.people import Person
from crisis.core.promise import Promise
from crisis.errors import Invalid, NotFound
from crisis.store import records, schema, visible
from crisis.store.schema.incidents import LONGEST_REGION


def by_key(db: Connection, key: str, *, person: Person) -> Incident:
    """The incident with a key, if this person may know of it. Raises NotFound either way."""
    found = records.first(db, Incident, visible.incidents(person), key=key)
    if found is None:
        raise NotFound(kind="incident", key=key)
    return found


def by_id(db: Connection, incident_id: int, *, person: Person) -> Incident:
    """The incident with an id, if this person may know of it. Raises NotFound either way."""
    found = records.first(db, Incident, visible.incidents(person), id=incident_id)
    if found is None:
        raise NotFound(kind="incident", id=incident_id)
    return found


def listed(db: Connection, *, person: Person) -> tuple[Incident, ...]:
    """The incidents this person may know of: open ones first, then the newest."""
    table = schema.incident
    return records.find(
        db, Incident, visible.incidents(person), order=(table.c.state.desc(), table.c.opened_at.desc(), table.c.id)
    )


def open_count(db: Connection, *, person: Person) -> int:
    """How many open incidents this person may know of."""
    table = schema.incident
    query = select(func.count()).where(visible.incidents(person), table.c.state == IncidentState.OPEN)
    return int(db.execute(query).scalar_one())


def next_number(db: Connection, prefix: str) -> int:
    """1 + the number of incidents whose key begins so."""
    table = schema.incident
    query = select(func.count()).where(table.c.key.startswith(prefix, autoescape=True))
    return int(db.execute(query).scalar_one()) + 1


def members(db: Connection, incident_id: int) -> tuple[Person, ...]:
    """The people who may always see the incident."""
    ids = select(schema.member.c.person_id).where(schema.member.c.incident_id == incident_id)
    return records.find(db, Person, schema.person.c.id.in_(ids))


def set_members(db: Connection, incident_id: int, person_ids: Sequence[int]) -> None:
    db.execute(delete(schema.member).where(schema.member.c.incident_id == incident_id))
    for person_id in sorted(set(person_ids)):
        db.execute(insert(schema.member).values(incident_id=incident_id, person_id=person_id))


def set_regions(db: Connection, incident_id: int, regions: Sequence[str]) -> None:
    """The regions of the incident, by which regional offices see it. Raises Invalid for one that is too long."""
    if any(len(region) > LONGEST_REGION for region in regions):
        raise Invalid("regions", "text_too_long", most=LONGEST_REGION)
    db.execute(delete(schema.incident_region).where(schema.incident_region.c.incident_id == incident_id))
    for region in sorted(set(regions)):
        db.execute(insert(schema.incident_region).values(incident_id=incident_id, region=region))


def classifications(db: Connection, incident_id: int) -> tuple[StoredClassification, ...]:
    """Every judgement of the type, newest first."""
    return records.find(db, StoredClassification, incident_id=incident_id, order=(schema.classification.c.id.desc(),))


def refresh(db: Connection, judgement: StoredClassification) -> StoredClassification:
    """A judgement with the evidence and the next question of today; what was judged stays as it was."""
    table = schema.classification
    today = {"evidence": judgement.evidence, "next_fact": judgement.next_fact}
    db.execute(update(table).where(table.c.id == judgement.id).values(today))
    return judgement


def overruled(
    db: Connection, *, person: Person, limit: int
) -> tuple[tuple[Incident, tuple[StoredClassification, ...]], ...]:
    """Incidents whose type an officer has set, of those this person may see, with all their judgements newest first.

    At most `limit` incidents: those that were set last.
    """
    table = schema.classification
    ids = db.scalars(
        select(table.c.incident_id)
        .where(table.c.by != 0)
        .group_by(table.c.incident_id)
        .order_by(func.max(table.c.id).desc())
        .limit(limit)
    ).all()
    if not ids:
        return ()
    seen = records.find(db, Incident, visible.incidents(person), schema.incident.c.id.in_(ids))
    return tuple((incident, classifications(db, incident.id)) for incident in seen)


def tasks(db: Connection, incident_id: int) -> tuple[Task, ...]:
    """Tasks by due time; those without one last."""
    table = schema.task
    return records.find(db, Task, incident_id=incident_id, order=(table.c.due_at.is_(None), table.c.due_at, table.c.id))


def promises(db: Connection, incident_id: int) -> tuple[Promise, ...]:
    """Promises by due time, also those that have ended."""
    return records.find(db, Promise, incident_id=incident_id, order=(schema.promise.c.due_at,))


def facts(db: Connection, incident_id: int) -> tuple[Fact, ...]:
    return records.find(db, Fact, incident_id=incident_id, order=(schema.fact.c.number,))


def audiences(db: Connection, incident_id: int) -> tuple[AudienceEntry, ...]:
    """The audience plan in telling order; those left out come last."""
    table = schema.audience
    return records.find(db, AudienceEntry, incident_id=incident_id, order=(table.c.left_out, table.c.position))


def last_mention_at(db: Connection, incident_id: int) -> datetime | None:
    """When the newest mention of the incident's stories was published."""
    story = select(schema.story.c.id).where(schema.story.c.incident_id == incident_id)
    query = select(func.max(schema.mention.c.at)).where(schema.mention.c.story_id.in_(story))
    return db.execute(query).scalar_one_or_none()
