"""A delivery on its way: queued with the release, carried by the worker, told by its receipt.

    queue()    ->  delivery row + its job          in the transaction of the release
    deliver()  ->  channel answers  ->  receipt    no transaction while talking to the world

The newsroom and the file are written so that a second try changes nothing. For mail there is one moment (after the
server has begun to take the text) in which nobody can know; a delivery found there is `uncertain` and a person decides.
"""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from crisis.channels import email, file
from crisis.channels.email import Post
from crisis.channels.message import ChannelFailed, ChannelRefused, ChannelUncertain, Message, Receipt
from crisis.core.audienceplan import AudienceEntry
from crisis.core.job import Job
from crisis.core.people import Action, Person, demand
from crisis.core.release import Delivery, DeliveryState, Release
from crisis.core.statement import ChannelKind
from crisis.errors import CrisisError, Stale, WrongState
from crisis.flows.desk import Desk, acting, house, note
from crisis.store import jobs, records, statements

DRILL_MARK = "演练 DRILL"
# What takes a moment and reaches everybody is queued as if it had waited for a day: mails to a thousand people, of this
# text or of an earlier one, may take an hour.
AHEAD_OF_MAILS = timedelta(days=1)


def queue(desk: Desk, db: Connection, made: Release, *, channel: str, target: str, recipient_id: int) -> Delivery:
    """A delivery of a release with its job, within the transaction of the release. One per recipient and channel."""
    delivery = records.add(
        db,
        Delivery(
            release_id=made.id,
            channel=channel,
            target=target,
            key=f"{made.id}:{channel}:{recipient_id}",
            updated_at=made.at,
            receipt={},
        ),
    )
    jobs.enqueue(db, "deliver", f"deliver:{delivery.key}", {"delivery": delivery.id}, run_at=_turn(desk, delivery))
    return delivery


def deliver(desk: Desk, delivery_id: int, post: Post | None = None) -> None:
    """Carry one delivery through its channel and write the receipt. Safe to call again.

    A mail goes over the open line of `post`, or over one of its own.
    """
    with desk.reading() as db:
        delivery = records.get(db, Delivery, delivery_id)
        made = records.get(db, Release, delivery.release_id)
        home = house(db)
    if delivery.state not in (DeliveryState.WAITING, DeliveryState.SENDING):
        return
    if delivery.state is DeliveryState.SENDING:
        # An earlier process died after the server had begun to take the text.
        _settle(desk, delivery, DeliveryState.UNCERTAIN, Receipt(reference="", details={"why": "interrupted"}))
        return
    if made.withdrawn_at is not None:
        _settle(desk, delivery, DeliveryState.CANCELLED, Receipt(reference="", details={"why": "withdrawn"}))
        return
    message = Message(
        id=f"release-{made.id}",
        title=f"【{DRILL_MARK}】{made.title}" if made.drill else made.title,
        text=made.text,
        lang=made.lang,
        audience=made.audience,
        hash=made.hash,
        at=made.at,
        drill=made.drill or desk.drill,
        organisation=home.organisation.name if home else "",
    )
    # As this worker has last written it: whoever has written it since is at it now.
    held = delivery

    def begin() -> None:
        nonlocal held
        held = _mark_sending(desk, delivery)

    desk.checkpoint(f"before_{delivery.channel}")
    try:
        if delivery.channel == ChannelKind.FILE:
            receipt = file.write(desk.settings.home / "released", message, mark=DRILL_MARK)
        elif delivery.channel == ChannelKind.EMAIL:
            name, _, address = delivery.target.rpartition(" <")
            with nullcontext(post) if post else Post() as line:
                receipt = email.send(
                    message,
                    to_name=name,
                    to=address.rstrip(">"),
                    smtp=home.smtp if home else {},
                    before_data=begin,
                    post=line,
                )
        else:
            # The newsroom shows what its delivery row says was sent: writing the row is publishing.
            receipt = Receipt(reference=f"/newsroom/{made.id}", details={})
    except ChannelFailed as failed:
        _wait(desk, held, error=str(failed))
        raise
    except ChannelUncertain as uncertain:
        _settle(desk, delivery, DeliveryState.UNCERTAIN, Receipt(reference="", details={"error": str(uncertain)}))
        return
    except _Elsewhere:
        return
    except ChannelRefused as refused:
        _settle(desk, delivery, DeliveryState.REFUSED, Receipt(reference="", details={"error": str(refused)}))
        return
    desk.checkpoint(f"after_{delivery.channel}")
    _settle(desk, delivery, DeliveryState.SENT, receipt)
    desk.checkpoint(f"recorded_{delivery.channel}")


class _Elsewhere(CrisisError):
    """This is not ours to send any more: another worker has begun, or a person has withdrawn it meanwhile."""

    code = "sent_elsewhere"


def _mark_sending(desk: Desk, delivery: Delivery) -> Delivery:
    with desk.transaction() as db:
        again = records.get(db, Delivery, delivery.id)
        if again.state is not DeliveryState.WAITING:
            raise _Elsewhere(delivery=delivery.id)
        sending = replace(again, state=DeliveryState.SENDING, attempts=again.attempts + 1, updated_at=desk.now(db))
        try:
            sending = records.save(db, sending)
        except Stale:
            raise _Elsewhere(delivery=delivery.id) from None
    desk.checkpoint("in_email")
    return sending


def _wait(desk: Desk, held: Delivery, *, error: str) -> None:
    """Nothing was handed over: the delivery waits for its next try, unless another worker or a person has written it
    since it was `held`. A worker that lost its lease knows nothing of what the next one has handed over."""
    waiting = replace(held, state=DeliveryState.WAITING, attempts=held.attempts + 1, receipt={"error": error})
    with desk.transaction() as db, suppress(Stale):
        records.save(db, replace(waiting, updated_at=desk.now(db)))


def _settle(desk: Desk, delivery: Delivery, state: DeliveryState, receipt: Receipt) -> None:
    with acting(desk) as (db, now):
        _settled(desk, db, delivery, state, receipt, now=now)


def _settled(
    desk: Desk, db: Connection, delivery: Delivery, state: DeliveryState, receipt: Receipt, *, now: datetime
) -> None:
    made = records.get(db, Release, delivery.release_id)
    again = records.get(db, Delivery, delivery.id)
    # Whoever has the server's word that it arrived has the last word. The newsroom has no word of its own: it
    # shows what this row says, so what was cancelled does not appear there.
    over = again.state in (DeliveryState.REFUSED, DeliveryState.CANCELLED)
    unsaid = again.state is DeliveryState.CANCELLED and again.channel == ChannelKind.NEWSROOM
    if again.state is DeliveryState.SENT or unsaid or (over and state is not DeliveryState.SENT):
        return
    if state is DeliveryState.SENT:
        _told(desk, db, made, again, at=now)
    records.save(
        db,
        replace(
            again,
            state=state,
            updated_at=now,
            receipt={"reference": receipt.reference, **receipt.details},
        ),
    )
    note(
        db,
        f"delivery_{state}",
        at=now,
        title=made.title,
        reference=receipt.reference,
        **_of(delivery, made),
    )


def _told(desk: Desk, db: Connection, made: Release, delivery: Delivery, *, at: datetime) -> None:
    """The audience is told from the first delivery that reaches it: a file in our own folder reaches nobody."""
    reaches = delivery.channel == ChannelKind.EMAIL or (
        delivery.channel == ChannelKind.NEWSROOM and desk.content.audiences.is_public(made.audience)
    )
    entry = records.first(db, AudienceEntry, incident_id=made.incident_id, audience=made.audience)
    if reaches and entry is not None and entry.told_at is None:
        records.save(db, replace(entry, told_at=at))


def give_up(desk: Desk, db: Connection, delivery_id: int, *, error: str, now: datetime) -> None:
    """The last try failed: the delivery is shown as failed, within a transaction of the caller. One whose process ended
    after the server had begun to take the text may have arrived."""
    delivery = records.get(db, Delivery, delivery_id)
    begun = delivery.state is DeliveryState.SENDING
    state = DeliveryState.UNCERTAIN if begun else DeliveryState.FAILED
    _settled(desk, db, delivery, state, Receipt(reference="", details={"error": error}), now=now)


def decide_delivery(desk: Desk, delivery_id: int, *, by: Person, arrived: bool) -> Delivery:
    """A person says of an uncertain delivery that it arrived, or has it tried again under the same Message-ID."""
    demand(by, Action.RELEASE)
    with acting(desk) as (db, now):
        delivery = records.get(db, Delivery, delivery_id)
        made = statements.visible_release(db, delivery.release_id, person=by)
        if delivery.state not in (DeliveryState.UNCERTAIN, DeliveryState.FAILED):
            raise WrongState("delivery is settled", delivery=delivery_id)
        if not arrived:
            return try_again(desk, db, delivery, made, by=by, now=now)
        delivery = records.save(db, replace(delivery, state=DeliveryState.SENT, updated_at=now))
        _told(desk, db, made, delivery, at=now)
        jobs.clear(db, "deliver", {"delivery": delivery.id}, at=desk.real_now())
        note(db, "delivery_confirmed", at=now, by=by, **_of(delivery, made))
        return delivery


def try_again(desk: Desk, db: Connection, delivery: Delivery, made: Release, *, by: Person, now: datetime) -> Delivery:
    """The delivery as waiting, with a job of its own, within a transaction of the caller.

    Raises WrongState when its statement was withdrawn.
    """
    if made.withdrawn_at is not None:
        raise WrongState("nothing withdrawn is sent", delivery=delivery.id)
    delivery = records.save(db, replace(delivery, state=DeliveryState.WAITING, updated_at=now))
    jobs.clear(db, "deliver", {"delivery": delivery.id}, at=desk.real_now())
    jobs.enqueue(
        db,
        "deliver",
        f"deliver:{delivery.key}:again:{delivery.version}",
        {"delivery": delivery.id},
        run_at=_turn(desk, delivery),
    )
    note(db, "delivery_again", at=now, by=by, **_of(delivery, made))
    return delivery


def _turn(desk: Desk, delivery: Delivery) -> datetime:
    """Since when the delivery counts as waiting for its turn."""
    now = desk.real_now()
    return now if delivery.channel == ChannelKind.EMAIL else now - AHEAD_OF_MAILS


def _of(delivery: Delivery, made: Release) -> dict[str, Any]:
    """What every log entry about a delivery tells: its incident, its channel and whom it was for."""
    return {"incident_id": made.incident_id, "channel": delivery.channel, "target": delivery.target}


def revive_job(desk: Desk, job_id: int, *, by: Person) -> None:
    """A job that was given up is tried again; a delivery that had failed with it waits again. Raises WrongState."""
    demand(by, Action.ADMINISTER)
    with acting(desk) as (db, now):
        job = records.get(db, Job, job_id)
        if not job.dead:
            return
        delivery = records.first(db, Delivery, id=int(job.payload["delivery"])) if job.name == "deliver" else None
        if delivery is not None and delivery.state is DeliveryState.FAILED:
            try_again(desk, db, delivery, records.get(db, Release, delivery.release_id), by=by, now=now)
        else:
            jobs.revive(db, job_id, run_at=desk.real_now())


def cancel(db: Connection, made: Release, *, now: datetime) -> None:
    """The deliveries that have not begun are cancelled, within the transaction of the withdrawal."""
    for channel, target in statements.cancel_waiting(db, made.id, why="withdrawn", at=now):
        note(
            db,
            "delivery_cancelled",
            at=now,
            incident_id=made.incident_id,
            channel=channel,
            target=target,
            title=made.title,
        )
