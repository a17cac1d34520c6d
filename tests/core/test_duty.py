"""The next decision: one thing, in the order in which the public waits for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crisis.core.audienceplan import AudienceEntry
from crisis.core.duty import Duty, DutyKind, next_duty
from crisis.core.incident import Task, TaskState
from crisis.core.promise import Promise, PromiseState
from crisis.core.statement import Statement, StatementState
from crisis.core.text import Text

NOW = datetime(2026, 5, 14, 3, 0, tzinfo=UTC)
LATE, SOON = NOW - timedelta(minutes=5), NOW + timedelta(minutes=5)
TASK = Task(id=1, incident_id=1, step_id="K04", phase="1h", title=Text(zh="x", en="x"), due_at=SOON)
DRAFT = Statement(
    id=1,
    incident_id=1,
    number=1,
    audience="public",
    lang="zh",
    kind="holding",
    title="x",
    author_id=1,
    created_at=NOW,
)
PROMISE = Promise(id=1, incident_id=1, text="x", owner_id=1, due_at=LATE, made_at=NOW)
ENTRY = AudienceEntry(
    incident_id=1,
    audience="victims",
    position=1,
    who="x",
    know="x",
    feel="x",
    motivate="x",
    due_at=LATE,
    reason=Text(zh="x", en="x"),
    details={},
)


def stated(state: StatementState) -> Statement:
    return replace(DRAFT, state=state)


def duty(**given: Any) -> Duty:
    nothing: dict[str, Any] = {"tasks": (), "statements": (), "blocked": {}, "promises": (), "audiences": ()}
    return next_duty(now=NOW, first_statement_due=SOON, **(nothing | given))


OUT = (stated(StatementState.RELEASED),)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, DutyKind.FIRST_STATEMENT),
        ({"statements": (DRAFT,)}, DutyKind.FIRST_STATEMENT),
        ({"statements": (DRAFT,), "blocked": {1: 2}}, DutyKind.STATEMENT_BLOCKED),
        ({"statements": (stated(StatementState.IN_REVIEW),)}, DutyKind.STATEMENT_UNVOTED),
        ({"statements": (stated(StatementState.APPROVED),)}, DutyKind.STATEMENT_UNSENT),
        ({"statements": OUT, "audiences": (replace(ENTRY, feel=" "),)}, DutyKind.AUDIENCE_BLANK),
        ({"statements": OUT, "audiences": (ENTRY,)}, DutyKind.AUDIENCE_UNTOLD),
        ({"statements": OUT, "audiences": (replace(ENTRY, due_at=SOON),)}, DutyKind.NOTHING),
        ({"statements": OUT, "audiences": (replace(ENTRY, left_out=True),)}, DutyKind.NOTHING),
        ({"statements": OUT, "tasks": (TASK,)}, DutyKind.TASK),
        ({"statements": OUT, "tasks": (replace(TASK, state=TaskState.DONE),)}, DutyKind.NOTHING),
        ({"statements": OUT, "promises": (replace(PROMISE, state=PromiseState.KEPT),)}, DutyKind.NOTHING),
        ({"statements": OUT, "promises": (replace(PROMISE, due_at=SOON),)}, DutyKind.NOTHING),
    ],
)
def test_what_is_open_decides_what_comes_next(given: dict[str, Any], kind: DutyKind) -> None:
    assert duty(**given).kind is kind


def test_a_late_promise_comes_before_everything() -> None:
    found = duty(promises=(PROMISE,), statements=(stated(StatementState.APPROVED),), tasks=(TASK,), audiences=(ENTRY,))

    assert found.kind is DutyKind.PROMISE_LATE


def test_of_two_late_promises_the_older_one_comes_first() -> None:
    older = replace(PROMISE, id=2, due_at=LATE - timedelta(hours=1))

    assert duty(promises=(PROMISE, older)).args["promise"] == 2


def test_of_two_tasks_the_one_that_is_due_first_comes_first() -> None:
    other = replace(TASK, id=2, due_at=LATE)

    assert duty(statements=OUT, tasks=(TASK, other)).args["task"] == 2


def test_of_what_is_due_at_once_the_record_comes_last() -> None:
    scribe = replace(TASK, id=1, step_id="K01", owner_role="SCRIBE")
    care = replace(TASK, id=2, step_id="K02", owner_role="CARE")
    found = duty(tasks=(scribe, care), statements=OUT)
    assert found.args["step"] == "K02"
