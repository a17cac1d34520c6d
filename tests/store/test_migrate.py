"""Migrations: an empty database becomes today's schema, and a second run changes nothing."""

from __future__ import annotations

from sqlalchemy import func, select

from crisis.core.people import Person
from crisis.flows.desk import Desk
from crisis.store import migrate, records, schema
from tests.world import World


def test_an_empty_database_brought_to_head_has_exactly_the_schema_of_the_code(desk: Desk) -> None:
    assert migrate.differences(desk.database.engine) == []


def test_a_second_upgrade_changes_nothing_and_loses_nothing(world: World) -> None:
    migrate.upgrade(world.desk.database.engine)
    migrate.upgrade(world.desk.database.engine)

    assert migrate.differences(world.desk.database.engine) == []
    with world.desk.reading() as db:
        assert db.execute(select(func.count()).select_from(schema.person)).scalar_one() == 8
        assert records.get(db, Person, world.lin.id) == world.lin
