"""Incidents: their names, their steps, and when they may be closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.core.incident import (
    Condition,
    Incident,
    IncidentState,
    Task,
    TaskState,
    closed,
    closing_conditions,
    done,
    dropped,
    incident_key,
    is_overdue,
)
from crisis.core.text import Text
from crisis.errors import Invalid, WrongState

AT = datetime(2026, 5, 14, 1, 0, tzinfo=UTC)
TASK = Task(id=1, incident_id=1, phase="1h", title=Text(zh="定调", en="Set the line"), due_at=AT)
INCIDENT = Incident(
    key="XL-0514-01", title="x", t0_at=AT, opened_at=AT, opened_by=1, owner_id=1, severity=3, playbook={}
)
WEEK = timedelta(days=7)


def test_an_incident_is_called_by_house_day_and_number() -> None:
    assert incident_key("XL", AT, 3) == "XL-0514-03"


def test_a_step_with_a_hard_gate_is_not_done_without_words() -> None:
    hard = replace(TASK, gate_hard=True)

    with pytest.raises(Invalid):
        done(hard, by=1, note=" ", at=AT)
    assert done(hard, by=1, note="counsel agreed", at=AT).state is TaskState.DONE
    assert done(TASK, by=1, note="", at=AT).done_by == 1


def test_a_step_is_dropped_only_with_a_reason() -> None:
    with pytest.raises(Invalid):
        dropped(TASK, by=1, reason="", at=AT)
    assert dropped(TASK, by=1, reason="no dealer there", at=AT).state is TaskState.DROPPED


@pytest.mark.parametrize("state", [TaskState.DONE, TaskState.DROPPED])
def test_a_step_that_is_over_stays_over(state: TaskState) -> None:
    with pytest.raises(WrongState):
        done(replace(TASK, state=state), by=1, note="again", at=AT)
    with pytest.raises(WrongState):
        dropped(replace(TASK, state=state), by=1, reason="again", at=AT)


def test_a_step_is_late_only_after_its_minute_and_only_while_it_is_open() -> None:
    assert not is_overdue(TASK, AT)
    assert is_overdue(TASK, AT + timedelta(seconds=1))
    assert not is_overdue(replace(TASK, state=TaskState.DONE), AT + WEEK)
    assert not is_overdue(replace(TASK, due_at=None), AT + WEEK)


@given(
    quiet_h=st.none() | st.integers(0, 400),
    promises=st.integers(0, 2),
    hard=st.integers(0, 2),
    victims=st.booleans(),
    complaints=st.integers(0, 2),
    reason=st.sampled_from(["", "  ", "the lead decides"]),
)
@settings(max_examples=150, deadline=None)
def test_an_incident_closes_when_every_condition_holds_or_somebody_says_why_not(
    quiet_h: int | None, promises: int, hard: int, victims: bool, complaints: int, reason: str
) -> None:
    conditions = closing_conditions(
        now=AT,
        last_mention_at=None if quiet_h is None else AT - timedelta(hours=quiet_h),
        quiet_for=WEEK,
        open_promises=promises,
        open_hard_tasks=hard,
        victims_answered=victims,
        open_complaints=complaints,
    )
    holds = (quiet_h is None or quiet_h >= 168) and not promises and not hard and victims and not complaints

    assert all(condition.holds for condition in conditions) == holds
    if holds or reason.strip():
        assert closed(INCIDENT, conditions, reason=reason, at=AT).state is IncidentState.CLOSED
    else:
        with pytest.raises(Invalid):
            closed(INCIDENT, conditions, reason=reason, at=AT)


def test_an_incident_is_closed_once() -> None:
    shut = closed(INCIDENT, (Condition(code="quiet", holds=True),), reason="", at=AT)

    with pytest.raises(WrongState):
        closed(shut, (), reason="again", at=AT)
