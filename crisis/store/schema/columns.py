"""What every table is made of: the names of constraints, and the kinds of columns that stand in many tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Integer, MetaData, String, Text

from crisis.store.types import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

record = Mapping[str, Any]
rows = tuple[Mapping[str, Any], ...]
texts = tuple[str, ...]


def identity() -> Column[int]:
    """The row's number, given by the database."""
    return Column("id", Integer, primary_key=True, autoincrement=True)


def version() -> Column[int]:
    """How often the row was saved: compared by whoever saves it next."""
    return Column("version", Integer, nullable=False, default=1)


def to(table: str, name: str, *, null: bool = False, index: bool = True) -> Column[int]:
    """The row of another table that this one belongs to."""
    return Column(name, Integer, ForeignKey(f"{table}.id"), nullable=null, index=index)


def string(name: str, size: int = 200) -> Column[str]:
    """A short text that a database can index; empty where nothing is known."""
    return Column(name, String(size), nullable=False, default="", server_default="")


def text(name: str) -> Column[str]:
    """A text of any length; empty where nothing is known."""
    return Column(name, Text, nullable=False, default="", server_default="")


def time(name: str, *, null: bool = False, index: bool = False) -> Column[Any]:
    """A moment in UTC."""
    return Column(name, UtcDateTime, nullable=null, index=index)


def flag(name: str) -> Column[bool]:
    """Yes or no; no unless somebody says yes."""
    return Column(name, Boolean, nullable=False, default=False)
