"""Release: one transaction decides that exactly the approved bytes go out, exactly once; jobs carry them.

    release()  ->  release row + delivery rows + one job each        one transaction
    deliver()  ->  channel answers  ->  receipt                      no transaction while talking to the world

If the process dies: before the transaction nothing happened; after it the jobs are there. The newsroom and the
file are written so that a second try changes nothing. For mail there is one moment (after the server has begun
to take the text) in which nobody can know; a delivery found there is `uncertain` and a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from crisis.channels import email, file
from crisis.channels.message import ChannelFailed, ChannelUncertain, Message, Receipt
from crisis.core import release as rules
from crisis.core import statement as statement_rules
from crisis.core.approval import Approval, ApprovalState
from crisis.core.audienceplan import AudienceEntry
from crisis.core.contact import Recipient
from crisis.core.incident import Incident
from crisis.core.people import Action, Person, demand
from crisis.core.promise import Promise, PromiseState
from crisis.core.release import Delivery, DeliveryState, Release
from crisis.core.statement import ChannelKind, Revision, Statement, StatementState
from crisis.errors import CrisisError, Invalid, Stale, WrongState
from crisis.flows.desk import Desk, acting, house, note
from crisis.flows.statements import newest_approval
from crisis.store import incidents, jobs, records, statements

DRILL_MARK = "演练 DRILL"


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a person sees before anything leaves: who gets it, who has been told first, what it promises."""

    incident: Incident
    statement: Statement
    revision: Revision
    approval: Approval
    hash: str
    targets: tuple[tuple[str, str], ...]
    told: tuple[AudienceEntry, ...]
    untold_before: tuple[AudienceEntry, ...]
    promises: tuple[Promise, ...]


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
        rules.demand_releasable(statement, approval, revision.text)
        plan = [entry for entry in incidents.audiences(db, incident.id) if not entry.left_out]
        place = next((entry.position for entry in plan if entry.audience == statement.audience), None)
        return Preview(
            incident=incident,
            statement=statement,
            revision=revision,
            approval=approval,
            hash=approval.hash,
            targets=targets(db, statement),
            told=tuple(entry for entry in plan if entry.told_at is not None),
            untold_before=tuple(
                entry for entry in plan if entry.told_at is None and place is not None and entry.position < place
            ),
            promises=records.find(db, Promise, statement_id=statement.id, state=PromiseState.OPEN),
        )


def targets(db: Connection, statement: Statement) -> tuple[tuple[str, str], ...]:
    """(channel, target) of every delivery that a release would make."""
    found: list[tuple[str, str]] = []
    for channel in statement.channels:
        if channel is ChannelKind.EMAIL:
            found.extend(
                (str(channel), f"{recipient.name} <{recipient.email}>")
                for recipient in statements.recipients(db, audience=statement.audience, lang=statement.lang)
            )
        else:
            found.append((str(channel), ""))
    return tuple(found)


def release(desk: Desk, incident_key: str, number: int, *, by: Person, hash: str) -> Release:
    """The release of exactly the bytes with this hash. A second call raises WrongState and sends nothing."""
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
    rules.demand_releasable(statement, approval, revision.text)
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
    for channel, target in targets(db, statement):
        delivery = records.add(
            db,
            Delivery(
                release_id=made.id,
                channel=channel,
                target=target,
                key=f"{made.id}:{channel}:{target}",
                updated_at=now,
                receipt={},
            ),
        )
        jobs.enqueue(db, "deliver", f"deliver:{delivery.key}", {"delivery": delivery.id}, run_at=desk.real_now())
    entry = records.first(db, AudienceEntry, incident_id=incident.id, audience=statement.audience)
    if entry is not None and entry.told_at is None:
        records.save(db, replace(entry, told_at=now))
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


def deliver(desk: Desk, delivery_id: int) -> None:
    """Carry one delivery through its channel and write the receipt. Safe to call again."""
    with desk.reading() as db:
        delivery = records.get(db, Delivery, delivery_id)
        made = records.get(db, Release, delivery.release_id)
        home = house(db)
    if delivery.state in (DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.FAILED, DeliveryState.UNCERTAIN):
        return
    if delivery.state is DeliveryState.SENDING:
        # An earlier process died after the server had begun to take the text.
        _settle(desk, delivery, DeliveryState.UNCERTAIN, Receipt(reference="", details={"why": "interrupted"}))
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
    desk.checkpoint(f"before_{delivery.channel}")
    try:
        if delivery.channel == ChannelKind.FILE:
            receipt = file.write(desk.settings.home / "released", message, mark=DRILL_MARK)
        elif delivery.channel == ChannelKind.EMAIL:
            name, _, address = delivery.target.rpartition(" <")
            receipt = email.send(
                message,
                to_name=name,
                to=address.rstrip(">"),
                smtp=home.smtp if home else {},
                before_data=lambda: _mark_sending(desk, delivery),
            )
        else:
            # The newsroom shows what its delivery row says was sent: writing the row is publishing.
            receipt = Receipt(reference=f"/newsroom/{made.id}", details={})
    except ChannelFailed as failed:
        with desk.transaction() as db:
            again = records.get(db, Delivery, delivery.id)
            records.save(
                db,
                replace(
                    again,
                    state=DeliveryState.WAITING,
                    attempts=again.attempts + 1,
                    updated_at=desk.now(db),
                    receipt={"error": str(failed)},
                ),
            )
        raise
    except ChannelUncertain as uncertain:
        _settle(desk, delivery, DeliveryState.UNCERTAIN, Receipt(reference="", details={"error": str(uncertain)}))
        return
    except _Elsewhere:
        return
    except CrisisError as refused:
        _settle(desk, delivery, DeliveryState.REFUSED, Receipt(reference="", details={"error": str(refused)}))
        return
    desk.checkpoint(f"after_{delivery.channel}")
    _settle(desk, delivery, DeliveryState.SENT, receipt)
    desk.checkpoint(f"recorded_{delivery.channel}")


class _Elsewhere(CrisisError):
    """Another worker, whose lease we believed to have run out, is sending this: the answer is its to write."""

    code = "sent_elsewhere"


def _mark_sending(desk: Desk, delivery: Delivery) -> None:
    with desk.transaction() as db:
        again = records.get(db, Delivery, delivery.id)
        if again.state is not DeliveryState.WAITING:
            raise _Elsewhere(delivery=delivery.id)
        sending = replace(again, state=DeliveryState.SENDING, attempts=again.attempts + 1, updated_at=desk.now(db))
        try:
            records.save(db, sending)
        except Stale:
            raise _Elsewhere(delivery=delivery.id) from None
    desk.checkpoint("in_email")


def _settle(desk: Desk, delivery: Delivery, state: DeliveryState, receipt: Receipt) -> None:
    with acting(desk) as (db, now):
        made = records.get(db, Release, delivery.release_id)
        again = records.get(db, Delivery, delivery.id)
        # Whoever has the server's word that it arrived has the last word.
        if again.state is DeliveryState.SENT or (
            again.state is DeliveryState.REFUSED and state is not DeliveryState.SENT
        ):
            return
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
            incident_id=made.incident_id,
            channel=delivery.channel,
            target=delivery.target,
            title=made.title,
            reference=receipt.reference,
        )


def give_up(desk: Desk, delivery_id: int, *, error: str) -> None:
    """The last try failed: the delivery is shown as failed."""
    with desk.reading() as db:
        delivery = records.get(db, Delivery, delivery_id)
    _settle(desk, delivery, DeliveryState.FAILED, Receipt(reference="", details={"error": error}))


def decide_delivery(desk: Desk, delivery_id: int, *, by: Person, arrived: bool) -> Delivery:
    """A person says of an uncertain delivery that it arrived, or has it tried again under the same Message-ID."""
    demand(by, Action.RELEASE)
    with acting(desk) as (db, now):
        delivery = records.get(db, Delivery, delivery_id)
        made = statements.visible_release(db, delivery.release_id, person=by)
        if delivery.state not in (DeliveryState.UNCERTAIN, DeliveryState.FAILED):
            raise WrongState("delivery is settled", delivery=delivery_id)
        state = DeliveryState.SENT if arrived else DeliveryState.WAITING
        delivery = records.save(db, replace(delivery, state=state, updated_at=now))
        if not arrived:
            jobs.enqueue(
                db,
                "deliver",
                f"deliver:{delivery.key}:again:{delivery.version}",
                {"delivery": delivery.id},
                run_at=desk.real_now(),
            )
        note(
            db,
            "delivery_confirmed" if arrived else "delivery_again",
            at=now,
            by=by,
            incident_id=made.incident_id,
            channel=delivery.channel,
            target=delivery.target,
        )
        return delivery


def withdraw(desk: Desk, incident_key: str, number: int, *, by: Person, reason: str) -> Statement:
    """The statement as withdrawn: the newsroom says so, with the reason, and keeps the text struck through."""
    demand(by, Action.RELEASE)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        statement = statements.by_number(db, incident.id, number)
        statement = records.save(db, statement_rules.withdrawn(statement, reason=reason))
        made = records.first(db, Release, statement_id=statement.id)
        if made is not None:
            records.save(db, replace(made, withdrawn_at=now, withdrawn_reason=reason.strip()))
        note(db, "statement_withdrawn", at=now, by=by, incident_id=incident.id, words=reason.strip(), statement=number)
        return statement


def release_fallbacks(desk: Desk) -> int:
    """Where a run's time is over without enough votes, its fallback (approved before) goes out. How many did.

    A timed rule never approves anything: it releases only what people approved themselves.
    """
    released = 0
    with desk.reading() as db:
        waiting = [item.id for item in statements.due_approvals(db)]
    for approval_id in waiting:
        with acting(desk) as (db, now):
            approval = records.get(db, Approval, approval_id)
            if approval.state is not ApprovalState.OPEN or approval.due_at is None or approval.due_at > now:
                continue
            if approval.fallback_id is None:
                continue
            fallback = records.get(db, Statement, approval.fallback_id)
            if fallback.state is not StatementState.APPROVED:
                continue
            incident = records.get(db, Incident, fallback.incident_id)
            run = newest_approval(db, fallback)
            if run is None:
                continue
            note(
                db, "fallback_due", at=now, incident_id=incident.id, statement=fallback.number, late=approval.hash[:12]
            )
            release_approved(desk, db, incident, fallback, run, by=None, now=now)
            # The late text stays in review; it can still be approved and follow.
            records.save(db, replace(approval, fallback_id=None))
            released += 1
    return released


def add_recipient(
    desk: Desk, *, by: Person, audience: str, name: str, address: str, lang: str, region: str = ""
) -> None:
    """One more recipient of statements by mail. Raises Invalid."""
    demand(by, Action.ADMINISTER)
    if "@" not in address or any(char in address for char in "\r\n<> "):
        raise Invalid("email", "email_wrong", value=address)
    if not name.strip() or any(char in name for char in "\r\n<>"):
        raise Invalid("name", "name_missing")
    with acting(desk) as (db, now):
        records.add(
            db,
            Recipient(audience=audience, name=name.strip(), email=address.strip(), lang=lang, region=region),
        )
        note(db, "recipient_added", at=now, by=by, audience=audience, name=name.strip())
