"""The complaint register: received on the standard form, owned by one person, answered in time, signed off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from crisis.core import complaint as rules
from crisis.core.complaint import FIRST_ANSWER, Complaint, ComplaintState, ComplaintStep, Escalation, StepKind
from crisis.core.incident import Incident
from crisis.core.people import Action, Person, demand, demand_in
from crisis.errors import Invalid, NotPermitted, WrongState
from crisis.flows import people
from crisis.flows.desk import Desk, acting, at_home, note
from crisis.store import complaints as store
from crisis.store import incidents, records, search, visible


def receive(desk: Desk, typed: dict[str, Any], *, by: Person) -> Complaint:
    """A new complaint from the fields of the form. The person who receives it owns it. Raises Invalid at a field."""
    demand_in(by, Action.COMPLAIN, str(typed.get("region", "")))
    with acting(desk) as (db, now):
        received_at = typed.pop("received_at", None) or now
        if received_at > now:
            raise Invalid("received_at", "received_in_future")
        prefix = f"C-{at_home(db, received_at):%m%d}-"
        complaint = rules.checked(
            Complaint(
                key=f"{prefix}{store.next_number(db, prefix):02d}",
                received_at=received_at,
                owner_id=by.id,
                due_at=received_at + FIRST_ANSWER,
                **typed,
            )
        )
        complaint = records.add(db, complaint)
        _step(db, complaint, StepKind.RECEIVED, complaint.details, by=by, at=now)
        note(db, "complaint_received", at=now, by=by, incident_id=complaint.incident_id, complaint=complaint.key)
        _findable(db, complaint)
        return complaint


def _findable(db: Connection, complaint: Complaint) -> None:
    search.put(
        db,
        kind="complaint",
        ref=complaint.id,
        incident_id=None,
        title=f"{complaint.key} {complaint.product} {complaint.customer_name}".strip(),
        words=complaint.details,
    )


def _step(
    db: Connection, complaint: Complaint, kind: StepKind, text: str, *, by: Person, at: Any, visible: bool = False
) -> ComplaintStep:
    return records.add(
        db, ComplaintStep(complaint_id=complaint.id, at=at, by=by.id, kind=kind, text=text.strip(), visible=visible)
    )


def steps(db: Connection, complaint_id: int) -> tuple[ComplaintStep, ...]:
    """Everything that was done, oldest first."""
    return records.find(db, ComplaintStep, complaint_id=complaint_id)


def progress(desk: Desk, key: str, *, by: Person, text: str, acknowledge: bool = False) -> Complaint:
    """A message to the customer; the next one is due an agreed interval later."""
    demand(by, Action.COMPLAIN)
    if not text.strip():
        raise Invalid("text", "text_missing")
    with acting(desk) as (db, now):
        complaint = records.save(db, rules.progressed(store.by_key(db, key, person=by), at=now))
        kind = StepKind.ACKNOWLEDGED if acknowledge else StepKind.PROGRESS
        _step(db, complaint, kind, text, by=by, at=now, visible=True)
        note(db, "complaint_progress", at=now, by=by, incident_id=complaint.incident_id, complaint=key)
        return complaint


def remark(desk: Desk, key: str, *, by: Person, text: str) -> ComplaintStep:
    """An internal note; the customer does not see it."""
    demand(by, Action.COMPLAIN)
    if not text.strip():
        raise Invalid("text", "text_missing")
    with acting(desk) as (db, now):
        return _step(db, store.by_key(db, key, person=by), StepKind.NOTE, text, by=by, at=now)


def hand_over(desk: Desk, key: str, *, by: Person, owner_id: int, reason: str) -> Complaint:
    """The complaint with another owner. The customer keeps one contact, so it needs a reason."""
    demand(by, Action.COMPLAIN)
    if not reason.strip():
        raise Invalid("reason", "reason_missing")
    with acting(desk) as (db, now):
        owner = people.owner(db, owner_id)
        complaint = records.save(db, replace(store.by_key(db, key, person=by), owner_id=owner.id))
        _step(db, complaint, StepKind.HANDED_OVER, f"→ {owner.name}: {reason}", by=by, at=now)
        note(
            db,
            "complaint_handed_over",
            at=now,
            by=by,
            incident_id=complaint.incident_id,
            complaint=key,
            owner=owner.name,
            words=reason.strip(),
        )
        return complaint


def escalate(desk: Desk, key: str, *, by: Person, way: Escalation, reason: str) -> Complaint:
    """A serious case goes up one of four ways; a decision maker stands behind the owner, who stays the same."""
    demand(by, Action.COMPLAIN)
    if not reason.strip():
        raise Invalid("reason", "reason_missing")
    with acting(desk) as (db, now):
        complaint = store.by_key(db, key, person=by)
        complaint = records.save(db, replace(complaint, tier=rules.Tier.SEVERE))
        _step(db, complaint, StepKind.ESCALATED, f"{way}: {reason}", by=by, at=now)
        note(
            db,
            "complaint_escalated",
            at=now,
            by=by,
            incident_id=complaint.incident_id,
            complaint=key,
            way=str(way),
            words=reason.strip(),
        )
        return complaint


def solve(desk: Desk, key: str, *, by: Person, action: str) -> Complaint:
    """The solution, told to the customer; a follow-up is due a day later."""
    demand(by, Action.COMPLAIN)
    with acting(desk) as (db, now):
        complaint = records.save(db, rules.solved(store.by_key(db, key, person=by), action=action, at=now))
        _step(db, complaint, StepKind.SOLUTION, action, by=by, at=now, visible=True)
        note(db, "complaint_solved", at=now, by=by, incident_id=complaint.incident_id, complaint=key)
        return complaint


def sign_off(
    desk: Desk, key: str, *, by: Person, signed_by: str, supervisor: str, satisfied: bool, reason: str = ""
) -> Complaint:
    """The form as signed; a customer who is not satisfied is told of the report to the top, and it is written."""
    demand(by, Action.COMPLAIN)
    with acting(desk) as (db, now):
        signed = rules.signed_off(
            store.by_key(db, key, person=by),
            by=signed_by,
            supervisor=supervisor,
            satisfied=satisfied,
            reason=reason,
            at=now,
        )
        complaint = records.save(db, signed)
        kind = StepKind.SIGNED_OFF if satisfied else StepKind.CLOSED_UNSATISFIED
        _step(db, complaint, kind, reason or signed_by, by=by, at=now)
        note(
            db,
            "complaint_signed_off",
            at=now,
            by=by,
            incident_id=complaint.incident_id,
            complaint=key,
            satisfied=satisfied,
            words=reason.strip(),
        )
        return complaint


def follow_up(desk: Desk, key: str, *, by: Person, text: str, corrective: bool) -> ComplaintStep:
    """After the closing: the satisfaction review, or the corrective action (system, equipment, people)."""
    demand(by, Action.COMPLAIN)
    if not text.strip():
        raise Invalid("text", "text_missing")
    with acting(desk) as (db, now):
        complaint = store.by_key(db, key, person=by)
        if complaint.state in (ComplaintState.OPEN,):
            raise WrongState("no solution was told yet", complaint=complaint.id)
        kind = StepKind.CORRECTED if corrective else StepKind.FOLLOWED_UP
        return _step(db, complaint, kind, text, by=by, at=now)


def link(desk: Desk, key: str, *, by: Person, incident_key: str) -> Complaint:
    """The complaint as part of an incident; an empty key takes the link away. Both incidents' logs tell it.

    Raises NotPermitted when it is part of an incident that this person may not know of.
    """
    demand(by, Action.COMPLAIN)
    with acting(desk) as (db, now):
        complaint = store.by_key(db, key, person=by)
        incident = incidents.by_key(db, incident_key.strip(), person=by) if incident_key.strip() else None
        before = complaint.incident_id
        if before is not None and records.first(db, Incident, visible.incidents(by), id=before) is None:
            raise NotPermitted("the link is not theirs to change", complaint=key)
        after = incident.id if incident else None
        if after == before:
            return complaint
        complaint = records.save(db, replace(complaint, incident_id=after))
        if before is not None:
            note(db, "complaint_unlinked", at=now, by=by, incident_id=before, complaint=key)
        if after is not None:
            note(db, "complaint_linked", at=now, by=by, incident_id=after, complaint=key)
        return complaint
