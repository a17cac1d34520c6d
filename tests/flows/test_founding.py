"""Founding one's own desk: all of it, or nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection, event

from crisis.core.people import Person
from crisis.core.sources import Source
from crisis.errors import Invalid
from crisis.flows import founding
from crisis.flows.desk import Desk
from crisis.flows.founding import FirstPerson
from crisis.flows.sourceforms import NewSource
from crisis.store import records, schema
from tests.world import house

FIRST = FirstPerson(name="林若", email="lin@starhearth.example", password="stove-and-kettle")
FEEDS = (NewSource(url="https://paper.example/feed", name="晚报"),)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "admin"),
        ({"email": "nobody"}, "email"),
        ({"password": ""}, "password"),
        ({"password": "short"}, "password"),
    ],
)
def test_with_something_wrong_nothing_is_set_up_and_it_can_be_tried_again(
    desk: Desk, changes: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        founding.found(desk, house(), replace(FIRST, **changes), FEEDS)

    assert refused.value.field == field
    assert not founding.is_founded(desk)

    assert founding.found(desk, house(), FIRST, FEEDS).name == "林若"
    with desk.reading() as db:
        assert len(records.find(db, Person)) == len(records.find(db, Source)) == 1


def test_what_breaks_while_it_is_written_leaves_nothing_behind(desk: Desk) -> None:
    def full(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(f"INSERT INTO {schema.source.name} "):
            raise OSError("the disk is full")

    fills_up = replace(desk, fence=lambda db: event.listen(db, "before_cursor_execute", full))
    with pytest.raises(OSError, match="full"):
        founding.found(fills_up, house(), FIRST, FEEDS)

    assert not founding.is_founded(desk)
    with desk.reading() as db:
        assert records.find(db, Person) == ()


def test_a_desk_is_founded_once(desk: Desk) -> None:
    founding.found(desk, house(), FIRST, FEEDS)

    with pytest.raises(Invalid, match="already_founded"):
        founding.found(desk, house(), FIRST, FEEDS)
