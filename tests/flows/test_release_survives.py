"""A release happens exactly once, though its process is killed at any point between the approval and the receipt.

A real process releases and delivers to a real mail server and is killed (SIGKILL) at a named point; a second one
finishes what was left.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crisis.content.library import Library
from crisis.core.release import Delivery, DeliveryState, Release
from crisis.core.statement import ChannelKind, StatementState, canonical_text
from crisis.errors import WrongState
from crisis.flows import deliveries, releases
from crisis.jobs.worker import run_until_idle
from crisis.store import log, records, schema
from crisis.store import statements as texts
from tests.fakes import Mailbox, mail_server
from tests.flows.at_once import in_a_process, kill_me
from tests.world import TEXT, Clock, World, add_recipient, lay_out, open_desk

POINTS = (
    "before_release",
    "in_release",
    "after_release",
    *(f"{when}_{channel}" for channel in ("newsroom", "file", "email") for when in ("before", "after", "recorded")),
    "in_email",
)
ALL = (ChannelKind.NEWSROOM, ChannelKind.FILE, ChannelKind.EMAIL)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as found:
        yield found


@pytest.mark.parametrize("point", POINTS)
def test_a_release_happens_once_though_its_process_is_killed(
    point: str,
    address: str,
    tmp_path: Path,
    content: Library,
    clock: Clock,
    mailbox: Mailbox,
    make_desk: Callable[..., object],
) -> None:
    world = lay_out(make_desk(), clock, smtp=mailbox.smtp)  # type: ignore[arg-type]
    add_recipient(world.desk, "钱塘晚报 夜班", "night@paper.example")
    incident = world.room()
    statement, approval = world.approved(incident, channels=ALL)
    world.desk.database.close()

    def release_and_die() -> None:
        desk = open_desk(
            address,
            home=tmp_path,
            content=content,
            clock=clock,
            checkpoint=lambda name: kill_me() if name == point else None,
        )
        releases.release(desk, incident.key, statement.number, by=world.zhou, hash=approval.hash)
        run_until_idle(desk)

    assert in_a_process(release_and_die) == -signal.SIGKILL

    def finish() -> None:
        desk = open_desk(address, home=tmp_path, content=content, clock=clock)
        try:
            # The person who saw no answer presses again.
            releases.release(desk, incident.key, statement.number, by=world.zhou, hash=approval.hash)
            assert point in ("before_release", "in_release")
        except WrongState as refused:
            assert str(refused) == "already released"
        run_until_idle(desk)

    clock.pass_by(timedelta(minutes=5))
    assert in_a_process(finish) == 0

    with world.desk.reading() as db:
        (made,) = records.find(db, Release)
        found = {delivery.channel: delivery for delivery in records.find(db, Delivery)}
        waiting = db.execute(select(func.count()).where(schema.job.c.done_at.is_(None))).scalar_one()
        assert log.check(db) == ()
        assert [item.id for item in texts.newsroom(db, audiences=("public",))] == [made.id]
    assert (made.text, made.hash) == (canonical_text(TEXT), approval.hash)
    assert set(found) == set(ALL) and waiting == 0
    assert found["newsroom"].state is found["file"].state is DeliveryState.SENT
    files = list((tmp_path / "released").iterdir())
    assert [file.name for file in files] == [f"release-{made.id}.zh.txt"]
    assert files[0].read_text(encoding="utf-8") == f"{statement.title}\n\n{canonical_text(TEXT)}"
    in_doubt = point in ("in_email", "after_email")
    assert found["email"].state is (DeliveryState.UNCERTAIN if in_doubt else DeliveryState.SENT)
    assert len(mailbox.taken) == (0 if point == "in_email" else 1)
    for mail in mailbox.taken:
        assert mail.get_content().replace("\r\n", "\n") == canonical_text(TEXT)


@pytest.fixture
def posted(world: World, mailbox: Mailbox) -> Callable[[], Delivery]:
    """Releases one statement by mail; runs the worker; the delivery as it is then."""
    from crisis.flows import setup
    from tests.world import house

    setup.save_house(world.desk, house(smtp=mailbox.smtp), by=None)
    add_recipient(world.desk, "钱塘晚报 夜班", "night@paper.example")
    world.released(world.room(), channels=(ChannelKind.EMAIL,))

    def run() -> Delivery:
        run_until_idle(world.desk)
        with world.desk.reading() as db:
            (found,) = records.find(db, Delivery)
            return found

    return run


def test_the_mail_carries_the_approved_bytes_and_the_same_name_at_every_try(
    world: World, mailbox: Mailbox, posted: Callable[[], Delivery]
) -> None:
    assert posted().state is DeliveryState.SENT

    (mail,) = mailbox.taken
    with world.desk.reading() as db:
        (made,) = records.find(db, Release)
    assert mail.get_content().replace("\r\n", "\n") == made.text
    assert (mail["Subject"], mail["X-Statement-SHA256"].strip()) == (made.title, made.hash)
    assert mail["To"].addresses[0].addr_spec == "night@paper.example"


def test_a_server_that_is_busy_is_asked_again_later(
    world: World, mailbox: Mailbox, posted: Callable[[], Delivery]
) -> None:
    mailbox.at_recipient = "451 come back later"
    assert posted().state is DeliveryState.WAITING

    mailbox.at_recipient = ""
    assert posted().state is DeliveryState.WAITING
    world.clock.pass_by(timedelta(seconds=6))

    assert posted().state is DeliveryState.SENT
    assert len(mailbox.taken) == 1


def test_a_server_that_does_not_want_the_text_now_is_asked_again_later(
    world: World, mailbox: Mailbox, posted: Callable[[], Delivery]
) -> None:
    mailbox.at_data = "452 no room"
    assert posted().state is DeliveryState.WAITING

    mailbox.at_data = ""
    world.clock.pass_by(timedelta(seconds=6))

    assert posted().state is DeliveryState.SENT
    assert len(mailbox.taken) == 1


@pytest.mark.parametrize("where", ["at_recipient", "at_data"])
def test_a_server_that_refuses_is_not_asked_again(
    world: World, mailbox: Mailbox, posted: Callable[[], Delivery], where: str
) -> None:
    setattr(mailbox, where, "550 nobody here")
    assert posted().state is DeliveryState.REFUSED
    asked = mailbox.connections

    world.clock.pass_by(timedelta(days=1))
    posted()

    assert mailbox.connections == asked


def test_a_connection_that_breaks_before_the_text_is_tried_again(
    world: World, mailbox: Mailbox, posted: Callable[[], Delivery]
) -> None:
    mailbox.hang_up = "before"
    assert posted().state is DeliveryState.WAITING

    mailbox.hang_up = ""
    world.clock.pass_by(timedelta(seconds=6))

    assert posted().state is DeliveryState.SENT
    assert len(mailbox.taken) == 1


def test_a_connection_that_breaks_after_the_text_is_uncertain_and_a_person_decides(
    world: World, mailbox: Mailbox, posted: Callable[[], Delivery]
) -> None:
    mailbox.hang_up = "after"
    delivery = posted()
    assert delivery.state is DeliveryState.UNCERTAIN
    world.clock.pass_by(timedelta(days=1))
    assert posted().state is DeliveryState.UNCERTAIN
    assert len(mailbox.taken) == 1

    mailbox.hang_up = ""
    deliveries.decide_delivery(world.desk, delivery.id, by=world.zhou, arrived=False)

    assert posted().state is DeliveryState.SENT
    assert len({mail["Message-ID"] for mail in mailbox.taken}) == 1
    with pytest.raises(WrongState):
        deliveries.decide_delivery(world.desk, delivery.id, by=world.zhou, arrived=True)


def test_a_server_that_never_answers_is_given_up_after_some_hours_and_shown(
    world: World, mailbox: Mailbox, posted: Callable[[], Delivery]
) -> None:
    mailbox.at_recipient = "451 come back later"
    for _ in range(8):
        assert posted().state is DeliveryState.WAITING or mailbox.connections == 8
        world.clock.pass_by(timedelta(hours=1))

    assert posted().state is DeliveryState.FAILED
    assert mailbox.connections == 8


def test_two_workers_with_one_delivery_send_it_once(
    world: World, mailbox: Mailbox, posted: Callable[[], Delivery]
) -> None:
    from tests.flows.at_once import at_once

    with world.desk.reading() as db:
        (delivery,) = records.find(db, Delivery)

    at_once(*[lambda: deliveries.deliver(world.desk, delivery.id)] * 3)

    assert len(mailbox.taken) == 1
    with world.desk.reading() as db:
        (after,) = records.find(db, Delivery)
        # Whoever came while it was being sent could not know; whoever sent it does, and has the last word.
        assert after.state is DeliveryState.SENT


def test_a_withdrawn_statement_says_so_and_its_text_is_kept(world: World) -> None:
    incident = world.room()
    made = world.released(incident)
    run_until_idle(world.desk)

    releases.withdraw(world.desk, incident.key, 1, by=world.zhou, reason="the figure was wrong")

    with world.desk.reading() as db:
        (shown,) = texts.newsroom(db, audiences=("public",))
    assert (shown.text, shown.withdrawn_reason) == (made.text, "the figure was wrong")
    with pytest.raises(WrongState):
        releases.release(world.desk, incident.key, 1, by=world.zhou, hash=made.hash)


def test_a_released_text_cannot_be_edited(world: World) -> None:
    from crisis.flows import statements

    incident = world.room()
    world.released(incident)

    with pytest.raises(WrongState):
        statements.edit(world.desk, incident.key, 1, by=world.lin, text="other", seen_revision=2)
    with world.desk.reading() as db:
        assert texts.by_number(db, incident.id, 1).state is StatementState.RELEASED
