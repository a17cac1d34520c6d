"""An incident: what was declared, who owns it, when its clock began, and when it may be closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from crisis.core.case import CrisisType
from crisis.core.text import Text
from crisis.errors import Invalid, WrongState


class IncidentState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One incident. `t0_at` is the first public signal: every deadline counts from it.

    `severity` 1..5, 5 is worst (scale in docs/decisions.md). `playbook` is the copy that the incident was
    started with; later changes of the content do not touch it. `restricted` hides it from everybody who is
    not a member. `injury` says that people were hurt, `cause_established` that the cause is proven,
    `fault_gate_open` that counsel has cleared words of fault, `filed` that the exchange has been told what is material.
    """

    id: int = 0
    key: str
    title: str
    t0_at: datetime
    opened_at: datetime
    opened_by: int
    owner_id: int
    severity: int
    state: IncidentState = IncidentState.OPEN
    restricted: bool = False
    regions: tuple[str, ...] = ()
    playbook: Mapping[str, Any]
    situation: str = ""
    situation_by: int | None = None
    situation_at: datetime | None = None
    injury: bool = False
    cause_established: bool = False
    claim_refuted: bool = False
    fault_gate_open: bool = False
    filed: bool = False
    drill: bool = False
    closed_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class StoredClassification:
    """One judgement of the type, by the machine (`by` 0) or by an officer who overruled it with a reason."""

    id: int = 0
    incident_id: int
    at: datetime
    by: int = 0
    primary: CrisisType
    secondary: tuple[CrisisType, ...] = ()
    credit_kind: str | None = None
    scores: Mapping[str, float]
    confidence: float
    severity: str
    evidence: tuple[Mapping[str, Any], ...] = ()
    next_fact: Text | None = None
    reason: str = ""
    rules_version: str = ""


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One step of the incident's playbook, or one that somebody added by hand (`step_id` empty).

    `release_id` is the release that was given as evidence when it was said to be done.
    """

    id: int = 0
    incident_id: int
    step_id: str = ""
    phase: str
    title: Text
    owner_role: str = ""
    owner_id: int | None = None
    due_at: datetime | None = None
    gate: Text | None = None
    gate_hard: bool = False
    output: Text | None = None
    principle: str = ""
    state: TaskState = TaskState.OPEN
    note: str = ""
    done_at: datetime | None = None
    done_by: int | None = None
    release_id: int | None = None
    version: int = 1


def incident_key(prefix: str, at: datetime, number: int) -> str:
    """The name people say on the phone: `SG-0514-01`."""
    return f"{prefix}-{at:%m%d}-{number:02d}"


def done(task: Task, *, by: int, note: str, at: datetime) -> Task:
    """The task as done. A hard gate needs a note that says how it was met or who decided to pass it: a release is
    evidence of the work and no answer to the gate."""
    if task.state is not TaskState.OPEN:
        raise WrongState("task is not open", task=task.id)
    if task.gate_hard and not note.strip():
        raise Invalid("note", "gate_needs_note", task=task.id)
    return replace(task, state=TaskState.DONE, done_at=at, done_by=by, note=note.strip())


def dropped(task: Task, *, by: int, reason: str, at: datetime) -> Task:
    """The task as not needed, with the reason."""
    if task.state is not TaskState.OPEN:
        raise WrongState("task is not open", task=task.id)
    if not reason.strip():
        raise Invalid("reason", "reason_missing")
    return replace(task, state=TaskState.DROPPED, done_at=at, done_by=by, note=reason.strip())


def is_overdue(task: Task, now: datetime) -> bool:
    return task.state is TaskState.OPEN and task.due_at is not None and task.due_at < now


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of closing: whether it holds, and the number it was read from."""

    code: str
    holds: bool
    value: str = ""


def closing_conditions(
    *,
    now: datetime,
    last_mention_at: datetime | None,
    quiet_for: timedelta,
    open_promises: int,
    open_hard_tasks: int,
    victims_answered: bool,
    open_complaints: int,
) -> tuple[Condition, ...]:
    """What must hold before an incident is closed (playbook step K29): quiet media, no open promise,
    no open task with a hard gate, victims asked, complaints settled."""
    quiet = last_mention_at is None or now - last_mention_at >= quiet_for
    return (
        Condition(code="quiet", holds=quiet, value=last_mention_at.isoformat() if last_mention_at else ""),
        Condition(code="promises", holds=open_promises == 0, value=str(open_promises)),
        Condition(code="hard_tasks", holds=open_hard_tasks == 0, value=str(open_hard_tasks)),
        Condition(code="victims", holds=victims_answered),
        Condition(code="complaints", holds=open_complaints == 0, value=str(open_complaints)),
    )


def closed(incident: Incident, conditions: tuple[Condition, ...], *, reason: str, at: datetime) -> Incident:
    """The incident as closed. A condition that does not hold needs a reason (the lead's decision, logged)."""
    if incident.state is IncidentState.CLOSED:
        raise WrongState("incident is closed", incident=incident.id)
    if not all(condition.holds for condition in conditions) and not reason.strip():
        raise Invalid("reason", "closing_needs_reason")
    return replace(incident, state=IncidentState.CLOSED, closed_at=at)


def reopened(incident: Incident, *, reason: str) -> Incident:
    """The incident as open again: it has flared up, or was closed too early. The reason says which."""
    if incident.state is IncidentState.OPEN:
        raise WrongState("incident is open", incident=incident.id)
    if not reason.strip():
        raise Invalid("reason", "reopening_needs_reason")
    return replace(incident, state=IncidentState.OPEN, closed_at=None)
