"""Tasks of an incident: taken, done, dropped with a reason, added by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from crisis.core import fulfilment
from crisis.core import incident as rules
from crisis.core.fulfilment import Offer
from crisis.core.incident import Incident, Task, TaskState
from crisis.core.people import Action, Person, demand
from crisis.core.text import Text
from crisis.errors import Invalid, NotFound, Stale, WrongState
from crisis.flows import people
from crisis.flows.desk import Desk, acting, note
from crisis.store import incidents, records, statements


def complete(desk: Desk, incident_key: str, task_id: int, *, by: Person, words: str = "") -> Task:
    """The task as done. A hard gate asks for words that say how it was met."""
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        task = records.save(db, rules.done(_task(db, incident, task_id), by=by.id, note=words, at=now))
        note(db, "task_done", at=now, by=by, incident_id=incident.id, words=words.strip(), **_named(task))
        return task


def complete_with(desk: Desk, incident_key: str, task_id: int, number: int, *, by: Person, words: str = "") -> Task:
    """The task as done, with the release of the statement `number` as its evidence. A hard gate asks as ever.

    Raises WrongState when the release was withdrawn or is not what the step asks for.
    """
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        task = _task(db, incident, task_id)
        # Whether it is open comes first: of two people who press, the second one hears that it is done.
        finished = rules.done(task, by=by.id, note=words, at=now)
        offered = offers(db, incident, [task]).get(task.id, ())
        release = next((item.release for item in offered if item.statement.number == number), None)
        if release is None:
            raise WrongState("release is not what the step asks for", task=task.id, statement=number)
        task = records.save(db, replace(finished, release_id=release.id))
        note(
            db,
            "task_done_with",
            at=now,
            by=by,
            incident_id=incident.id,
            words=words.strip(),
            statement=number,
            hash=release.hash[:12],
            **_named(task),
        )
        return task


def offers(db: Connection, incident: Incident, tasks: Iterable[Task]) -> Mapping[int, tuple[Offer, ...]]:
    """By id of the open task: the releases that may be given as its evidence, the earliest first."""
    written = {statement.id: statement for statement in statements.of_incident(db, incident.id)}
    out = [(written[release.statement_id], release) for release in statements.releases(db, incident.id)]
    return fulfilment.offers(incident.playbook, tasks, out)


def drop(desk: Desk, incident_key: str, task_id: int, *, by: Person, reason: str) -> Task:
    """The task as not needed in this incident, with the reason."""
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        task = records.save(db, rules.dropped(_task(db, incident, task_id), by=by.id, reason=reason, at=now))
        note(db, "task_dropped", at=now, by=by, incident_id=incident.id, words=reason.strip(), **_named(task))
        return task


def take(desk: Desk, incident_key: str, task_id: int, *, by: Person, owner_id: int, seen: int) -> Task:
    """The task with an owner. `seen` is the version that was given away. Raises WrongState when it is not open, and
    Stale when somebody has given it to another one since."""
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        owner = people.owner(db, owner_id)
        task = _task(db, incident, task_id)
        if task.state is not TaskState.OPEN:
            raise WrongState("task is not open", task=task.id)
        if task.owner_id == owner.id:
            return task
        if task.version != seen:
            raise Stale(kind="task", id=task.id)
        task = records.save(db, replace(task, owner_id=owner.id))
        note(db, "task_taken", at=now, by=by, incident_id=incident.id, owner=owner.name, **_named(task))
        return task


def add(
    desk: Desk, incident_key: str, *, by: Person, title: str, due_at: datetime | None, owner_id: int | None = None
) -> Task:
    """A task that is not in the playbook."""
    demand(by, Action.RUN_INCIDENT)
    if not title.strip():
        raise Invalid("title", "title_missing")
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        task = records.add(
            db,
            Task(
                incident_id=incident.id,
                phase="own",
                title=Text(zh=title.strip(), en=title.strip()),
                due_at=due_at,
                owner_id=people.owner(db, owner_id).id if owner_id is not None else None,
            ),
        )
        note(db, "task_added", at=now, by=by, incident_id=incident.id, **_named(task))
        return task


def _task(db: Connection, incident: Incident, task_id: int) -> Task:
    task = records.first(db, Task, id=task_id, incident_id=incident.id)
    if task is None:
        raise NotFound(kind="task", id=task_id)
    return task


def _named(task: Task) -> dict[str, Any]:
    return {"step": task.step_id, "zh": task.title.zh, "en": task.title.en}
