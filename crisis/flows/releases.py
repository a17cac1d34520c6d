"""Release: one transaction decides that exactly the approved bytes go out, exactly once; jobs carry them.

    release()  ->  release row + delivery rows + one job each        one transaction
    deliver()  ->  channel answers  ->  receipt                      no transaction while talking to the world

If the process dies: before the transaction nothing happened; after it the jobs are there. The newsroom and the
file are written so that a second try changes nothing. For mail there is one moment (after the server has begun
to take the text) in which nobody can know; a delivery found there is `uncertain` and a person decides.
"""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from crisis.channels import email, file
from crisis.channels.email import Post
from crisis.channels.message import ChannelFailed, ChannelRefused, ChannelUncertain, Message, Receipt
from crisis.core import release as rules
from crisis.core import statement as statement_rules
from crisis.core.approval import Approval
from crisis.core.audienceplan import AudienceEntry
from crisis.core.incident import Incident
from crisis.core.job import Job
from crisis.core.nextupdate import Announced, announced
from crisis.core.people import Action, Person, demand
from crisis.core.promise import Promise, PromiseState
from crisis.core.release import Delivery, DeliveryState, Release
from crisis.core.statement import ChannelKind, Revision, Statement, StatementState
from crisis.errors import CrisisError, Stale, WrongState
from crisis.flows import nextupdates
from crisis.flows.desk import Desk, acting, at_home, house, note
from crisis.flows.nextupdates import Declined
from crisis.flows.responses import NewPromise
from crisis.flows.statements import newest_approval
from crisis.store import incidents, jobs, recipients, records, statements

DRILL_MARK = "演练 DRILL"
# What takes a moment and reaches everybody is queued as if it had waited for a day: mails to a thousand people, of this
# text or of an earlier one, may take an hour.
AHEAD_OF_MAILS = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Target:
    """One delivery that a release would make. `recipient_id` is 0 for a channel that has no recipients."""

    channel: str
    target: str = ""
    recipient_id: int = 0


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a person sees before anything leaves: who gets it, who has been told first, what it promises.

    `announced` is the next update that the text names; `standing` the open promise of it that is on the rail already.
    """

    incident: Incident
    statement: Statement
    revision: Revision
    approval: Approval
    hash: str
    targets: tuple[Target, ...]
    told: tuple[AudienceEntry, ...]
    untold_before: tuple[AudienceEntry, ...]
    promises: tuple[Promise, ...]
    announced: Announced | None
    standing: Promise | None


def preview(desk: Desk, incident_key: str, number: int, *, by: Person) -> Preview:
    """The preview of an approved statement. Raises WrongState when it may not go out."""
    with desk.reading() as db:
        incident = incidents.by_key(db, incident_key, person=by)
        demand(by, Action.RELEASE)
        statement = statements.by_number(db, incident.id, number)
        revision = statements.revision(db, statement.id, statement.revision)
        approval = newest_approval(db, statement)
        if approval is None:
            raise WrongState("not approved", statement=number)
        rules.demand_releasable(statement, approval, revision.text, incident.state)
        plan = [entry for entry in incidents.audiences(db, incident.id) if not entry.left_out]
        place = next((entry.position for entry in plan if entry.audience == statement.audience), None)
        said_at = at_home(db, desk.now(db))
        found = announced(revision.text, lang=statement.lang, said_at=said_at, checks=desk.content.checks)
        kept = records.find(db, Promise, incident_id=incident.id, state=PromiseState.OPEN)
        return Preview(
            incident=incident,
            statement=statement,
            revision=revision,
            approval=approval,
            hash=approval.hash,
            targets=_demand_targets(desk, db, statement),
            told=tuple(entry for entry in plan if entry.told_at is not None),
            untold_before=tuple(
                entry for entry in plan if entry.told_at is None and place is not None and entry.position < place
            ),
            promises=tuple(promise for promise in kept if promise.statement_id == statement.id),
            announced=found,
            standing=nextupdates.standing_for(kept, found, statement.audience),
        )


def targets(desk: Desk, db: Connection, statement: Statement) -> tuple[Target, ...]:
    """Every delivery that a release would make: a mail to each recipient, the newsroom only for what is for everybody.

    No address gets two: the database keeps one recipient per address, audience and language.
    """
    found: list[Target] = []
    for channel in dict.fromkeys(statement.channels):
        if channel is ChannelKind.EMAIL:
            found.extend(
                Target(channel=channel, target=f"{recipient.name} <{recipient.email}>", recipient_id=recipient.id)
                for recipient in recipients.active(db, audience=statement.audience, lang=statement.lang)
            )
        elif channel is not ChannelKind.NEWSROOM or desk.content.audiences.is_public(statement.audience):
            found.append(Target(channel=channel))
    return tuple(found)


def _demand_targets(desk: Desk, db: Connection, statement: Statement) -> tuple[Target, ...]:
    found = targets(desk, db, statement)
    if not found:
        raise WrongState("nobody would get it", statement=statement.id)
    return found


def release(
    desk: Desk,
    incident_key: str,
    number: int,
    *,
    by: Person,
    hash: str,
    promised: NewPromise | Declined | None = None,
) -> Release:
    """The release of exactly the bytes with this hash. A second call raises WrongState and sends nothing.

    `promised` is what the person decided about the next update that the text names: a promise, none for a reason, or
    None to leave it open. Raises Invalid for a promise that cannot be kept any more; then nothing was released.
    """
    demand(by, Action.RELEASE)
    desk.checkpoint("before_release")
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        statement = statements.by_number(db, incident.id, number)
        approval = newest_approval(db, statement)
        if approval is None:
            raise WrongState("not approved", statement=number)
        if approval.hash != hash:
            raise WrongState("text is not the approved one", statement=number)
        made = release_approved(desk, db, incident, statement, approval, by=by, now=now)
        if isinstance(promised, NewPromise):
            nextupdates.promise(db, incident, statement, promised, by=by, now=now)
        elif promised is not None:
            nextupdates.decline(db, incident, statement, promised, by=by, now=now)
        desk.checkpoint("in_release")
    desk.checkpoint("after_release")
    return made


def release_approved(
    desk: Desk,
    db: Connection,
    incident: Incident,
    statement: Statement,
    approval: Approval,
    *,
    by: Person | None,
    now: datetime,
) -> Release:
    """The release within a transaction of the caller; `by` is None when a timed fallback goes out."""
    revision = statements.revision(db, statement.id, statement.revision)
    rules.demand_releasable(statement, approval, revision.text, incident.state)
    found = _demand_targets(desk, db, statement)
    records.save(db, replace(statement, state=StatementState.RELEASED))
    made = records.add(
        db,
        Release(
            statement_id=statement.id,
            approval_id=approval.id,
            incident_id=incident.id,
            hash=approval.hash,
            title=statement.title,
            text=statement_rules.canonical_text(revision.text),
            lang=statement.lang,
            audience=statement.audience,
            at=now,
            by=by.id if by else 0,
            drill=desk.drill,
        ),
    )
    for item in found:
        delivery = records.add(
            db,
            Delivery(
                release_id=made.id,
                channel=item.channel,
                target=item.target,
                key=f"{made.id}:{item.channel}:{item.recipient_id}",
                updated_at=now,
                receipt={},
            ),
        )
        jobs.enqueue(db, "deliver", f"deliver:{delivery.key}", {"delivery": delivery.id}, run_at=_turn(desk, delivery))
    note(
        db,
        "statement_released",
        at=now,
        by=by,
        incident_id=incident.id,
        statement=statement.number,
        title=statement.title,
        audience=statement.audience,
        lang=statement.lang,
        hash=approval.hash[:12],
    )
    return made


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


def withdraw(desk: Desk, incident_key: str, number: int, *, by: Person, reason: str) -> Statement:
    """The statement as withdrawn: the newsroom says so, with the reason, and keeps the text struck through.

    Deliveries that have not begun are cancelled; one that is being sent at this moment cannot be called back.
    """
    demand(by, Action.RELEASE)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        statement = statements.by_number(db, incident.id, number)
        statement = records.save(db, statement_rules.withdrawn(statement, reason=reason))
        made = records.first(db, Release, statement_id=statement.id)
        if made is not None:
            records.save(db, replace(made, withdrawn_at=now, withdrawn_reason=reason.strip()))
            _cancel(db, made, now=now)
        note(db, "statement_withdrawn", at=now, by=by, incident_id=incident.id, words=reason.strip(), statement=number)
        return statement


def _cancel(db: Connection, made: Release, *, now: datetime) -> None:
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
