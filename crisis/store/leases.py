"""Leases in the database: one row per thing that one process does for all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crisis.core.lease import Claimant, Lease
from crisis.errors import LeaseLost
from crisis.store.schema import lease as table


def _lease(row: Row[Any]) -> Lease:
    return Lease(
        name=row.name,
        holder=Claimant(host=row.host, number=row.number, place=row.place),
        term=row.term,
        since_at=row.since_at,
        until_at=row.until_at,
    )


def read(db: Connection, name: str) -> Lease | None:
    """The lease as it stands; None before anybody has claimed it."""
    row = db.execute(select(table).where(table.c.name == name)).first()
    return None if row is None else _lease(row)


def locked(db: Connection, name: str, *, now: datetime) -> Lease:
    """The lease, which nobody else can change or prove until the transaction ends."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    nobody = dialect.insert(table).values(name=name, host="", number=0, place="", term=0, since_at=now, until_at=now)
    db.execute(nobody.on_conflict_do_nothing())
    return _lease(db.execute(select(table).where(table.c.name == name).with_for_update()).one())


def put(db: Connection, lease: Lease) -> Lease:
    """The lease as it is from now on; the caller has locked it."""
    db.execute(
        update(table)
        .where(table.c.name == lease.name)
        .values(
            host=lease.holder.host,
            number=lease.holder.number,
            place=lease.holder.place,
            term=lease.term,
            since_at=lease.since_at,
            until_at=lease.until_at,
        )
    )
    return lease


def prolong(db: Connection, lease: Lease) -> None:
    """Keep until when a lease is held. Raises LeaseLost when another process holds it by now."""
    mine = (table.c.name == lease.name, table.c.term == lease.term)
    kept = db.execute(update(table).where(*mine).values(until_at=lease.until_at).returning(table.c.term)).first()
    if kept is None:
        raise LeaseLost(lease=lease.name, term=lease.term)


def prove(db: Connection, lease: Lease) -> None:
    """Nobody else claims the lease until this transaction ends. Raises LeaseLost when somebody has already."""
    mine = select(table.c.term).where(table.c.name == lease.name, table.c.term == lease.term)
    if db.execute(mine.with_for_update()).first() is None:
        raise LeaseLost(lease=lease.name, term=lease.term)
