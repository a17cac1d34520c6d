"""The log in the database: appended only here, in order, under a lock; read in order; verified."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crisis.core.log import GENESIS, ChainProblem, LogEntry, sealed, verify
from crisis.store import records, schema


def take_turn(db: Connection) -> tuple[int, str]:
    """Number and hash of the newest entry, locked until the transaction ends.

    Everything that is logged is done one after the other, on PostgreSQL as on SQLite: whoever reads in order to
    decide takes the turn first, so that nothing it has read can change and no two writers wait for each other.
    """
    head = schema.log_head
    wanted = select(head.c.seq, head.c.hash).where(head.c.id == 1).with_for_update()
    row = db.execute(wanted).first()
    if row is None:
        dialect = postgresql if db.dialect.name == "postgresql" else sqlite
        db.execute(dialect.insert(head).values(id=1, seq=0, hash=GENESIS).on_conflict_do_nothing())
        row = db.execute(wanted).one()
    return row.seq, row.hash


def append(db: Connection, entry: LogEntry) -> LogEntry:
    """The entry with its place in the chain. Two writers wait for each other at the head's row."""
    head = schema.log_head
    seq, prev = take_turn(db)
    stored = records.add(db, sealed(entry, seq=seq + 1, prev_hash=prev))
    db.execute(update(head).where(head.c.id == 1).values(seq=stored.seq, hash=stored.hash))
    return stored


def head(db: Connection) -> tuple[int, str]:
    """Number and hash of the newest entry."""
    row = db.execute(select(schema.log_head.c.seq, schema.log_head.c.hash)).first()
    return (row.seq, row.hash) if row else (0, GENESIS)


def entries(db: Connection) -> Iterator[LogEntry]:
    """Every entry, in the order of the rows."""
    for row in db.execute(select(schema.log).order_by(schema.log.c.id)):
        yield records.value_of(LogEntry, row)


def check(db: Connection) -> tuple[ChainProblem, ...]:
    """What is wrong with the chain; empty when it holds."""
    seq, hash = head(db)
    return verify(entries(db), head_seq=seq, head_hash=hash)


def of_incident(db: Connection, incident_id: int, *, limit: int = 200) -> tuple[LogEntry, ...]:
    """The entries of an incident, newest first."""
    return records.find(db, LogEntry, incident_id=incident_id, order=(schema.log.c.id.desc(),), limit=limit)
