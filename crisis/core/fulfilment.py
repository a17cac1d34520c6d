"""Releases that are the work of a step: offered beside its task, never taken for it.

A step of the playbook may say which releases fulfil it (`crisis.core.playbook.Fulfilment`). What went out and stands is
offered as evidence; its gate stays a question to a person, who says that the task is done (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crisis.core.incident import Task, TaskState
from crisis.core.playbook import Fulfilment, step_of
from crisis.core.release import Release
from crisis.core.statement import Statement


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A release with its statement, as evidence that a task is done."""

    statement: Statement
    release: Release


def offers(
    playbook: Mapping[str, Any], tasks: Iterable[Task], out: Iterable[tuple[Statement, Release]]
) -> Mapping[int, tuple[Offer, ...]]:
    """By id of the open task: every release that stands and is what its step asks for, the earliest first.

    `playbook` is the incident's own copy. One that says nothing of releases, or is none, has nothing offered.
    """
    asked = {step["id"]: step_of(step).fulfilled_by for step in playbook.get("steps", ()) if step.get("fulfilled_by")}
    standing = sorted((pair for pair in out if pair[1].withdrawn_at is None), key=lambda pair: pair[1].id)
    found = {}
    for task in tasks:
        wanted = asked.get(task.step_id)
        if task.state is TaskState.OPEN and wanted is not None:
            fitting = tuple(
                Offer(statement=statement, release=release)
                for statement, release in standing
                if _is_work_of(wanted, statement)
            )
            if fitting:
                found[task.id] = fitting
    return found


def _is_work_of(asked: Fulfilment, statement: Statement) -> bool:
    return statement.kind in asked.kinds and statement.audience in asked.audiences
