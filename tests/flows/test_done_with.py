"""A step that asks for a statement is done with its release: offered, confirmed by a person, gate and all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crisis.core.incident import Incident, Task, TaskState
from crisis.core.log import LogEntry
from crisis.errors import Invalid, WrongState
from crisis.flows import releases, tasks
from crisis.store import incidents, log, records
from tests.flows.at_once import at_once
from tests.world import World

GATE = "F1 confirmed; Li of the law office read it at 09:05"


def step(world: World, incident: Incident, step_id: str = "K11") -> Task:
    with world.desk.reading() as db:
        return next(task for task in records.find(db, Task, incident_id=incident.id) if task.step_id == step_id)


def offered(world: World, incident: Incident) -> dict[str, list[int]]:
    """The numbers of the statements that are offered, by step."""
    with world.desk.reading() as db:
        todo = incidents.tasks(db, incident.id)
        found = tasks.offers(db, incidents.by_key(db, incident.key, person=world.lin), todo)
    return {task.step_id: [item.statement.number for item in found[task.id]] for task in todo if task.id in found}


def done_entries(world: World, incident: Incident) -> tuple[LogEntry, ...]:
    with world.desk.reading() as db:
        return records.find(db, LogEntry, incident_id=incident.id, verb="task_done_with")


def test_a_release_is_offered_to_the_steps_that_ask_for_it_and_ticks_none(world: World) -> None:
    incident = world.incident()
    assert offered(world, incident) == {}

    world.released(incident)

    assert offered(world, incident)["K11"] == [1]
    assert "K15" not in offered(world, incident)
    assert step(world, incident).state is TaskState.OPEN


def test_a_text_for_others_is_not_offered_to_a_step_that_asks_for_the_public(world: World) -> None:
    incident = world.incident()

    world.released(incident, audience="employees")

    assert offered(world, incident) == {}


def test_a_withdrawn_release_is_not_offered_and_not_taken(world: World) -> None:
    incident = world.incident()
    world.released(incident)
    releases.withdraw(world.desk, incident.key, 1, by=world.zhou, reason="the wrong street")

    assert offered(world, incident) == {}
    with pytest.raises(WrongState, match="not what the step asks for"):
        tasks.complete_with(world.desk, incident.key, step(world, incident).id, 1, by=world.lin, words=GATE)
    assert step(world, incident).state is TaskState.OPEN


def test_the_gate_is_as_hard_with_a_release_as_without(world: World) -> None:
    incident = world.incident()
    world.released(incident)

    with pytest.raises(Invalid, match="gate_needs_note"):
        tasks.complete_with(world.desk, incident.key, step(world, incident).id, 1, by=world.lin, words=" ")

    assert step(world, incident).state is TaskState.OPEN


def test_a_person_confirms_and_the_log_names_the_statement(world: World) -> None:
    incident = world.incident()
    release = world.released(incident)

    tasks.complete_with(world.desk, incident.key, step(world, incident).id, 1, by=world.lin, words=GATE)

    task = step(world, incident)
    assert (task.state, task.note, task.release_id, task.done_by) == (
        TaskState.DONE,
        GATE,
        release.id,
        world.lin.id,
    )
    (entry,) = done_entries(world, incident)
    assert (entry.args["statement"], entry.args["step"], entry.note) == (1, "K11", GATE)
    assert "K11" not in offered(world, incident)


def test_of_two_who_press_at_once_the_second_one_is_told_that_it_is_done(world: World) -> None:
    incident = world.incident()
    world.released(incident)
    task = step(world, incident)

    answers = at_once(
        lambda: tasks.complete_with(world.desk, incident.key, task.id, 1, by=world.lin, words=GATE),
        lambda: tasks.complete_with(world.desk, incident.key, task.id, 1, by=world.zhou, words=GATE),
    )

    assert [str(answer) for answer in answers if isinstance(answer, WrongState)] == ["task is not open"]
    assert len(done_entries(world, incident)) == 1
    with world.desk.reading() as db:
        assert log.check(db) == ()


def test_an_incident_whose_copy_of_the_playbook_is_older_has_nothing_offered(world: World) -> None:
    incident = world.incident()
    world.released(incident)
    with world.desk.transaction() as db:
        running = incidents.by_key(db, incident.key, person=world.lin)
        old = [{k: v for k, v in item.items() if k != "fulfilled_by"} for item in running.playbook["steps"]]
        records.save(db, replace(running, playbook={**running.playbook, "steps": old}))

    assert offered(world, incident) == {}
    with pytest.raises(WrongState, match="not what the step asks for"):
        tasks.complete_with(world.desk, incident.key, step(world, incident).id, 1, by=world.lin, words=GATE)
    tasks.complete(world.desk, incident.key, step(world, incident).id, by=world.lin, words=GATE)
    assert step(world, incident).release_id is None
