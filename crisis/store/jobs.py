"""The queue: a row per thing that must happen after a transaction. Claimed by one worker at a time, under a lease.

Each claim counts as an attempt, and its number says whose claim it is: a worker whose lease ran out, and whose job
another one has claimed since, can no longer say what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crisis.core.job import Job
from crisis.store import records, schema


def enqueue(db: Connection, name: str, key: str, payload: Mapping[str, Any], *, run_at: datetime) -> None:
    """Put a job into the queue; a job with this key that is there already stays as it is."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    query = dialect.insert(schema.job).values(
        name=name, key=key, payload=payload, run_at=run_at, attempts=0, dead=False, last_error=""
    )
    db.execute(query.on_conflict_do_nothing(index_elements=["key"]))


def claim(db: Connection, *, now: datetime, lease: timedelta) -> Job | None:
    """The next job that is due, leased to the caller, or None. A job whose lease ran out is claimed again."""
    table = schema.job
    waiting = (
        select(table.c.id)
        .where(
            table.c.done_at.is_(None),
            table.c.dead.is_(False),
            table.c.run_at <= now,
            or_(table.c.locked_until.is_(None), table.c.locked_until < now),
        )
        .order_by(table.c.run_at, table.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = db.execute(
        update(table)
        .where(table.c.id == waiting.scalar_subquery())
        .values(locked_until=now + lease, attempts=table.c.attempts + 1)
        .returning(*table.c)
    ).first()
    return None if row is None else records.value_of(Job, row)


def _as_claimed(job: Job) -> ColumnElement[bool]:
    return and_(schema.job.c.id == job.id, schema.job.c.attempts == job.attempts)


def renew(db: Connection, job: Job, *, now: datetime, lease: timedelta) -> None:
    """The job stays with its worker for another `lease`, unless another one has claimed it since."""
    db.execute(update(schema.job).where(_as_claimed(job)).values(locked_until=now + lease))


def finish(db: Connection, job: Job, *, at: datetime) -> None:
    """The job is done."""
    db.execute(update(schema.job).where(_as_claimed(job)).values(done_at=at, locked_until=None))


def retry(db: Connection, job: Job, *, run_at: datetime, error: str) -> None:
    """The job is tried again later."""
    db.execute(update(schema.job).where(_as_claimed(job)).values(run_at=run_at, locked_until=None, last_error=error))


def bury(db: Connection, job: Job, *, error: str) -> bool:
    """The job is given up; it stays visible and can be revived. False when another worker is at it by now."""
    given_up = update(schema.job).where(_as_claimed(job)).values(dead=True, locked_until=None, last_error=error)
    return db.execute(given_up.returning(schema.job.c.id)).first() is not None


def revive(db: Connection, job_id: int, *, run_at: datetime) -> None:
    """A job that was given up is tried again."""
    db.execute(
        update(schema.job)
        .where(schema.job.c.id == job_id, schema.job.c.dead.is_(True))
        .values(dead=False, attempts=0, run_at=run_at)
    )


def clear(db: Connection, name: str, payload: Mapping[str, Any], *, at: datetime) -> None:
    """Given-up jobs of this kind are done: a person has decided about what they were to do."""
    for job in dead(db):
        if job.name == name and job.payload == payload:
            db.execute(update(schema.job).where(schema.job.c.id == job.id).values(dead=False, done_at=at))


def dead(db: Connection) -> tuple[Job, ...]:
    """Jobs that were given up, oldest first."""
    return records.find(db, Job, dead=True)
