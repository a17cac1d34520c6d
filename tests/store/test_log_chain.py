"""The log in the database: one chain whoever writes, and `crisis verify` names what was done to it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, delete, select, update

from crisis.cli.verify import command
from crisis.core.log import sealed
from crisis.flows.desk import Desk, acting, note
from crisis.store import log, schema
from tests.world import World

TABLE = schema.log


def write(desk: Desk, count: int) -> None:
    for number in range(1, count + 1):
        with acting(desk) as (db, now):
            note(
                db, "entry_written", at=now, words=f"words {number}", place=number, weight=number / 7, what=["灶", None]
            )


@pytest.fixture
def verify(world: World, address: str, tmp_path: Path) -> Callable[[], tuple[int, str]]:
    """Runs `crisis verify` on the test's database, which has one entry: exit status and everything it said."""
    runner = CliRunner(env={"CRISIS_DATABASE": address, "CRISIS_HOME": str(tmp_path)})

    def run() -> tuple[int, str]:
        result = runner.invoke(command)
        return result.exit_code, result.output

    return run


def test_a_log_that_nobody_touched_is_confirmed(desk: Desk, verify: Callable[[], tuple[int, str]]) -> None:
    write(desk, 4)

    status, said = verify()

    assert status == 0 and "5 entries" in said


def test_entries_are_numbered_from_one_and_linked(desk: Desk) -> None:
    write(desk, 3)

    with desk.reading() as db:
        found = list(log.entries(db))
        assert [entry.seq for entry in found] == [1, 2, 3]
        assert found[2].prev_hash == found[1].hash
        assert log.head(db) == (3, found[2].hash)


def test_an_entry_of_a_transaction_that_failed_leaves_no_gap(desk: Desk) -> None:
    write(desk, 1)
    with pytest.raises(ZeroDivisionError), acting(desk) as (db, now):
        note(db, "entry_written", at=now)
        raise ZeroDivisionError
    write(desk, 1)

    with desk.reading() as db:
        assert [entry.seq for entry in log.entries(db)] == [1, 2]
        assert log.check(db) == ()


def changed(db: Connection) -> None:
    db.execute(update(TABLE).where(TABLE.c.seq == 3).values(note="another word"))


def changed_arguments(db: Connection) -> None:
    db.execute(update(TABLE).where(TABLE.c.seq == 3).values(args={"place": 99}))


def changed_and_sealed(db: Connection) -> None:
    entry = next(item for item in log.entries(db) if item.seq == 3)
    forged = sealed(replace(entry, note="forged"), seq=3, prev_hash=entry.prev_hash)
    db.execute(update(TABLE).where(TABLE.c.seq == 3).values(note="forged", hash=forged.hash))


def removed(db: Connection) -> None:
    db.execute(delete(TABLE).where(TABLE.c.seq == 3))


def cut(db: Connection) -> None:
    db.execute(delete(TABLE).where(TABLE.c.seq >= 4))


def reordered(db: Connection) -> None:
    ids = {row.seq: row.id for row in db.execute(select(TABLE.c.seq, TABLE.c.id))}
    for seq, identity in ((3, -1), (4, ids[3]), (3, ids[4])):
        db.execute(update(TABLE).where(TABLE.c.seq == seq).values(id=identity))


@pytest.mark.parametrize(
    ("touch", "named"),
    [
        (changed, ["entry 3: changed"]),
        (changed_arguments, ["entry 3: changed"]),
        (changed_and_sealed, ["entry 3: changed"]),
        (removed, ["entry 3: removed"]),
        (cut, ["entry 4: removed", "entry 5: removed"]),
        (reordered, ["entry 3: reordered"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_whatever_is_done_to_the_log_is_named(
    desk: Desk, verify: Callable[[], tuple[int, str]], touch: Callable[[Connection], None], named: list[str]
) -> None:
    write(desk, 4)
    with desk.transaction() as db:
        touch(db)

    status, said = verify()

    assert status == 1
    assert said.splitlines() == named


def test_many_writers_at_once_make_one_chain_without_gaps(desk: Desk) -> None:
    def write_some(writer: int) -> None:
        for number in range(6):
            with acting(desk) as (db, now):
                note(db, "entry_written", at=now, words=f"{writer}-{number}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write_some, range(6)))

    with desk.reading() as db:
        found = list(log.entries(db))
        assert [entry.seq for entry in found] == list(range(1, 37))
        assert log.check(db) == ()
        assert len({entry.note for entry in found}) == 36


def test_two_first_entries_at_once_are_both_written(desk: Desk) -> None:
    def first(writer: int) -> None:
        with desk.transaction() as db:
            note(db, "entry_written", at=datetime(2026, 5, 14, tzinfo=UTC), words=str(writer))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(first, range(4)))

    with desk.reading() as db:
        assert [entry.seq for entry in log.entries(db)] == [1, 2, 3, 4]
        assert log.check(db) == ()


@pytest.mark.parametrize(
    "touch", [changed, changed_and_sealed, removed, cut, reordered], ids=lambda value: value.__name__
)
def test_the_log_page_sees_what_was_done_to_entries_that_came_since_it_last_looked(
    desk: Desk, touch: Callable[[Connection], None]
) -> None:
    write(desk, 1)
    with desk.reading() as db:
        assert log.check_since(db) == ()
    write(desk, 4)
    with desk.transaction() as db:
        touch(db)

    with desk.reading() as db:
        assert log.check_since(db) == log.check(db) != ()
        assert log.check_since(db) != ()


def test_the_log_page_reads_again_only_what_came_since(desk: Desk) -> None:
    write(desk, 4)
    with desk.reading() as db:
        assert log.check_since(db) == ()
    with desk.transaction() as db:
        changed(db)
    write(desk, 2)

    with desk.reading() as db:
        assert log.check_since(db) == () == log.check_since(db)
        assert [problem.seq for problem in log.check(db)] == [3]
