"""The worker: what it does first, and what it gives up."""

from __future__ import annotations

from datetime import timedelta

from crisis.core.job import Job
from crisis.core.release import Delivery, DeliveryState, Release
from crisis.core.statement import ChannelKind
from crisis.jobs.worker import LEASE, TRIES, run_one, take_turn
from crisis.store import jobs, records
from tests.world import TEXT, World, add_recipient


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


def test_what_everybody_reads_does_not_wait_behind_the_mails_of_an_earlier_text(world: World) -> None:
    for number in range(3):
        add_recipient(world.desk, "记者", f"r{number}@press.example")
    incident = world.room()
    world.released(incident, channels=(ChannelKind.EMAIL,))
    world.clock.pass_by(timedelta(minutes=1))
    second = world.released(incident, channels=(ChannelKind.EMAIL, ChannelKind.NEWSROOM))

    assert run_one(world.desk)

    with world.desk.reading() as db:
        (settled,) = [item for item in records.find(db, Delivery) if item.state is not DeliveryState.WAITING]
    assert (settled.release_id, settled.channel, settled.state) == (second.id, "newsroom", DeliveryState.SENT)


def test_a_text_whose_time_has_come_goes_out_between_two_jobs(world: World) -> None:
    incident = world.room()
    holding, _ = world.approved(incident, title="预备文本")
    late = world.draft(incident, text=TEXT + "还有一句。\n", title="致公众二")
    world.submitted(incident, late, fallback_number=holding.number)
    with world.desk.transaction() as db:
        for number in range(2):
            jobs.enqueue(db, "rejudge", f"r{number}", {"incident": incident.id}, run_at=world.desk.real_now())
    world.clock.pass_by(timedelta(minutes=15))

    assert take_turn(world.desk)

    with world.desk.reading() as db:
        assert [item.title for item in records.find(db, Release)] == ["预备文本"]
        assert [job for job in records.find(db, Job) if job.done_at is None and job.name == "rejudge"]
