"""Which steps nobody needs to know the type for, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crisis.core.classify.rules import Unsure
from crisis.core.incident import Task, TaskState
from crisis.core.text import Text
from crisis.core.unsure import same_steps

AT = datetime(2026, 5, 14, 1, 0, tzinfo=UTC)
RULE = Unsure(people_first=("K09", "MI1"))


def task(step: str, hours: float, state: TaskState = TaskState.OPEN) -> Task:
    due_at = AT + timedelta(hours=hours)
    return Task(incident_id=1, step_id=step, phase="1h", title=Text(zh=step, en=step), due_at=due_at, state=state)


TASKS = (task("K09", 1), task("L01", 0.2), task("K01", 0.1), task("MI1", 2), task("K03", 0.5, TaskState.DONE))


def steps(*, injury: bool) -> list[str]:
    return [item.step_id for item in same_steps(TASKS, common={"K01", "K03", "K09"}, rule=RULE, injury=injury)]


def test_with_people_hurt_the_steps_for_them_come_first_and_steps_of_one_type_do_not_count() -> None:
    assert steps(injury=True) == ["K09", "MI1", "K01"]


def test_without_they_stand_by_their_due_times() -> None:
    assert steps(injury=False) == ["K01", "K09", "MI1"]
