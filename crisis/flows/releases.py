"""Release: one transaction decides that exactly the approved bytes go out, exactly once; jobs carry them.

    release()  ->  release row + delivery rows + one job each    one transaction

If the process dies: before the transaction nothing happened; after it the jobs are there (crisis/flows/deliveries.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from crisis.core import release as rules
from crisis.core import statement as statement_rules
from crisis.core.approval import Approval
from crisis.core.audienceplan import AudienceEntry
from crisis.core.incident import Incident
from crisis.core.nextupdate import Announced, announced
from crisis.core.people import Action, Person, demand
from crisis.core.promise import Promise, PromiseState
from crisis.core.release import Release
from crisis.core.statement import ChannelKind, Revision, Statement, StatementState
from crisis.errors import WrongState
from crisis.flows import deliveries, nextupdates
from crisis.flows.desk import Desk, acting, at_home, note
from crisis.flows.nextupdates import Declined
from crisis.flows.responses import NewPromise
from crisis.flows.statements import newest_approval
from crisis.store import incidents, recipients, records, statements


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
        deliveries.queue(desk, db, made, channel=item.channel, target=item.target, recipient_id=item.recipient_id)
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
            deliveries.cancel(db, made, now=now)
        note(db, "statement_withdrawn", at=now, by=by, incident_id=incident.id, words=reason.strip(), statement=number)
        return statement
