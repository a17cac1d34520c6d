"""While the type is not sure: whether it is, and the work that nobody needs to know the type for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from crisis.core.classify.rules import Unsure
from crisis.core.incident import StoredClassification, Task, TaskState

_LATER = datetime.max.replace(tzinfo=UTC)


def is_unsure(judgement: StoredClassification | None, rule: Unsure) -> bool:
    """Whether the type is a guess that may turn: the machine's own and below the confidence that settles it."""
    return judgement is not None and not judgement.by and judgement.confidence < rule.settled_from


def same_steps(tasks: Iterable[Task], *, common: Collection[str], rule: Unsure, injury: bool) -> tuple[Task, ...]:
    """The open tasks that every type asks for, by their due times; with people hurt, those for the people first."""
    shared = [
        task
        for task in tasks
        if task.state is TaskState.OPEN and (task.step_id in common or task.step_id in rule.people_first)
    ]
    first = rule.people_first if injury else ()
    return tuple(sorted(shared, key=lambda task: (task.step_id not in first, task.due_at or _LATER)))
