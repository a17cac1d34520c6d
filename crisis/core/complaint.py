"""The complaint register: the standard form, its steps, owner, deadlines and sign-off.

The form's fields follow the complaint-handling procedure this product was asked to support: receiver block
(date, time, by whom, unit), customer block (name, address, phone, fax, e-mail), the complaint itself, the
action block (action taken, date completed, confirming signature, unit supervisor).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from crisis.errors import Invalid, WrongState


class ComplaintState(StrEnum):
    OPEN = "open"
    SOLVED = "solved"
    SIGNED_OFF = "signed_off"
    UNSATISFIED = "unsatisfied"


class Tier(StrEnum):
    """How heavy: light (apology and a small remedy), medium (service error cost time), severe (safety, rights)."""

    LIGHT = "light"
    MEDIUM = "medium"
    SEVERE = "severe"


class StepKind(StrEnum):
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    PROGRESS = "progress"
    NOTE = "note"
    HANDED_OVER = "handed_over"
    ESCALATED = "escalated"
    SOLUTION = "solution"
    SIGNED_OFF = "signed_off"
    CLOSED_UNSATISFIED = "closed_unsatisfied"
    CORRECTED = "corrected"
    FOLLOWED_UP = "followed_up"


class Escalation(StrEnum):
    """The four ways up from a serious case."""

    SENIOR = "senior"
    REPORT = "report"
    LAWYER = "lawyer"
    POLICE = "police"


# First substantive answer within an hour, follow-up a day after the solution: the timers of the procedure.
FIRST_ANSWER = timedelta(hours=1)
FOLLOW_UP = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """One complaint. `due_at` is the next message the customer was promised; `interval_h` the agreed rhythm."""

    id: int = 0
    key: str
    received_at: datetime
    received_by: str
    unit: str
    medium: str = "phone"
    customer_kind: str = "external"
    customer_name: str
    customer_address: str = ""
    customer_other: str = ""
    customer_phone: str = ""
    customer_fax: str = ""
    customer_email: str = ""
    consent: bool = False
    subject: str = "product"
    region: str = ""
    product: str = ""
    details: str
    desired_outcome: str = ""
    tier: Tier = Tier.LIGHT
    injury: bool = False
    action_taken: str = ""
    action_completed_at: datetime | None = None
    signed_by: str = ""
    signed_at: datetime | None = None
    supervisor: str = ""
    owner_id: int
    due_at: datetime | None = None
    interval_h: int = 24
    state: ComplaintState = ComplaintState.OPEN
    satisfied: bool | None = None
    incident_id: int | None = None
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class ComplaintStep:
    """One thing that was done for a complaint; a row, never changed. `visible` ones the customer has seen."""

    id: int = 0
    complaint_id: int
    at: datetime
    by: int
    kind: StepKind
    text: str
    visible: bool = False


def checked(complaint: Complaint) -> Complaint:
    """The complaint, or Invalid at the first field that is missing."""
    if not complaint.customer_name.strip():
        raise Invalid("customer_name", "customer_missing")
    if not complaint.details.strip():
        raise Invalid("details", "details_missing")
    if not complaint.received_by.strip():
        raise Invalid("received_by", "received_by_missing")
    if not complaint.unit.strip():
        raise Invalid("unit", "unit_missing")
    if complaint.customer_email and "@" not in complaint.customer_email:
        raise Invalid("customer_email", "email_wrong", value=complaint.customer_email)
    if not 1 <= complaint.interval_h <= 24 * 30:
        raise Invalid("interval_h", "interval_range")
    return complaint


def progressed(complaint: Complaint, *, at: datetime) -> Complaint:
    """After a message to the customer the next one is due an agreed interval later."""
    if complaint.state not in (ComplaintState.OPEN, ComplaintState.SOLVED):
        raise WrongState("complaint is closed", complaint=complaint.id)
    return replace(complaint, due_at=at + timedelta(hours=complaint.interval_h))


def solved(complaint: Complaint, *, action: str, at: datetime) -> Complaint:
    """The solution was told to the customer; a follow-up is due a day later."""
    if complaint.state is not ComplaintState.OPEN:
        raise WrongState("complaint is not open", complaint=complaint.id)
    if not action.strip():
        raise Invalid("action_taken", "action_missing")
    return replace(
        complaint,
        state=ComplaintState.SOLVED,
        action_taken=action.strip(),
        action_completed_at=at,
        due_at=at + FOLLOW_UP,
    )


def signed_off(
    complaint: Complaint, *, by: str, supervisor: str, satisfied: bool, reason: str, at: datetime
) -> Complaint:
    """The form as signed. A customer who is not satisfied needs the steps taken, told and reported upward."""
    if complaint.state is ComplaintState.OPEN:
        raise WrongState("no solution was told yet", complaint=complaint.id)
    if complaint.state is not ComplaintState.SOLVED:
        raise WrongState("complaint is closed", complaint=complaint.id)
    if not by.strip():
        raise Invalid("signed_by", "signature_missing")
    if not supervisor.strip():
        raise Invalid("supervisor", "supervisor_missing")
    if not satisfied and not reason.strip():
        raise Invalid("reason", "unsatisfied_needs_report")
    return replace(
        complaint,
        state=ComplaintState.SIGNED_OFF if satisfied else ComplaintState.UNSATISFIED,
        satisfied=satisfied,
        signed_by=by.strip(),
        supervisor=supervisor.strip(),
        signed_at=at,
        due_at=None,
    )
