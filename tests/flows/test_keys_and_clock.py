"""Keys carry the day of the organisation's own clock; a drill's clock stands while the desk is closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crisis.cli import opening
from crisis.content.drills import load_drill
from crisis.flows import complaints, drill, founding
from crisis.flows.desk import Desk, acting, note
from tests.world import Clock, World, house


def test_keys_carry_the_day_that_people_at_home_have(world: World, clock: Clock) -> None:
    clock.at = datetime(2026, 5, 13, 23, 30, tzinfo=UTC)

    assert world.incident().key.startswith("XL-0514-")
    typed = {"received_by": "x", "unit": "x", "customer_name": "陈", "details": "x", "region": ""}
    assert complaints.receive(world.desk, typed, by=world.li).key.startswith("C-0514-")


@pytest.fixture
def played(make_desk: Callable[..., Desk]) -> Desk:
    desk = make_desk(drill=True)
    opened(desk)
    return desk


def opened(desk: Desk) -> None:
    story = load_drill()
    feeds = {outlet.name: f"http://127.0.0.1:1/{outlet.name}" for outlet in story.outlets}
    drill.lay_out(desk, story, feeds=feeds)


def test_a_drill_goes_on_where_the_desk_was_closed(played: Desk, clock: Clock) -> None:
    drill.set_speed(played, 10, by=None)
    clock.pass_by(timedelta(minutes=3))
    closed_at = played.now()
    drill.put_away(played)

    clock.pass_by(timedelta(days=2))
    opened(played)

    assert played.now() == closed_at
    clock.pass_by(timedelta(minutes=1))
    assert played.now() == closed_at + timedelta(minutes=10)


def test_a_drill_that_was_killed_never_goes_back_before_what_it_has_logged(played: Desk, clock: Clock) -> None:
    clock.pass_by(timedelta(minutes=3))
    with acting(played) as (db, now):
        note(db, "entry_written", at=now)

    clock.pass_by(timedelta(days=2))
    opened(played)

    assert played.now() == now


def test_the_desk_that_an_address_names_is_opened_wherever_its_file_lies(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "desk.sqlite"
    elsewhere.parent.mkdir()
    environ = {"CRISIS_HOME": str(tmp_path / "home"), "CRISIS_DATABASE": f"sqlite:///{elsewhere}"}
    sample = opening.open_desk(environ)
    sample.database.close()
    assert sample.drill and not elsewhere.exists()

    own = opening.own_desk(environ)
    founding.found(
        own, house(), founding.FirstPerson(name="A", email="a@b.example", password="a-long-password-of-mine"), []
    )
    own.database.close()

    found = opening.open_desk(environ)
    found.database.close()
    assert not found.drill and found.settings.database.endswith("elsewhere/desk.sqlite")
