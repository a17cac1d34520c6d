"""Founding one's own desk: organisation, first person, first sources. Used by `crisis init` and by a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crisis.core.people import Person, Role
from crisis.errors import Invalid
from crisis.flows import people, setup, sourceforms, sources
from crisis.flows.desk import ORGANISATION, Desk, House
from crisis.flows.sourceforms import NewSource
from crisis.store import keep


@dataclass(frozen=True, kw_only=True)
class FirstPerson:
    """The first administrator, who adds the others."""

    name: str
    email: str
    password: str
    lang: str = "zh"


def is_founded(desk: Desk) -> bool:
    """Whether an organisation is set up in this desk's database."""
    with desk.reading() as db:
        return keep.read(db, ORGANISATION) is not None


def found(desk: Desk, house: House, first: FirstPerson, feeds: Sequence[NewSource]) -> Person:
    """The first administrator of a desk that is now set up. Raises Invalid; then nothing is set up."""
    if is_founded(desk):
        raise Invalid("name", "already_founded")
    # Everything is looked at before anything is written.
    setup.checked(house)
    checked_feeds = [sourceforms.checked(feed) for feed in feeds]
    people.hashed(first.password)
    if "@" not in first.email:
        raise Invalid("email", "email_wrong", value=first.email)
    setup.save_house(desk, house, by=None)
    person = people.add_person(
        desk,
        by=None,
        name=first.name,
        email=first.email,
        roles=(Role.ADMINISTRATOR, Role.OFFICER),
        lang=first.lang,
        password=first.password,
    )
    sources.add(desk, checked_feeds, by=None)
    return person
