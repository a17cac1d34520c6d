"""What every page of an incident shows: its name, type and owner, and the rail with its marks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import g, url_for
from sqlalchemy import Connection

from crisis.core.audienceplan import AudienceEntry
from crisis.core.incident import Incident, IncidentState, StoredClassification, Task, TaskState
from crisis.core.matter import VERBS, last_set
from crisis.core.people import Person
from crisis.core.promise import Promise, PromiseState
from crisis.core.response import Response as Said
from crisis.core.response import stance_now
from crisis.core.unsure import is_unsure, same_steps
from crisis.flows import incidents as flow
from crisis.flows import judgement
from crisis.store import incidents, log, records, views, visible
from crisis.web import session
from crisis.web.show import rail


def head(db: Connection, key: str) -> dict[str, Any]:
    """What the head of every page of an incident shows: its name, type, owner and the promise rail."""
    incident = incidents.by_key(db, key, person=session.me())
    judgements = incidents.classifications(db, incident.id)
    machine = next((item for item in judgements if not item.by), None)
    names = views.names(db)
    promises = incidents.promises(db, incident.id)
    todo = incidents.tasks(db, incident.id)
    plan = _as_read(db, incident, incidents.audiences(db, incident.id), judgement.standing(judgements))
    unsure = is_unsure(judgement.standing(judgements), session.desk().content.rules.unsure)
    return {
        "incident": incident,
        "judgement": judgement.standing(judgements),
        "machine": machine,
        "unsure": unsure,
        "same_steps": _same_steps(incident, todo) if unsure else (),
        "judgements": judgements,
        "suggested": flow.suggested(db, incident),
        "corrections": judgement.corrections_beside(db, machine, person=session.me()),
        "names": names,
        "people": records.find(db, Person, active=True),
        "promises": promises,
        "tasks": todo,
        "plan": plan,
        "facts": incidents.facts(db, incident.id),
        # Who set what last: of two people at one form the second is told.
        "last_set": last_set(log.told_of(db, incident.id, VERBS)),
        "rail": rail(
            incident.t0_at,
            incident.closed_at or g.now,
            _marks(incident, promises, plan, todo),
            closed=incident.closed_at is not None,
        ),
    }


def _same_steps(incident: Incident, todo: tuple[Task, ...]) -> tuple[Task, ...]:
    content = session.desk().content
    common = {step.id for step in content.playbooks.core.steps}
    return same_steps(todo, common=common, rule=content.rules.unsure, injury=incident.injury)[:5]


def _as_read(
    db: Connection,
    incident: Incident,
    plan: tuple[AudienceEntry, ...],
    standing: StoredClassification | None,
) -> tuple[AudienceEntry, ...]:
    """The plan with the stances that this person may know: a regional office has those of its own regions, and where
    nobody has answered there what the audience's card expects."""
    me = session.me()
    if visible.regions_read(me) is None:
        return plan
    said = records.find(db, Said, visible.responses(me), incident_id=incident.id)
    cards = session.desk().content.audiences.cards
    shown = []
    for entry in plan:
        own = stance_now([item for item in said if item.audience == entry.audience])
        if own is None and standing is not None and entry.audience in cards:
            own = float(cards[entry.audience].stance_now[standing.primary])
        shown.append(replace(entry, stance=round(own or 0.0, 2)))
    return tuple(shown)


def _marks(
    incident: Incident, promises: tuple[Promise, ...], plan: tuple[AudienceEntry, ...], todo: tuple[Any, ...]
) -> list[tuple[Any, str, str, str]]:
    """The rail's marks: promises, first contacts, and the statements that the playbook asks for. Nothing of a closed
    incident is late: nobody is waited for."""
    marks: list[tuple[Any, str, str, str]] = []
    running = incident.state is IncidentState.OPEN
    states = {PromiseState.KEPT: "kept", PromiseState.BROKEN: "late"}
    for promise in promises:
        state = states.get(promise.state) or ("late" if running and promise.due_at < g.now else "open")
        marks.append(
            (promise.due_at, state, promise.text, url_for("incidents.promises", key=incident.key) + f"#p{promise.id}")
        )
    for task in todo:
        # A step that was not needed was not kept: it is no mark of what was done.
        dropped = task.state is TaskState.DROPPED
        if task.gate_hard and not dropped and task.due_at is not None and task.phase in ("1h", "4h", "24h", "72h"):
            done = task.state is not TaskState.OPEN
            at = task.done_at if done and task.done_at else task.due_at
            state = "kept" if done else "late" if running and task.due_at < g.now else "open"
            marks.append((at, state, task.title[g.lang], url_for("incidents.room", key=incident.key) + f"#t{task.id}"))
    return marks
