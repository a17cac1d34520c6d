"""The next decision: of everything that is open, the one thing a tired person should do now.

Order: what the public waits for and is late; what blocks the next such text; a text that waits for votes; a text
that is approved and not out; an audience that would learn it from the press; a late task; the next task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from crisis.core.audienceplan import AudienceEntry
from crisis.core.incident import Task, TaskState
from crisis.core.playbook import Role
from crisis.core.promise import Promise, PromiseState
from crisis.core.statement import Statement, StatementState


class DutyKind(StrEnum):
    PROMISE_LATE = "promise_late"
    STATEMENT_BLOCKED = "statement_blocked"
    STATEMENT_UNSENT = "statement_unsent"
    STATEMENT_UNVOTED = "statement_unvoted"
    FIRST_STATEMENT = "first_statement"
    AUDIENCE_BLANK = "audience_blank"
    AUDIENCE_UNTOLD = "audience_untold"
    TASK = "task"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One thing to decide. `due_at` drives the clock of the block; `args` fill its sentence."""

    kind: DutyKind
    due_at: datetime | None = None
    args: Mapping[str, Any]


def next_duty(
    *,
    now: datetime,
    tasks: Sequence[Task],
    statements: Sequence[Statement],
    blocked: Mapping[int, int],
    promises: Sequence[Promise],
    audiences: Sequence[AudienceEntry],
    first_statement_due: datetime,
) -> Duty:
    """The duty that comes first. `blocked` counts blocking findings per statement id."""
    late = [item for item in promises if item.state is PromiseState.OPEN and item.due_at < now]
    if late:
        worst = min(late, key=lambda item: item.due_at)
        return Duty(kind=DutyKind.PROMISE_LATE, due_at=worst.due_at, args={"promise": worst.id, "text": worst.text})
    for statement in statements:
        if statement.state is StatementState.APPROVED:
            return Duty(
                kind=DutyKind.STATEMENT_UNSENT,
                due_at=statement.due_at,
                args={"number": statement.number, "title": statement.title},
            )
    drafts = [item for item in statements if item.state is StatementState.DRAFT]
    stuck = sorted(
        (item for item in drafts if blocked.get(item.id)), key=lambda item: (item.due_at or now, item.number)
    )
    if stuck:
        return Duty(
            kind=DutyKind.STATEMENT_BLOCKED,
            due_at=stuck[0].due_at or first_statement_due,
            args={"number": stuck[0].number, "title": stuck[0].title, "count": blocked[stuck[0].id]},
        )
    waiting = [item for item in statements if item.state is StatementState.IN_REVIEW]
    if waiting:
        return Duty(
            kind=DutyKind.STATEMENT_UNVOTED,
            due_at=waiting[0].due_at or first_statement_due,
            args={"number": waiting[0].number, "title": waiting[0].title},
        )
    released = [item for item in statements if item.state is StatementState.RELEASED]
    if not released:
        return Duty(
            kind=DutyKind.FIRST_STATEMENT,
            due_at=first_statement_due,
            args={"drafts": [item.number for item in drafts]},
        )
    told = [item for item in audiences if not item.left_out]
    blank = next((item for item in told if item.blanks), None)
    if blank is not None:
        return Duty(
            kind=DutyKind.AUDIENCE_BLANK,
            due_at=blank.due_at,
            args={"audience": blank.audience, "questions": list(blank.blanks)},
        )
    untold = sorted(
        (item for item in told if item.told_at is None and item.due_at is not None),
        key=lambda item: (item.due_at, item.position),
    )
    if untold and untold[0].due_at is not None and untold[0].due_at < now:
        return Duty(kind=DutyKind.AUDIENCE_UNTOLD, due_at=untold[0].due_at, args={"audience": untold[0].audience})
    open_tasks = sorted(
        (item for item in tasks if item.state is TaskState.OPEN and item.due_at is not None),
        # Of what is due at the same minute, what protects people comes before the record of it.
        key=lambda item: (item.due_at, item.owner_role == Role.SCRIBE, item.id),
    )
    if open_tasks:
        return Duty(
            kind=DutyKind.TASK,
            due_at=open_tasks[0].due_at,
            args={"task": open_tasks[0].id, "step": open_tasks[0].step_id},
        )
    return Duty(kind=DutyKind.NOTHING, args={})
