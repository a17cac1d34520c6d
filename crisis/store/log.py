"""The log in the database: appended only here, in order, under a lock; read in order; verified."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crisis.core.log import GENESIS, ChainProblem, LogEntry, canonical, sealed, verify
from crisis.core.people import Person
from crisis.store import records, schema, visible


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


def newest_at(db: Connection) -> datetime | None:
    """The latest time that the log holds; None while it is empty."""
    newest: datetime | None = db.execute(select(func.max(schema.log.c.at))).scalar_one()
    return newest


def entries(db: Connection) -> Iterator[LogEntry]:
    """Every entry, in the order of the rows."""
    for row in db.execute(select(schema.log).order_by(schema.log.c.id)):
        yield records.value_of(LogEntry, row)


def check(db: Connection) -> tuple[ChainProblem, ...]:
    """What is wrong with the chain; empty when it holds."""
    seq, hash = head(db)
    return verify(entries(db), head_seq=seq, head_hash=hash)


# Up to where the chain was verified since this process began, per database. It lies in no database: whoever can
# change the log could change the mark with it.
_verified: WeakKeyDictionary[Engine, tuple[int, str]] = WeakKeyDictionary()


def check_since(db: Connection) -> tuple[ChainProblem, ...]:
    """What is wrong with the chain: all of it the first time, later what came since; `check` reads all of it again.

    An entry that was sound when this process read it and is changed afterwards is found by the next `check`.
    """
    seq, hash = head(db)
    known = _verified.get(db.engine)
    if known is None or not _goes_on(db, known, (seq, hash)):
        problems = check(db)
        if problems:
            _verified.pop(db.engine, None)
            return problems
    _verified[db.engine] = (seq, hash)
    return ()


def _goes_on(db: Connection, known: tuple[int, str], newest: tuple[int, str]) -> bool:
    """Whether the entries after a verified one continue it, one by one, to the newest."""
    table = schema.log
    before = known
    first = db.execute(select(table.c.hash).where(table.c.seq == known[0])).scalar_one_or_none()
    if first != (known[1] if known[0] else None):
        return False
    for row in db.execute(select(table).where(table.c.seq > known[0], table.c.seq <= newest[0]).order_by(table.c.id)):
        entry = records.value_of(LogEntry, row)
        sound = hashlib.sha256(canonical(entry)).hexdigest() == entry.hash
        if not sound or (entry.seq - 1, entry.prev_hash) != before:
            return False
        before = (entry.seq, entry.hash)
    return before == newest


def newest_of(db: Connection, incident_id: int, verbs: Sequence[str]) -> LogEntry | None:
    """The newest entry of an incident that tells of one of these."""
    return records.first(
        db, LogEntry, schema.log.c.verb.in_(verbs), incident_id=incident_id, order=(schema.log.c.id.desc(),)
    )


def told_of(db: Connection, incident_id: int, verbs: Sequence[str]) -> tuple[LogEntry, ...]:
    """The entries of an incident that tell of one of these, newest first."""
    return records.find(
        db, LogEntry, schema.log.c.verb.in_(verbs), incident_id=incident_id, order=(schema.log.c.id.desc(),)
    )


def of_incident(
    db: Connection, incident_id: int, *, person: Person | None = None, limit: int = 200
) -> tuple[LogEntry, ...]:
    """The entries of an incident, newest first: for a person without those about responses that they do not read."""
    found = records.find(db, LogEntry, incident_id=incident_id, order=(schema.log.c.id.desc(),), limit=limit)
    regions = None if person is None else visible.regions_read(person)
    if regions is None:
        return found
    return tuple(item for item in found if item.verb != "response_entered" or item.args.get("region") in regions)
