"""The one mapper between frozen values and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, String, Table, insert, select, update

from crisis.errors import Invalid, NotFound, Stale
from crisis.store.schema import TABLES

Value = TypeVar("Value")


_NAMES: dict[type[Any], tuple[str, ...]] = {kind: tuple(field.name for field in fields(kind)) for kind in TABLES}
_LONGEST: dict[type[Any], dict[str, int]] = {
    kind: {
        column.name: column.type.length
        for column in table.c
        if isinstance(column.type, String) and column.type.length is not None
    }
    for kind, table in TABLES.items()
}


def table_of(kind: type[Any]) -> Table:
    """The table of a kind of value."""
    return TABLES[kind]


def value_of(kind: type[Value], row: Row[Any]) -> Value:
    """The value of a row of its table."""
    mapping = row._mapping
    return kind(**{name: mapping[name] for name in _NAMES[kind]})


def _cells(value: Any, *, without: tuple[str, ...]) -> dict[str, Any]:
    cells = {name: getattr(value, name) for name in _NAMES[type(value)] if name not in without}
    for name, most in _LONGEST[type(value)].items():
        # SQLite would keep it and PostgreSQL would not: one answer for both, at the field.
        if isinstance(cells.get(name), str) and len(cells[name]) > most:
            raise Invalid(name, "text_too_long", most=most)
    return cells


def add(db: Connection, value: Value) -> Value:
    """The value as stored, with its id. Raises Invalid for a text that is too long for its column."""
    table = TABLES[type(value)]
    result = db.execute(insert(table).values(_cells(value, without=("id",))).returning(table.c.id))
    return replace(value, id=result.scalar_one())  # type: ignore[type-var]


def add_all(db: Connection, values: Sequence[Value]) -> list[Value]:
    """The values (of one kind) as stored, with their ids, in the same order. One statement for all of them."""
    if not values:
        return []
    table = TABLES[type(values[0])]
    query = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    ids = db.execute(query, [_cells(value, without=("id",)) for value in values]).scalars().all()
    return [replace(value, id=found) for value, found in zip(values, ids, strict=True)]  # type: ignore[type-var]


def save(db: Connection, value: Value) -> Value:
    """The value as saved, with the next version. Raises Stale when somebody saved it since it was read."""
    table = TABLES[type(value)]
    identity, version = value.id, value.version  # type: ignore[attr-defined]
    cells = _cells(value, without=("id", "version")) | {"version": version + 1}
    result = db.execute(
        update(table).where(table.c.id == identity, table.c.version == version).values(cells).returning(table.c.id)
    )
    if result.first() is None:
        raise Stale(kind=type(value).__name__.lower(), id=identity)
    return replace(value, version=version + 1)  # type: ignore[type-var]


def get(db: Connection, kind: type[Value], identity: int) -> Value:
    """The value with an id. Raises NotFound."""
    table = TABLES[kind]
    row = db.execute(select(table).where(table.c.id == identity)).first()
    if row is None:
        raise NotFound(kind=kind.__name__.lower(), id=identity)
    return value_of(kind, row)


def find(
    db: Connection,
    kind: type[Value],
    *conditions: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]] = (),
    limit: int | None = None,
    **equal: Any,
) -> tuple[Value, ...]:
    """All values whose columns equal the keywords and meet the conditions, ordered by id unless told."""
    table = TABLES[kind]
    query = select(table).where(*conditions, *(table.c[name] == wanted for name, wanted in equal.items()))
    query = query.order_by(*(order or (table.c.id,)))
    if limit is not None:
        query = query.limit(limit)
    return tuple(value_of(kind, row) for row in db.execute(query))


def first(db: Connection, kind: type[Value], *conditions: ColumnElement[bool], **equal: Any) -> Value | None:
    """The first such value by id, or None."""
    found = find(db, kind, *conditions, limit=1, **equal)
    return found[0] if found else None
