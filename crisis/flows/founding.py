"""Founding one's own desk: organisation, first person, first sources. Used by `crisis init` and by a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crisis.core.people import Person, Role
from crisis.errors import Invalid
from crisis.flows import people, setup, sourceforms, sources
from crisis.flows.desk import ORGANISATION, Desk, House, acting
from crisis.flows.sourceforms import NewSource
from crisis.store import keep
from crisis.store.db import Database


@dataclass(frozen=True, kw_only=True)
class FirstPerson:
    """The first administrator, who adds the others."""

    name: str
    email: str
    password: str
    lang: str = "zh"


def is_founded(desk: Desk) -> bool:
    """Whether an organisation is set up in this desk's database."""
    return is_founded_in(desk.database)


def is_founded_in(database: Database) -> bool:
    """Whether an organisation is set up in a database that holds a desk's tables."""
    with database.reading() as db:
        return keep.read(db, ORGANISATION) is not None


def found(desk: Desk, house: House, first: FirstPerson, feeds: Sequence[NewSource]) -> Person:
    """The first administrator of a desk that is now set up. Raises Invalid; then nothing is set up."""
    if is_founded(desk):
        raise Invalid("name", "already_founded")
    # Everything is looked at before anything is written, and all of it is written at once.
    kept = setup.checked(house)
    placed = [sourceforms.placed(desk.settings, sourceforms.checked(feed)) for feed in feeds]
    if not first.name.strip():
        raise Invalid("admin", "name_missing")
    person = people.checked(
        name=first.name,
        email=first.email,
        roles=(Role.ADMINISTRATOR, Role.OFFICER),
        lang=first.lang,
        password=first.password,
        at=desk.real_now(),
    )
    if not person.password_hash:
        raise Invalid("password", "password_short", least=people.PASSWORD_LENGTH)
    with acting(desk) as (db, now):
        if keep.read(db, ORGANISATION) is not None:
            raise Invalid("name", "already_founded")
        setup.save_in(desk, db, kept, by=None, now=now)
        made = people.put_person(db, person, by=None, now=now)
        sources.put(db, placed, by=None, now=now)
        return made
