"""The queue: a job at which the process dies each time is given up like one that fails."""

from __future__ import annotations

from crisis.core.job import Job
from crisis.jobs.worker import LEASE, TRIES, run_one
from crisis.store import jobs, records
from tests.world import World


def test_a_job_at_which_the_process_dies_each_time_is_given_up_and_shown(world: World) -> None:
    incident = world.incident()
    with world.desk.transaction() as db:
        jobs.enqueue(db, "rejudge", "deadly", {"incident": incident.id}, run_at=world.desk.real_now())

    for _ in range(TRIES):
        with world.desk.transaction() as db:
            claimed = jobs.claim(db, now=world.desk.real_now(), lease=LEASE)
        assert claimed is not None and claimed.key == "deadly"
        world.clock.pass_by(LEASE * 2)
    assert run_one(world.desk)

    with world.desk.reading() as db:
        (given_up,) = jobs.dead(db)
        assert given_up.key == "deadly" and "ended at this job" in given_up.last_error
        assert not [job for job in records.find(db, Job) if job.locked_until]
    assert not run_one(world.desk)
