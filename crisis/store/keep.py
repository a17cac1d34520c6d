"""Small things that are kept by name: what is set up once, and what the ear remembers between two polls."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from crisis.store import schema


def read(db: Connection, name: str, default: Any = None) -> Any:
    """The value kept under a name, or the default."""
    row = db.execute(select(schema.setting.c.value).where(schema.setting.c.name == name)).first()
    return default if row is None else row.value


def write(db: Connection, name: str, value: Any) -> None:
    """Keep a JSON-able value under a name."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    query = dialect.insert(schema.setting).values(name=name, value=value)
    db.execute(query.on_conflict_do_update(index_elements=["name"], set_={"value": query.excluded.value}))


def read_ear(db: Connection, name: str) -> bytes | None:
    """What the ear remembered under a name, as the bytes it gave."""
    row = db.execute(select(schema.ear.c.state).where(schema.ear.c.name == name)).first()
    return None if row is None else bytes(row.state)


def write_ear(db: Connection, name: str, state: bytes) -> None:
    """Keep what the ear remembers."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    query = dialect.insert(schema.ear).values(name=name, state=state)
    db.execute(query.on_conflict_do_update(index_elements=["name"], set_={"state": query.excluded.state}))
