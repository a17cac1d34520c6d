"""What may go out, to whom, and when: after a withdrawal, after closing, to one address twice, to nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from crisis.core.audienceplan import QUESTIONS, AudienceEntry
from crisis.core.contact import Recipient
from crisis.core.incident import Incident
from crisis.core.release import Delivery, DeliveryState, Release
from crisis.core.statement import ChannelKind, Statement, StatementState
from crisis.core.text import Text
from crisis.errors import Invalid, WrongState
from crisis.flows import deliveries, fallbacks, incidents, recipients, releases, setup, statements
from crisis.flows.desk import Desk
from crisis.jobs.worker import TRIES, run_until_idle
from crisis.store import jobs, log, records
from crisis.store import statements as texts
from tests.fakes import mail_server
from tests.flows.at_once import at_once
from tests.world import TEXT, Clock, World, add_recipient, house, lay_out

ALL = (ChannelKind.NEWSROOM, ChannelKind.FILE, ChannelKind.EMAIL)
MAIL = (ChannelKind.EMAIL,)
WAIT = timedelta(minutes=15)


def states(world: World) -> dict[str, DeliveryState]:
    with world.desk.reading() as db:
        return {item.channel: item.state for item in records.find(db, Delivery)}


def plan(world: World, incident: Incident, audience: str) -> None:
    """One audience of the plan as a bare row."""
    with world.desk.transaction() as db:
        records.add(
            db,
            AudienceEntry(
                incident_id=incident.id,
                audience=audience,
                position=1,
                reason=Text(zh="在场", en="they are there"),
                details={},
                **dict.fromkeys(QUESTIONS, "x"),
            ),
        )


def told(world: World, incident: Incident, audience: str) -> bool:
    with world.desk.reading() as db:
        entry = records.first(db, AudienceEntry, incident_id=incident.id, audience=audience)
        assert entry is not None
        return entry.told_at is not None


def release(world: World, incident: Incident, **draft: Any) -> Release:
    statement, approval = world.approved(incident, **draft)
    return releases.release(world.desk, incident.key, statement.number, by=world.zhou, hash=approval.hash)


# Withdrawal


def test_what_was_withdrawn_before_it_was_sent_goes_nowhere(world: World) -> None:
    with mail_server() as mailbox:
        setup.save_house(world.desk, house(smtp=mailbox.smtp), by=None)
        add_recipient(world.desk, "晚报", "night@paper.example")
        incident = world.room()
        made = release(world, incident, channels=ALL)

        releases.withdraw(world.desk, incident.key, 1, by=world.zhou, reason="the figure was wrong")
        run_until_idle(world.desk)

        assert set(states(world).values()) == {DeliveryState.CANCELLED}
        assert mailbox.connections == 0
    assert not (world.desk.settings.home / "released").exists()
    with world.desk.reading() as db:
        assert texts.newsroom(db, audiences=("public",)) == ()
        verbs = [entry.verb for entry in log.of_incident(db, made.incident_id)]
    assert verbs.count("delivery_cancelled") == 3


def test_a_withdrawal_in_the_moment_before_the_text_is_handed_over_stops_it(
    make_desk: Callable[..., Desk], clock: Clock
) -> None:
    with mail_server() as mailbox:
        world = lay_out(make_desk(), clock, smtp=mailbox.smtp)
        add_recipient(world.desk, "晚报", "night@paper.example")
        incident = world.room()
        made = release(world, incident, channels=MAIL)
        with world.desk.reading() as db:
            (delivery,) = texts.deliveries(db, made.id)

        def withdraw(point: str) -> None:
            if point == "before_email":
                releases.withdraw(world.desk, incident.key, 1, by=world.zhou, reason="wrong")

        deliveries.deliver(replace(world.desk, checkpoint=withdraw), delivery.id)

        assert mailbox.taken == []
        assert states(world) == {"email": DeliveryState.CANCELLED}


def test_a_failed_delivery_of_a_withdrawn_text_is_not_tried_again(world: World) -> None:
    delivery = given_up(world)
    releases.withdraw(world.desk, "XL-0514-01", 1, by=world.zhou, reason="wrong")

    with pytest.raises(WrongState, match="withdrawn"):
        deliveries.decide_delivery(world.desk, delivery.id, by=world.zhou, arrived=False)


# Closing


def test_after_closing_no_fallback_goes_out_and_late_texts_are_drafts_again(world: World) -> None:
    incident = world.room()
    holding, _ = world.approved(incident, title="预备文本")
    late = world.draft(incident, text=TEXT + "还有一句。\n")
    run = world.submitted(incident, late, fallback_number=holding.number)

    incidents.close(world.desk, incident.key, by=world.lin, reason="it is over")
    world.clock.pass_by(WAIT)

    assert fallbacks.release_due(world.desk) == 0
    with world.desk.reading() as db:
        assert records.find(db, Release) == ()
        assert records.get(db, Statement, late.id).state is StatementState.DRAFT
    with pytest.raises(WrongState):
        world.yes(run, world.shen)
    with pytest.raises(WrongState, match="closed"):
        world.submitted(incident, late)


def test_what_was_approved_but_not_out_at_closing_is_not_released_any_more(world: World) -> None:
    incident = world.room()
    statement, approval = world.approved(incident)
    incidents.close(world.desk, incident.key, by=world.lin, reason="it is over")

    with pytest.raises(WrongState, match="after closing"):
        releases.preview(world.desk, incident.key, statement.number, by=world.zhou)
    with pytest.raises(WrongState, match="after closing"):
        releases.release(world.desk, incident.key, statement.number, by=world.zhou, hash=approval.hash)


def test_a_time_for_votes_that_is_over_is_refused(world: World) -> None:
    incident = world.room()
    draft = world.draft(incident)

    with pytest.raises(Invalid, match="due_passed"):
        world.submitted(incident, draft, due_at=world.clock.at)


def test_a_fallback_for_other_people_or_in_another_language_is_refused(world: World) -> None:
    incident = world.room()
    staff, _ = world.approved(incident, audience="employees")
    english, _ = world.approved(incident)
    with world.desk.transaction() as db:
        records.save(db, replace(english, lang="en"))
    draft = world.draft(incident)

    for other in (staff, english):
        with pytest.raises(Invalid, match="fallback_for_others"):
            world.submitted(incident, draft, fallback_number=other.number)


def test_one_fallback_that_may_not_go_out_does_not_hold_up_the_next(world: World) -> None:
    incident = world.room()
    runs = []
    for title, channels in (("无人收", MAIL), ("可以发", ALL)):
        holding, _ = world.approved(incident, title=title, channels=channels)
        late = world.draft(incident, text=TEXT + title + "\n")
        runs.append(world.submitted(incident, late, fallback_number=holding.number))
    world.clock.pass_by(WAIT)

    assert fallbacks.release_due(world.desk) == 1
    with world.desk.reading() as db:
        assert [item.title for item in records.find(db, Release)] == ["可以发"]
        verbs = [entry.verb for entry in log.of_incident(db, incident.id)]
        assert verbs.count("fallback_refused") == 1
        assert texts.due_for_fallback(db, now=world.clock.at) == ()


def test_while_nothing_is_due_nobody_stands_in_the_queue(world: World) -> None:
    incident = world.room()
    world.submitted(incident, world.draft(incident))
    begun: list[str] = []

    fallbacks.release_due(replace(world.desk, fence=lambda db: begun.append("transaction")))

    assert begun == []


# Recipients


def test_one_address_is_entered_once_per_audience_and_language(world: World) -> None:
    def add(address: str, **changes: Any) -> Recipient:
        given = {"audience": "public", "name": "晚报", "lang": "zh"} | changes
        return recipients.add(world.desk, by=world.wu, address=address, **given)

    first = add("night@paper.example")
    add("night@paper.example", audience="media")
    add("night@paper.example", lang="en")

    with pytest.raises(Invalid, match="recipient_taken"):
        add("Night@Paper.example", name="夜班")

    recipients.switch_off(world.desk, first.id, by=world.wu)
    again = add("Night@paper.example", name="夜班")
    assert (again.id, again.name) == (first.id, "夜班")
    with pytest.raises(Invalid, match="choice_wrong"):
        add("other@paper.example", audience="nobody")


def test_the_database_refuses_an_address_that_stands_there_already_whatever_its_letters(world: World) -> None:
    add_recipient(world.desk, "晚报", "night@paper.example")
    add_recipient(world.desk, "日报", "day@paper.example")

    with pytest.raises(IntegrityError):
        add_recipient(world.desk, "夜班", "NIGHT@paper.example")

    made = release(world, world.room(), channels=MAIL)
    with world.desk.reading() as db:
        found = texts.deliveries(db, made.id)
    assert [item.target for item in found] == ["晚报 <night@paper.example>", "日报 <day@paper.example>"]


def test_one_address_may_stand_for_two_audiences_and_in_two_languages(world: World) -> None:
    add_recipient(world.desk, "晚报", "night@paper.example")

    add_recipient(world.desk, "晚报", "night@paper.example", lang="en")
    add_recipient(world.desk, "晚报", "night@paper.example", audience="media")

    made = release(world, world.room(), channels=MAIL)
    with world.desk.reading() as db:
        assert len(texts.deliveries(db, made.id)) == 1


def test_of_two_who_add_one_address_at_the_same_moment_the_second_gets_the_sentence(world: World) -> None:
    def add(address: str) -> Recipient:
        return recipients.add(
            world.desk, by=world.wu, audience="public", name="晚报", address=address, lang="zh", region=""
        )

    answers = at_once(lambda: add("night@paper.example"), lambda: add("Night@paper.example"))

    assert sorted(type(answer).__name__ for answer in answers) == ["Invalid", "Recipient"]


def test_a_recipient_that_was_switched_off_gets_nothing(world: World) -> None:
    add_recipient(world.desk, "晚报", "night@paper.example")
    with world.desk.reading() as db:
        (found,) = records.find(db, Recipient)
    recipients.switch_off(world.desk, found.id, by=world.wu)

    with pytest.raises(WrongState, match="nobody"):
        release(world, world.room(), channels=MAIL)


def test_a_very_long_address_can_be_released_to(world: World) -> None:
    add_recipient(world.desk, "晚" * 190, "n" * 180 + "@paper.example")

    release(world, world.room(), channels=MAIL)


# Who was told


def test_without_anybody_to_reach_a_release_is_refused_and_nobody_is_told(world: World) -> None:
    incident = world.room()
    plan(world, incident, "victims")

    with pytest.raises(WrongState, match="nobody would get it"):
        release(world, incident, audience="victims", channels=(ChannelKind.EMAIL, ChannelKind.NEWSROOM))

    assert not told(world, incident, "victims")
    with world.desk.reading() as db:
        assert records.find(db, Release) == ()


def test_an_audience_is_told_when_something_has_reached_it(world: World) -> None:
    incident = world.room()
    for audience in ("public", "employees"):
        plan(world, incident, audience)
        release(world, incident, audience=audience, channels=(ChannelKind.NEWSROOM, ChannelKind.FILE))
    assert not told(world, incident, "public")

    run_until_idle(world.desk)

    assert told(world, incident, "public")
    # A file in our own folder has reached no employee.
    assert not told(world, incident, "employees")


# The newsroom


def test_letters_to_staff_push_nothing_out_of_the_newsroom(world: World) -> None:
    incident = world.room()
    made = release(world, incident)
    letter = release(world, incident, audience="employees")
    run_until_idle(world.desk)
    with world.desk.transaction() as db:
        approval = texts.approvals(db, letter.statement_id)[0]
        for number in range(60):
            copy = records.add(db, replace(approval, id=0))
            at = letter.at + timedelta(minutes=number)
            more = records.add(db, replace(letter, id=0, approval_id=copy.id, at=at))
            sent = Delivery(
                release_id=more.id,
                channel="newsroom",
                key=f"x{number}",
                state=DeliveryState.SENT,
                updated_at=at,
                receipt={},
            )
            records.add(db, sent)
        public = world.desk.content.audiences.public
        assert [item.id for item in texts.newsroom(db, audiences=public)] == [made.id]
        assert texts.newsroom_item(db, made.id, audiences=public).id == made.id
    with world.desk.reading() as db:
        assert [item.channel for item in texts.deliveries(db, letter.id)] == ["file"]


def test_the_newsroom_is_offered_only_for_what_is_for_everybody(world: World) -> None:
    incident = world.incident()
    drafted = {
        audience: statements.draft(world.desk, incident.key, by=world.lin, audience=audience, lang="zh", kind="holding")
        for audience in ("public", "employees")
    }

    assert ChannelKind.NEWSROOM in drafted["public"].channels
    assert drafted["employees"].channels == (ChannelKind.FILE, ChannelKind.EMAIL)
    for channels, why in (((ChannelKind.NEWSROOM,), "newsroom_not_public"), ((), "channels_missing")):
        with pytest.raises(Invalid, match=why):
            statements.edit(
                world.desk,
                incident.key,
                drafted["employees"].number,
                by=world.lin,
                text=TEXT,
                seen_revision=1,
                channels=channels,
            )


# Jobs that were given up


def given_up(world: World) -> Delivery:
    """A mail that no server has taken for hours."""
    smtp = {"host": "127.0.0.1", "port": 1, "sender": "press@starhearth.example"}
    setup.save_house(world.desk, house(smtp=smtp), by=None)
    add_recipient(world.desk, "晚报", "night@paper.example")
    release(world, world.room(), channels=MAIL)
    for _ in range(TRIES):
        run_until_idle(world.desk)
        world.clock.pass_by(timedelta(hours=1))
    with world.desk.reading() as db:
        (found,) = records.find(db, Delivery)
    assert found.state is DeliveryState.FAILED
    return found


@pytest.mark.parametrize("way", ["job", "delivery"])
def test_a_delivery_that_was_given_up_is_sent_when_it_is_tried_again(world: World, way: str) -> None:
    delivery = given_up(world)
    with mail_server() as mailbox:
        setup.save_house(world.desk, house(smtp=mailbox.smtp), by=None)
        with world.desk.reading() as db:
            (dead,) = jobs.dead(db)

        if way == "job":
            deliveries.revive_job(world.desk, dead.id, by=world.wu)
        else:
            deliveries.decide_delivery(world.desk, delivery.id, by=world.zhou, arrived=False)
        run_until_idle(world.desk)

        assert len(mailbox.taken) == 1
    assert states(world) == {"email": DeliveryState.SENT}
    with world.desk.reading() as db:
        assert jobs.dead(db) == ()
