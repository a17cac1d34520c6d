"""The queue: each job once, whoever asks; what was not finished comes back when its lease is over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, select

from crisis.flows.desk import Desk
from crisis.store import jobs, schema
from tests.world import BEGIN

LEASE = timedelta(minutes=2)


def fill(desk: Desk, count: int) -> None:
    with desk.transaction() as db:
        for number in range(count):
            jobs.enqueue(db, "nothing", f"nothing:{number}", {"n": number}, run_at=BEGIN)


def test_a_job_with_a_key_that_is_there_stays_as_it_is(desk: Desk) -> None:
    with desk.transaction() as db:
        jobs.enqueue(db, "nothing", "k", {"n": 1}, run_at=BEGIN)
        jobs.enqueue(db, "nothing", "k", {"n": 2}, run_at=BEGIN)

        assert db.execute(select(func.count()).select_from(schema.job)).scalar_one() == 1
        found = jobs.claim(db, now=BEGIN, lease=LEASE)

    assert found is not None and found.payload == {"n": 1}


def test_four_workers_get_each_job_once(desk: Desk) -> None:
    fill(desk, 24)

    def work(worker: int) -> list[int]:
        mine = []
        while True:
            with desk.transaction() as db:
                job = jobs.claim(db, now=BEGIN, lease=LEASE)
            if job is None:
                return mine
            mine.append(job.id)
            with desk.transaction() as db:
                jobs.finish(db, job, at=BEGIN)

    with ThreadPoolExecutor(4) as pool:
        taken = [identity for mine in pool.map(work, range(4)) for identity in mine]

    assert len(taken) == len(set(taken)) == 24


def test_a_job_whose_worker_died_comes_back_when_its_lease_is_over(desk: Desk) -> None:
    fill(desk, 1)
    with desk.transaction() as db:
        first = jobs.claim(db, now=BEGIN, lease=LEASE)

    with desk.transaction() as db:
        assert jobs.claim(db, now=BEGIN + LEASE, lease=LEASE) is None
        again = jobs.claim(db, now=BEGIN + LEASE + timedelta(seconds=1), lease=LEASE)

    assert first is not None and again is not None
    assert (again.id, again.attempts) == (first.id, 2)


def test_a_job_is_not_done_before_its_time_and_not_after_it_was_given_up(desk: Desk) -> None:
    fill(desk, 1)
    with desk.transaction() as db:
        job = jobs.claim(db, now=BEGIN, lease=LEASE)
        assert job is not None
        jobs.retry(db, job, run_at=BEGIN + timedelta(minutes=9), error="later")
        assert jobs.claim(db, now=BEGIN + timedelta(minutes=8), lease=LEASE) is None
        job = jobs.claim(db, now=BEGIN + timedelta(minutes=9), lease=LEASE)
        assert job is not None
        jobs.bury(db, job, error="too often")

        assert jobs.claim(db, now=BEGIN + timedelta(days=9), lease=LEASE) is None
        assert [item.last_error for item in jobs.dead(db)] == ["too often"]
        jobs.revive(db, job.id, run_at=BEGIN)
        revived = jobs.claim(db, now=BEGIN, lease=LEASE)

    assert revived is not None and revived.attempts == 1


def test_a_worker_whose_lease_ran_out_cannot_end_the_job_that_another_one_is_at(desk: Desk) -> None:
    fill(desk, 1)
    later = BEGIN + 2 * LEASE
    with desk.transaction() as db:
        slow = jobs.claim(db, now=BEGIN, lease=LEASE)
    with desk.transaction() as db:
        quick = jobs.claim(db, now=later, lease=LEASE)
    assert slow is not None and quick is not None

    with desk.transaction() as db:
        jobs.finish(db, slow, at=later)
        jobs.retry(db, slow, run_at=BEGIN, error="slow")
        assert not jobs.bury(db, slow, error="slow")
        assert jobs.claim(db, now=later, lease=LEASE) is None
    with desk.transaction() as db:
        after = jobs.claim(db, now=later + 2 * LEASE, lease=LEASE)

    assert after is not None and after.attempts == 3 and after.last_error == ""
