"""The judgement of an incident: its case is put together, classified, and shown with what changed the mind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Connection

from crisis.core.case import (
    Case,
    CaseFact,
    CaseMention,
    CreditKind,
    CrisisType,
    FactStatus,
    OutletKind,
    Severity,
)
from crisis.core.classify import Classification, Evidence, classify
from crisis.core.incident import Incident, StoredClassification, Task, TaskState
from crisis.core.people import Action, Person, demand
from crisis.core.playbook import Playbook, Progress, as_record, playbook_of, swap
from crisis.core.sources import Story
from crisis.errors import Invalid
from crisis.flows.desk import Desk, acting, house, note
from crisis.store import incidents, records, views

_evidence = TypeAdapter(tuple[Evidence, ...])
MOST_MENTIONS = 60


def case_of_incident(db: Connection, incident: Incident, *, now: datetime) -> Case:
    """The case as the classifier and the plan read it: one mention per voice in time order, the facts in force."""
    home = house(db)
    assert home is not None, "a desk without an organisation has no incidents"
    mentions: list[tuple[datetime, CaseMention]] = []
    for story in records.find(db, Story, incident_id=incident.id):
        for row in views.mention_rows(db, story.id, limit=MOST_MENTIONS):
            at = row.article.published_at or row.article.fetched_at
            mentions.append(
                (
                    at,
                    CaseMention(
                        hours=max(0.0, (at - incident.t0_at).total_seconds() / 3600),
                        outlet=row.article.outlet or row.source.name,
                        kind=OutletKind(row.source.kind) if row.source.kind in list(OutletKind) else OutletKind.ONLINE,
                        reach=row.source.reach,
                        lang=row.article.lang or row.source.lang,
                        title=row.article.title,
                        summary=row.article.body[:600],
                    ),
                )
            )
    mentions.sort(key=lambda pair: pair[0])
    facts = tuple(
        CaseFact(
            hours=max(0.0, (fact.as_of - incident.t0_at).total_seconds() / 3600),
            claim=fact.claim_zh or fact.claim_en,
            status=fact.status,
        )
        for fact in incidents.facts(db, incident.id)
        if fact.status not in (FactStatus.SUPERSEDED, FactStatus.WITHHELD)
    )
    return Case(
        id=incident.key,
        org=home.organisation,
        mentions=tuple(mention for _, mention in mentions[:MOST_MENTIONS]),
        facts=facts,
    )


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


def standing(judgements: tuple[StoredClassification, ...]) -> StoredClassification | None:
    """The judgement in force, of those newest first: an officer's, when there is one, else the machine's newest."""
    for judgement in judgements:
        if judgement.by:
            return judgement
    return judgements[0] if judgements else None


def judge(desk: Desk, db: Connection, incident: Incident, *, now: datetime) -> StoredClassification:
    """Classify the incident anew. A row and a log entry are written only when the judgement has changed."""
    found = stored(classify(case_of_incident(db, incident, now=now), desk.content.rules), incident, at=now)
    earlier = incidents.classifications(db, incident.id)
    machine = next((item for item in earlier if not item.by), None)
    same = (
        machine is not None
        and machine.primary is found.primary
        and machine.secondary == found.secondary
        and machine.severity == found.severity
        and abs(machine.confidence - found.confidence) < 0.02
    )
    if machine is not None and same:
        return machine
    found = records.add(db, found)
    note(
        db,
        "classified",
        at=now,
        incident_id=incident.id,
        primary=str(found.primary),
        secondary=[str(kind) for kind in found.secondary],
        confidence=round(found.confidence, 2),
    )
    if standing((found, *earlier)) is found and machine is not None and machine.primary is not found.primary:
        # The machine changed its mind and nobody has overruled it: the typed steps follow.
        incident = records.get(db, Incident, incident.id)
        use_playbook(desk, db, incident, found, now=now)
    return found


def rejudge(desk: Desk, incident_id: int) -> None:
    """Classify an incident again because mentions or facts have arrived (a job)."""
    with acting(desk) as (db, now):
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
) -> StoredClassification:
    """The officer's judgement, with a reason; the typed steps of the playbook are exchanged, what was done stays."""
    demand(by, Action.RUN_INCIDENT)
    if not reason.strip():
        raise Invalid("reason", "reason_missing")
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
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
        use_playbook(desk, db, incident, judgement, now=now)
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
    for task in _tasks(incident, book, have=set(tasks)):
        records.add(db, task)
    return incident


def _tasks(incident: Incident, book: Playbook, *, have: set[str]) -> list[Task]:
    return [
        Task(
            incident_id=incident.id,
            step_id=step.id,
            phase=str(step.phase),
            title=step.title,
            owner_role=str(step.owner),
            due_at=incident.t0_at + timedelta(hours=step.due_hours) if step.due_hours is not None else None,
            gate=step.gate,
            gate_hard=step.gate_hard,
            output=step.output,
            principle=str(step.principle),
        )
        for step in book.steps
        if step.id not in have
    ]
