"""A process that is cut off in the middle of a transaction: PostgreSQL ends it, and all others go on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from crisis.flows import incidents
from crisis.store import log
from crisis.store.db import PAUSES_AT_MOST, Database, open_engine
from tests.world import World

pytestmark = pytest.mark.postgres
LIMIT = "SHOW idle_in_transaction_session_timeout"


def test_an_abandoned_transaction_does_not_hold_the_turn_at_the_log(world: World, address: str) -> None:
    if world.desk.database.is_sqlite:
        pytest.skip("a file has no connection that could be cut off: who is killed holds no lock")
    incident = world.room()
    cut_off = Database(open_engine(address, pauses_at_most=timedelta(milliseconds=300)))
    written = False

    with pytest.raises(DBAPIError), cut_off.transaction() as db, ThreadPoolExecutor() as others:
        log.take_turn(db)
        # Nothing more is heard from here; somebody else writes all the same.
        entry = others.submit(
            incidents.write_entry, world.desk, incident.key, by=world.lin, words="09:20 the mayor calls"
        )
        entry.result(timeout=30)
        written = True
        log.take_turn(db)

    assert written
    with cut_off.transaction() as db:
        assert log.take_turn(db) == log.head(db), "whoever was cut off goes on with a new connection"
        assert log.check(db) == ()
    cut_off.close()


def test_every_connection_has_the_limit_also_after_a_transaction_that_failed(postgres_ready: str) -> None:
    database = Database(open_engine(postgres_ready))
    limits = []

    with pytest.raises(ZeroDivisionError), database.transaction() as db:
        limits.append(db.exec_driver_sql(LIMIT).scalar_one())
        raise ZeroDivisionError
    with database.transaction() as db, database.reading() as look:
        limits += [db.exec_driver_sql(LIMIT).scalar_one(), look.exec_driver_sql(LIMIT).scalar_one()]

    database.close()
    assert timedelta(minutes=1) == PAUSES_AT_MOST
    assert limits == ["1min"] * 3
