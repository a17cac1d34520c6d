"""Migrations: an empty database becomes today's schema, and a second run changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, func, insert, make_url, select

from crisis.core.checks import Level
from crisis.core.contact import Recipient
from crisis.core.incident import Task
from crisis.core.people import Person
from crisis.core.sources import Story, StoryState
from crisis.core.statement import Waiver
from crisis.flows.desk import Desk
from crisis.store import migrate, records, schema
from crisis.store.db import open_engine
from tests.world import BEGIN, World


@pytest.fixture
def nothing(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.sqlite'}"
        return
    url = make_url(str(request.getfixturevalue("postgres_address")))
    old = url.set(database=f"{url.database}_old")
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{old.database}" TEMPLATE template0')
    try:
        yield old.render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{old.database}" WITH (FORCE)')
        server.dispose()


def test_an_empty_database_brought_to_head_has_exactly_the_schema_of_the_code(desk: Desk) -> None:
    assert migrate.differences(desk.database.engine) == []


def test_a_second_upgrade_changes_nothing_and_loses_nothing(world: World) -> None:
    migrate.upgrade(world.desk.database.engine)
    migrate.upgrade(world.desk.database.engine)

    assert migrate.differences(world.desk.database.engine) == []
    with world.desk.reading() as db:
        assert db.execute(select(func.count()).select_from(schema.person)).scalar_one() == 8
        assert records.get(db, Person, world.lin.id) == world.lin


def test_recipients_that_stood_there_twice_are_one_after_the_step_and_the_one_that_is_on_stays(nothing: str) -> None:
    engine = open_engine(nothing)
    migrate.upgrade(engine, to="0002")
    kept = {"audience": "public", "lang": "zh", "region": "", "name": "晚报"}
    rows = [
        kept | {"email": "night@paper.example", "active": False},
        kept | {"email": "Night@paper.example", "active": True},
        kept | {"email": "NIGHT@paper.example", "active": True},
        kept | {"email": "night@paper.example", "active": True, "lang": "en"},
        kept | {"email": "old@paper.example", "active": False},
        kept | {"email": "old@paper.example", "active": False},
    ]
    with engine.begin() as db:
        db.execute(insert(schema.recipient), rows)

    migrate.upgrade(engine)

    with engine.begin() as db:
        found = [(item.email, item.lang, item.active) for item in records.find(db, Recipient)]
    engine.dispose()
    assert found == [
        ("Night@paper.example", "zh", True),
        ("night@paper.example", "en", True),
        ("old@paper.example", "zh", False),
    ]


def older_incident(db: Connection) -> str:
    """A person and an incident as an older desk has written them; answers their time."""
    at = BEGIN.strftime("%Y-%m-%d %H:%M:%S")
    db.exec_driver_sql(
        "INSERT INTO person (id, name, email, roles, regions, title, lang, password_hash, active, version)"
        " VALUES (1, 'Lin', 'lin@paper.example', '[]', '[]', '', 'zh', '', true, 1)"
    )
    db.exec_driver_sql(
        "INSERT INTO incident (id, key, title, t0_at, opened_at, opened_by, owner_id, severity, state, restricted,"
        " regions, playbook, situation, injury, cause_established, claim_refuted, fault_gate_open, drill, version)"
        f" VALUES (1, 'XL-0514-01', 'x', '{at}', '{at}', 1, 1, 3, 'open', false, '[]', '{{}}', '', false, false,"
        " false, false, false, 1)"
    )
    return at


def test_tasks_of_an_older_desk_stay_and_have_no_release_as_evidence(nothing: str) -> None:
    engine = open_engine(nothing)
    migrate.upgrade(engine, to="0004")
    with engine.begin() as db:
        older_incident(db)
        db.exec_driver_sql(
            "INSERT INTO task (id, incident_id, step_id, phase, title, owner_role, gate_hard, principle, state, note,"
            """ version) VALUES (7, 1, 'K11', '1h', '{"zh": "发", "en": "send"}', '', true, '', 'open', '', 1)"""
        )

    migrate.upgrade(engine)

    with engine.begin() as db:
        (task,) = records.find(db, Task)
    engine.dispose()
    assert (task.id, task.step_id, task.title.zh, task.release_id) == (7, "K11", "发", None)


def test_a_waiver_of_an_older_desk_stays_and_lets_pass_nothing_that_blocks(nothing: str) -> None:
    engine = open_engine(nothing)
    migrate.upgrade(engine, to="0005")
    with engine.begin() as db:
        at = older_incident(db)
        db.exec_driver_sql(
            "INSERT INTO statement (id, incident_id, number, audience, lang, kind, title, state, revision, channels,"
            " author_id, created_at, version)"
            f" VALUES (1, 1, 1, 'public', 'zh', 'holding', 'x', 'draft', 1, '[]', 1, '{at}', 1)"
        )
        db.exec_driver_sql(
            'INSERT INTO waiver (id, statement_id, "check", quote, "by", at, reason)'
            f" VALUES (3, 1, 'SC01', '', 1, '{at}', 'by phone')"
        )

    migrate.upgrade(engine)

    with engine.begin() as db:
        (waiver,) = records.find(db, Waiver)
    engine.dispose()
    assert (waiver.id, waiver.check, waiver.reason, waiver.severity) == (3, "SC01", "by phone", Level.HIGH)


def test_a_story_that_the_ear_had_joined_before_leads_to_the_other_after_the_step(nothing: str) -> None:
    engine = open_engine(nothing)
    migrate.upgrade(engine, to="0007")
    counts = dict.fromkeys(("articles", "mentions", "voices"), 0) | {"risk": 0.0, "severity": 1, "level": ""}
    times = dict.fromkeys(("first_at", "found_at", "last_at"), BEGIN)
    told = {"title": "x", "title_outside": True, "origin": "media", "region": "", "reasons": ()} | counts | times
    joined = {"state": StoryState.MERGED, "reason": "→ S-1"}
    table = schema.story
    with engine.begin() as db:
        for number, more in enumerate(({"state": StoryState.OPEN}, joined, joined | {"decided_by": 1})):
            row = told | {"key": str(number), "decided_by": None, "reason": "", "version": 1} | more
            db.execute(insert(table).values({table.c[name]: value for name, value in row.items()}))

    migrate.upgrade(engine)

    with engine.begin() as db:
        found = [story.into_id for story in records.find(db, Story)]
    engine.dispose()
    assert found == [None, 1, None]
