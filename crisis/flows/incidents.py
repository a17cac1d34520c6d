"""Running an incident: owner, severity, situation, gates, who may see it, entries in the log, closing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from crisis.core import incident as rules
from crisis.core import triage
from crisis.core.audienceplan import AudienceEntry
from crisis.core.incident import Condition, Incident, IncidentState, TaskState
from crisis.core.log import LogEntry
from crisis.core.matter import GATES, Matter
from crisis.core.people import Action, Person, demand
from crisis.core.playbook import add_module as with_module
from crisis.core.playbook import as_record, playbook_of
from crisis.core.promise import Promise, PromiseState
from crisis.core.response import Response
from crisis.core.sources import Story
from crisis.core.statement import StatementState
from crisis.core.text import mark_of
from crisis.errors import Invalid, Stale, WrongState
from crisis.flows import approvals, judgement, people
from crisis.flows.desk import Desk, acting, demand_unchanged, note
from crisis.store import complaints, incidents, log, records, statements

# Playbook step K29: seven quiet days.
QUIET_FOR = timedelta(days=7)


def write_entry(desk: Desk, incident_key: str, *, by: Person, words: str, decision: bool = False) -> LogEntry:
    """A person's own entry in the log; a decision is marked as one."""
    demand(by, Action.WRITE_LOG)
    if not words.strip():
        raise Invalid("words", "text_missing")
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        return note(
            db,
            "entry_written",
            at=now,
            by=by,
            incident_id=incident.id,
            words=words.strip(),
            decision=decision,
        )


def set_owner(desk: Desk, incident_key: str, *, by: Person, owner_id: int, reason: str = "", since: int) -> Incident:
    """The incident with a new owner; the earlier one stays in the log. Raises Stale when somebody has handed it over
    after the log entry `since`."""
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        owner = people.owner(db, owner_id)
        if owner.id == incident.owner_id and not reason.strip():
            return incident
        demand_unchanged(db, incident.id, Matter.OWNER, since=since)
        incident = records.save(db, replace(incident, owner_id=owner.id))
        _member(db, incident, owner)
        note(db, "owner_set", at=now, by=by, incident_id=incident.id, owner=owner.name, words=reason.strip())
        return incident


def _member(db: Connection, incident: Incident, person: Person) -> None:
    known = [member.id for member in incidents.members(db, incident.id)]
    if person.id not in known:
        incidents.set_members(db, incident.id, [*known, person.id])


def set_severity(
    desk: Desk, incident_key: str, *, by: Person, severity: int, reason: str, seen: int, since: int
) -> Incident:
    """The incident with another severity. Raising is free, lowering asks for a reason.

    `seen` is the suggestion that the page showed, 0 for none: what came up while it was open is still asked about.
    Raises Stale when somebody has set the severity after the log entry `since`.
    """
    demand(by, Action.RUN_INCIDENT)
    if not 1 <= severity <= 5:
        raise Invalid("severity", "severity_range")
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        if severity == incident.severity and not reason.strip():
            return incident
        demand_unchanged(db, incident.id, Matter.SEVERITY, since=since)
        if severity < incident.severity and not reason.strip():
            raise Invalid("reason", "lowering_needs_reason")
        was = incident.severity
        incident = records.save(db, replace(incident, severity=severity))
        note(
            db,
            "severity_set",
            at=now,
            by=by,
            incident_id=incident.id,
            words=reason.strip(),
            was=was,
            severity=severity,
            suggested=min(seen, suggested(db, incident)),
        )
        return incident


def keep_severity(desk: Desk, incident_key: str, *, by: Person, reason: str, seen: int, since: int) -> Incident:
    """The incident as it is, though a story of it suggests more: what was weighed is not asked again.

    `seen` is the suggestion that the page showed: a graver one that came up while it was open was not weighed.
    Raises WrongState when somebody has set the severity after the log entry `since`: there is another one to leave.
    """
    demand(by, Action.RUN_INCIDENT)
    if not reason.strip():
        raise Invalid("reason", "reason_missing")
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        try:
            demand_unchanged(db, incident.id, Matter.SEVERITY, since=since)
        except Stale:
            raise WrongState("severity was set", incident=incident.id) from None
        note(
            db,
            "severity_kept",
            at=now,
            by=by,
            incident_id=incident.id,
            words=reason.strip(),
            severity=incident.severity,
            suggested=min(seen, suggested(db, incident)),
        )
        return incident


def suggested(db: Connection, incident: Incident) -> int:
    """The gravest severity that the machine suggests for a story of the incident; 0 without a story."""
    return max((story.severity for story in records.find(db, Story, incident_id=incident.id)), default=0)


def graver(db: Connection, incident: Incident) -> Story | None:
    """The story that grew graver since people last weighed the severity of an open incident, or None."""
    if incident.state is not IncidentState.OPEN:
        return None
    weighed = log.newest_of(db, incident.id, ("incident_declared", "severity_set", "severity_kept"))
    known = int(weighed.args.get("suggested", 0)) if weighed is not None else 0
    stories = records.find(db, Story, incident_id=incident.id)
    return triage.beyond(stories, severity=incident.severity, known=known)


def write_situation(desk: Desk, incident_key: str, *, by: Person, situation: str, seen: str) -> Incident:
    """The incident with a new situation text. `seen` is the `mark_of` the text that it replaces; raises Stale when
    somebody has written another one since."""
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        if mark_of(incident.situation) != seen:
            raise Stale(kind="incident", id=incident.id)
        incident = records.save(
            db,
            replace(
                incident,
                situation=situation.strip(),
                situation_by=by.id,
                situation_at=now,
            ),
        )
        note(db, "situation_written", at=now, by=by, incident_id=incident.id, words=situation.strip())
        return incident


def set_gate(desk: Desk, incident_key: str, *, by: Person, gate: str, value: bool, reason: str, since: int) -> Incident:
    """People hurt, claim refuted, fault gate: states of the case that the checks read. Each change is logged. Raises
    Stale when somebody has set this one after the log entry `since`."""
    demand(by, Action.RUN_INCIDENT)
    if gate not in GATES:
        raise Invalid("gate", "choice_wrong")
    if not reason.strip():
        raise Invalid("reason", "reason_missing")
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        demand_unchanged(db, incident.id, Matter(gate), since=since)
        incident = records.save(db, replace(incident, **{gate: value}))  # type: ignore[arg-type]
        note(
            db,
            "gate_set",
            at=now,
            by=by,
            incident_id=incident.id,
            words=reason.strip(),
            gate=gate,
            value=value,
        )
        return incident


def set_visibility(
    desk: Desk,
    incident_key: str,
    *,
    by: Person,
    restricted: bool,
    member_ids: Sequence[int],
    regions: Sequence[str],
    since: int,
) -> Incident:
    """Who may see the incident: its members only, or everybody whose role and regions allow it. Raises Stale when
    somebody has changed that after the log entry `since`."""
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        demand_unchanged(db, incident.id, Matter.VISIBILITY, since=since)
        kept = tuple(dict.fromkeys(region.strip() for region in regions if region.strip()))
        incident = records.save(db, replace(incident, restricted=restricted, regions=kept))
        # The owner and whoever changes this stay members, so that nobody locks themselves out.
        chosen = [records.get(db, Person, person_id).id for person_id in member_ids]
        incidents.set_members(db, incident.id, [*chosen, incident.owner_id, by.id])
        incidents.set_regions(db, incident.id, kept)
        note(db, "restricted_set", at=now, by=by, incident_id=incident.id, value=restricted, members=list(member_ids))
        return incident


def conditions(db: Connection, incident: Incident, *, now: datetime) -> tuple[Condition, ...]:
    """The closing conditions of the incident with the figures they were read from."""
    hard = sum(
        1
        for task in incidents.tasks(db, incident.id)
        # The closing step itself cannot stand in its own way.
        if task.gate_hard and task.state is TaskState.OPEN and task.phase != "close"
    )
    victims = records.first(db, AudienceEntry, incident_id=incident.id, audience="victims", left_out=False)
    answered = victims is None or records.first(db, Response, incident_id=incident.id, audience="victims") is not None
    return rules.closing_conditions(
        now=now,
        last_mention_at=incidents.last_mention_at(db, incident.id),
        quiet_for=QUIET_FOR,
        open_promises=len(records.find(db, Promise, incident_id=incident.id, state=PromiseState.OPEN)),
        open_hard_tasks=hard,
        victims_answered=answered,
        open_complaints=complaints.open_count(db, incident.id),
    )


def close(desk: Desk, incident_key: str, *, by: Person, reason: str) -> Incident:
    """The incident as closed; conditions that do not hold need a reason, and the log keeps both.

    Texts before their approvers are drafts again, so that no fallback goes out afterwards; what is approved stays
    so, but is not released any more.
    """
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        held = conditions(db, incident, now=now)
        incident = records.save(db, rules.closed(incident, held, reason=reason, at=now))
        for statement in statements.of_incident(db, incident.id):
            if statement.state is StatementState.IN_REVIEW:
                approvals.void_open(db, statement, at=now, incident_id=incident.id)
                records.save(db, replace(statement, state=StatementState.DRAFT))
        note(
            db,
            "incident_closed",
            at=now,
            by=by,
            incident_id=incident.id,
            words=reason.strip(),
            decision=True,
            conditions={condition.code: condition.holds for condition in held},
        )
        return incident


def reopen(desk: Desk, incident_key: str, *, by: Person, reason: str) -> Incident:
    """The incident as open again, with the reason in the log. Texts stay as closing left them: a draft is sent anew to
    its approvers, what was approved can go out."""
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        incident = records.save(db, rules.reopened(incident, reason=reason))
        note(db, "incident_reopened", at=now, by=by, incident_id=incident.id, words=reason.strip(), decision=True)
        return incident


def add_module(desk: Desk, incident_key: str, module_id: str, *, by: Person) -> Incident:
    """The incident with the steps of one more playbook module."""
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        module = desk.content.module(module_id)
        have = {task.step_id for task in incidents.tasks(db, incident.id)}
        book = with_module(playbook_of(incident.playbook), module)
        incident = records.save(db, replace(incident, playbook=as_record(book)))
        for task in judgement.tasks_of(incident, module.steps, have=have, begins_at=now):
            records.add(db, task)
        note(db, "task_added", at=now, by=by, incident_id=incident.id, step="", zh=module.title.zh, en=module.title.en)
        return incident
