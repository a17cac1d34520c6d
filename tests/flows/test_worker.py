"""The worker: what it does first, and what it gives up."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from crisis.channels.message import ChannelFailed
from crisis.core.job import Job
from crisis.core.release import Delivery, DeliveryState, Release
from crisis.core.statement import ChannelKind
from crisis.flows import deliveries, setup
from crisis.jobs.worker import LEASE, TRIES, run_one, run_until_idle, take_turn
from crisis.store import jobs, records
from tests.fakes import mail_server
from tests.world import TEXT, World, add_recipient, house

NOBODY_ANSWERS = {"host": "127.0.0.1", "port": 1, "sender": "press@starhearth.example"}


class Cut(Exception):
    """The process ends here."""


def mail(world: World, smtp: dict[str, object]) -> Delivery:
    """A delivery by mail that waits."""
    setup.save_house(world.desk, house(smtp=smtp), by=None)
    add_recipient(world.desk, "夜班", "night@paper.example")
    world.released(world.room(), channels=(ChannelKind.EMAIL,))
    return only_delivery(world)


def only_delivery(world: World) -> Delivery:
    with world.desk.reading() as db:
        (found,) = records.find(db, Delivery)
        return found


def break_off_in_the_text(world: World, delivery: Delivery) -> None:
    """A worker is cut off where the server has begun to take the text."""

    def cut(point: str) -> None:
        if point == "in_email":
            raise Cut

    with pytest.raises(Cut):
        deliveries.deliver(replace(world.desk, checkpoint=cut), delivery.id)


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


def test_a_worker_that_lost_its_lease_does_not_set_back_what_another_one_has_begun_to_send(world: World) -> None:
    with mail_server() as mailbox:
        delivery = mail(world, mailbox.smtp)

        def another_begins(point: str) -> None:
            if point == "before_email":
                break_off_in_the_text(world, delivery)
                mailbox.at_recipient = "451 later"

        with pytest.raises(ChannelFailed):
            deliveries.deliver(replace(world.desk, checkpoint=another_begins), delivery.id)

    assert only_delivery(world).state is DeliveryState.SENDING


def test_a_mail_that_a_slow_server_is_taking_is_not_taken_up_by_a_second_worker(world: World) -> None:
    with mail_server() as mailbox:
        mail(world, mailbox.smtp)
        others: list[bool] = []

        def slow(point: str) -> None:
            if point == "in_email":
                for _ in range(3):
                    world.clock.pass_by(LEASE * 0.75)
                    leased_until(world, world.clock.at + LEASE)
                    others.append(run_one(world.desk))

        assert run_one(replace(world.desk, checkpoint=slow), renewed_every=timedelta(milliseconds=10))

        assert others == [False, False, False] and len(mailbox.taken) == 1
    assert only_delivery(world).state is DeliveryState.SENT


def leased_until(world: World, moment: datetime) -> None:
    """Waits until the job at hand is leased so long."""
    for _ in range(1000):
        with world.desk.reading() as db:
            (job,) = records.find(db, Job)
        if job.locked_until == moment:
            return
        time.sleep(0.01)
    raise AssertionError("the lease was not renewed")


def test_nobody_ever_sees_a_job_given_up_whose_delivery_still_waits(world: World) -> None:
    mail(world, NOBODY_ANSWERS)

    def look(db: Connection) -> None:
        if jobs.dead(db):
            assert records.find(db, Delivery)[0].state is not DeliveryState.WAITING

    desk = replace(world.desk, fence=look)
    for _ in range(TRIES):
        assert run_one(desk)
        world.clock.pass_by(timedelta(hours=1))

    assert only_delivery(world).state is DeliveryState.FAILED
    assert not run_one(desk)


def test_a_mail_at_which_the_process_died_in_the_last_try_may_have_arrived_and_a_person_decides(world: World) -> None:
    with mail_server() as mailbox:
        delivery = mail(world, mailbox.smtp)
        for _ in range(TRIES):
            with world.desk.transaction() as db:
                assert jobs.claim(db, now=world.desk.real_now(), lease=LEASE) is not None
            world.clock.pass_by(LEASE * 2)
        break_off_in_the_text(world, delivery)

        run_until_idle(world.desk)

    assert only_delivery(world).state is DeliveryState.UNCERTAIN


def test_the_mails_of_a_release_go_over_one_connection_and_each_has_its_own_receipt(world: World) -> None:
    with mail_server() as mailbox:
        setup.save_house(world.desk, house(smtp=mailbox.smtp), by=None)
        for number in range(4):
            add_recipient(world.desk, "记者", f"r{number}@press.example")
        world.released(world.room(), channels=(ChannelKind.EMAIL,))

        run_until_idle(world.desk)

        assert (len(mailbox.taken), mailbox.connections) == (4, 1)
    with world.desk.reading() as db:
        found = records.find(db, Delivery)
    assert {item.state for item in found} == {DeliveryState.SENT}
    assert len({item.receipt["reference"] for item in found}) == 4
