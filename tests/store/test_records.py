"""The one mapper: every value has its table, and nobody overwrites what they have not seen."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import String, func, insert, select

from crisis.core.fact import Fact
from crisis.core.incident import Incident
from crisis.core.people import Person
from crisis.errors import Invalid, NotFound, Stale
from crisis.flows.desk import Desk
from crisis.store import keep, records, schema
from crisis.store.schema import TABLES
from tests.world import World


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_fields_and_columns_of_a_kind_agree(kind: type[Any]) -> None:
    table = TABLES[kind]
    columns = {column.name: column for column in table.c}

    assert {field.name for field in fields(kind)} == set(columns)
    for field in fields(kind):
        may_be_nothing = "None" in str(field.type)
        assert columns[field.name].nullable == may_be_nothing, field.name


def test_every_kind_with_a_version_is_saved_under_it() -> None:
    versioned = {kind for kind in TABLES if "version" in {field.name for field in fields(kind)}}

    assert Incident in versioned and Fact in versioned
    assert all("version" in TABLES[kind].c for kind in versioned)


def test_what_is_added_is_read_back_as_it_was(world: World) -> None:
    with world.desk.reading() as db:
        assert records.get(db, Person, world.he.id) == world.he
        assert records.find(db, Person) == world.everybody


def test_a_time_comes_back_as_the_same_moment_in_utc(world: World) -> None:
    local = datetime(2026, 5, 14, 9, 6, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with world.desk.transaction() as db:
        records.save(db, replace(world.lin, created_at=local))

    with world.desk.reading() as db:
        found = records.get(db, Person, world.lin.id).created_at

    assert found == local and found is not None and found.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(world: World) -> None:
    with pytest.raises(Exception, match="without a zone"), world.desk.transaction() as db:
        records.save(db, replace(world.lin, created_at=datetime(2026, 5, 14)))


def test_saving_an_old_version_is_refused_and_changes_nothing(world: World) -> None:
    with world.desk.transaction() as db:
        newer = records.save(db, replace(world.lin, title="press office"))

    with pytest.raises(Stale), world.desk.transaction() as db:
        records.save(db, replace(world.lin, title="somebody else"))

    with world.desk.reading() as db:
        assert records.get(db, Person, world.lin.id) == newer
        assert newer.version == 2


def test_saving_what_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(Stale), world.desk.transaction() as db:
        records.save(db, replace(world.lin, id=2**31 - 1))


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    with desk.reading() as db, pytest.raises(NotFound):
        records.get(db, Person, 1)


def test_a_text_that_is_too_long_is_refused_at_its_field_on_every_database(world: World) -> None:
    most = schema.person.c.title.type
    assert isinstance(most, String) and most.length == 200

    with pytest.raises(Invalid) as caught, world.desk.transaction() as db:
        records.save(db, replace(world.lin, title="长" * 201))

    assert (caught.value.field, caught.value.code) == ("title", "text_too_long")
    with world.desk.transaction() as db:
        records.save(db, replace(world.lin, title="长" * 200))


def test_a_transaction_that_fails_leaves_nothing(world: World) -> None:
    with pytest.raises(ZeroDivisionError), world.desk.transaction() as db:
        records.save(db, replace(world.lin, title="half"))
        raise ZeroDivisionError

    with world.desk.reading() as db:
        assert records.get(db, Person, world.lin.id) == world.lin


def test_a_look_at_the_data_is_one_snapshot(world: World) -> None:
    with world.desk.reading() as looking:
        before = records.get(looking, Person, world.lin.id)
        with world.desk.transaction() as db:
            records.save(db, replace(world.lin, title="changed meanwhile"))

        assert records.get(looking, Person, world.lin.id) == before


def test_what_points_to_nothing_is_refused_by_the_database_itself(world: World) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), world.desk.transaction() as db:
        db.execute(insert(schema.member).values(incident_id=77, person_id=world.lin.id))


def test_what_is_kept_by_name_is_replaced_not_doubled(desk: Desk) -> None:
    with desk.transaction() as db:
        keep.write(db, "x", {"a": [1, "二"]})
        keep.write(db, "x", None)
        keep.write(db, "y", False)
        keep.write_ear(db, "x", b"\x00\xff")

    with desk.reading() as db:
        assert keep.read(db, "x", "default") is None
        assert keep.read(db, "y") is False
        assert keep.read(db, "z", "default") == "default"
        assert keep.read_ear(db, "x") == b"\x00\xff"
        assert db.execute(select(func.count()).select_from(schema.setting)).scalar_one() == 2
