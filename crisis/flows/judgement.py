"""The judgement of an incident: its case is put together, classified, and shown with what changed the mind."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection

from crisis.core.case import Case, CreditKind, CrisisType, Severity
from crisis.core.classify import (
    Classification,
    Correction,
    Evidence,
    classify,
    corrections_like,
    differences,
    fingerprint,
)
from crisis.core.incident import Incident, StoredClassification, Task, TaskState
from crisis.core.matter import Matter
from crisis.core.people import Action, Person, demand
from crisis.core.playbook import Progress, Step, as_record, playbook_of, swap
from crisis.core.text import Text
from crisis.errors import Invalid
from crisis.flows import audiences
from crisis.flows.cases import case_of_incident as case_of_incident
from crisis.flows.cases import standing as standing
from crisis.flows.desk import Desk, demand_unchanged, judging, note
from crisis.store import incidents, records

_evidence = TypeAdapter(tuple[Evidence, ...])
# So many reasons of a change of mind stand in the log; the page has all rows.
MOST_REASONS = 3
# Former corrections that are compared with a case: newer ones know the organisation better.
MOST_CORRECTIONS = 40


def stored(found: Classification, incident: Incident, *, at: datetime) -> StoredClassification:
    """A judgement of the machine as a row."""
    return StoredClassification(
        incident_id=incident.id,
        at=at,
        primary=found.primary,
        secondary=found.secondary,
        credit_kind=str(found.credit_kind) if found.credit_kind else None,
        scores={str(kind): score for kind, score in found.scores.items()},
        confidence=found.confidence,
        severity=str(found.severity),
        evidence=tuple(_evidence.dump_python(found.evidence, mode="json")),
        next_fact=found.next_fact,
        rules_version=str(found.rules_version),
    )


def recalled(judgement: StoredClassification) -> Classification:
    """A stored judgement of the machine as the value it was made from. Shares and rows of severity are not kept."""
    return Classification(
        primary=judgement.primary,
        secondary=judgement.secondary,
        credit_kind=CreditKind(judgement.credit_kind) if judgement.credit_kind else None,
        scores={CrisisType(kind): score for kind, score in judgement.scores.items()},
        probabilities={},
        confidence=judgement.confidence,
        severity=Severity(judgement.severity),
        evidence=_evidence.validate_python(judgement.evidence),
        severity_evidence=(),
        next_fact=judgement.next_fact or Text(zh="", en=""),
        rules_version=int(judgement.rules_version or 0),
    )


def what_changed(before: StoredClassification, after: StoredClassification) -> dict[str, Any]:
    """What changed the machine's mind, for the log: `was`, and the weightiest reasons as `because_zh`, `because_en`.

    Empty when no reason weighs anything: then only the weights are new.
    """
    change = differences(recalled(before), recalled(after))
    # What moved it the way it went; what held against that stays on the page.
    reasons = [shift.because for shift in change.shifts if shift.toward > 0] or [s.because for s in change.shifts]
    if not reasons:
        return {}
    first = reasons[:MOST_REASONS]
    return {
        "was": str(change.before),
        "because_zh": "；".join(text.zh for text in first),
        "because_en": "; ".join(text.en for text in first),
    }


def corrections(db: Connection, *, person: Person, besides: int) -> tuple[Correction, ...]:
    """Officers' corrections of the type in other incidents that this person may see.

    A correction is the officer's row beside the machine's row that it overruled; `besides` is the id of the incident
    that is looked at.
    """
    found = []
    for incident, rows in incidents.overruled(db, person=person, limit=MOST_CORRECTIONS):
        place = next(place for place, row in enumerate(rows) if row.by)
        ours, said = rows[place], next((row for row in rows[place:] if not row.by), None)
        if incident.id != besides and said is not None and said.primary is not ours.primary:
            found.append(
                Correction(
                    case_id=incident.key,
                    said=said.primary,
                    corrected=ours.primary,
                    reason=ours.reason,
                    fingerprint=fingerprint(recalled(said).evidence),
                )
            )
    return tuple(found)


def corrections_beside(
    db: Connection, judgement: StoredClassification | None, *, person: Person
) -> tuple[tuple[Correction, float], ...]:
    """What officers said about other incidents that showed what this one shows, each with its likeness 0..1."""
    if judgement is None or not judgement.evidence:
        return ()
    known = corrections(db, person=person, besides=judgement.incident_id)
    return corrections_like(recalled(judgement).evidence, known) if known else ()


def judge(desk: Desk, db: Connection, incident: Incident, *, now: datetime) -> StoredClassification:
    """Classify the incident anew. A row and a log entry are written only when the judgement has changed; what it
    rests on is brought up to date in any case."""
    found = stored(classify(case_of_incident(db, incident, now=now), desk.content.rules), incident, at=now)
    earlier = incidents.classifications(db, incident.id)
    machine = next((item for item in earlier if not item.by), None)
    same = (
        machine is not None
        and machine.primary is found.primary
        and machine.secondary == found.secondary
        and machine.credit_kind == found.credit_kind
        and machine.severity == found.severity
        and abs(machine.confidence - found.confidence) < 0.02
    )
    if machine is not None and same:
        return _refreshed(db, machine, found)
    found = records.add(db, found)
    note(
        db,
        "classified",
        at=now,
        incident_id=incident.id,
        primary=str(found.primary),
        secondary=[str(kind) for kind in found.secondary],
        confidence=round(found.confidence, 2),
        **(what_changed(machine, found) if machine is not None else {}),
    )
    moved = machine is not None and (machine.primary, machine.credit_kind) != (found.primary, found.credit_kind)
    if moved and standing((found, *earlier)) is found:
        # The machine changed its mind and nobody has overruled it: the typed steps and the plan follow.
        incident = use_playbook(desk, db, records.get(db, Incident, incident.id), found, now=now)
        audiences.draft_plan(desk, db, incident, found, now=now)
    return found


def _refreshed(db: Connection, kept: StoredClassification, found: StoredClassification) -> StoredClassification:
    """The same judgement with the evidence and the next question of today. Its confidence stays the one that the log
    has told, so that many small steps are told as soon as they add up."""
    if (kept.evidence, kept.next_fact) == (found.evidence, found.next_fact):
        return kept
    return incidents.refresh(db, replace(kept, evidence=found.evidence, next_fact=found.next_fact))


def rejudge(desk: Desk, incident_id: int) -> None:
    """Classify an incident again because mentions or facts have arrived (a job)."""

    def case(db: Connection) -> Case:
        return case_of_incident(db, records.get(db, Incident, incident_id), now=desk.now(db))

    with judging(desk, case) as (db, now):
        judge(desk, db, records.get(db, Incident, incident_id), now=now)


def overrule(
    desk: Desk,
    incident_key: str,
    *,
    by: Person,
    primary: CrisisType,
    secondary: tuple[CrisisType, ...],
    credit_kind: CreditKind | None,
    reason: str,
    since: int,
) -> StoredClassification:
    """The officer's judgement, with a reason; the typed steps of the playbook and the plan follow, what was done and
    what people wrote stays. Raises Stale when another officer has changed the type after the log entry `since`."""
    demand(by, Action.RUN_INCIDENT)
    if not reason.strip():
        raise Invalid("reason", "reason_missing")
    with judging(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        demand_unchanged(db, incident.id, Matter.TYPE, since=since)
        earlier = incidents.classifications(db, incident.id)
        machine = next((item for item in earlier if not item.by), None)
        judgement = records.add(
            db,
            StoredClassification(
                incident_id=incident.id,
                at=now,
                by=by.id,
                primary=primary,
                secondary=tuple(kind for kind in secondary if kind is not primary)[:2],
                credit_kind=str(credit_kind) if credit_kind and primary is CrisisType.CREDIT else None,
                scores=machine.scores if machine else {},
                confidence=1.0,
                severity=machine.severity if machine else str(Severity.MODERATE),
                evidence=machine.evidence if machine else (),
                next_fact=machine.next_fact if machine else None,
                reason=reason.strip(),
                rules_version=machine.rules_version if machine else "",
            ),
        )
        note(
            db,
            "type_overruled",
            at=now,
            by=by,
            incident_id=incident.id,
            words=reason.strip(),
            decision=True,
            primary=str(primary),
        )
        incident = use_playbook(desk, db, incident, judgement, now=now)
        audiences.draft_plan(desk, db, incident, judgement, now=now)
        return judgement


def use_playbook(
    desk: Desk, db: Connection, incident: Incident, judgement: StoredClassification, *, now: datetime
) -> Incident:
    """The incident on the playbook of a judgement. Steps that are done stay; open ones of the old type are dropped."""
    kind = CreditKind(judgement.credit_kind) if judgement.credit_kind else None
    book = desk.content.playbook(judgement.primary, kind)
    tasks = {task.step_id: task for task in incidents.tasks(db, incident.id) if task.step_id}
    if incident.playbook:
        running = playbook_of(incident.playbook)
        progress = swap(
            (
                Progress(step=step, done=step.id in tasks and tasks[step.id].state is not TaskState.OPEN)
                for step in running.steps
            ),
            book,
        )
        book = replace(book, steps=tuple(item.step for item in progress))
    incident = records.save(db, replace(incident, playbook=as_record(book)))
    wanted = {step.id for step in book.steps}
    for task in tasks.values():
        if task.step_id not in wanted and task.state is TaskState.OPEN:
            records.save(db, replace(task, state=TaskState.DROPPED, done_at=now, note=f"→ {judgement.primary}"))
    for task in tasks_of(incident, book.steps, have=set(tasks), begins_at=incident.t0_at):
        records.add(db, task)
    return incident


def tasks_of(incident: Incident, steps: Iterable[Step], *, have: Collection[str], begins_at: datetime) -> list[Task]:
    """A task for each step that the incident does not have yet; due times count from `begins_at`."""
    return [
        Task(
            incident_id=incident.id,
            step_id=step.id,
            phase=str(step.phase),
            title=step.title,
            owner_role=str(step.owner),
            due_at=begins_at + timedelta(hours=step.due_hours) if step.due_hours is not None else None,
            gate=step.gate,
            gate_hard=step.gate_hard,
            output=step.output,
            principle=str(step.principle),
        )
        for step in steps
        if step.id not in have
    ]
