"""The list of incidents, an incident's room and its brief on paper.

The room's forms, promises and log lie in modules of their own and register with the blueprint here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, g, redirect, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.core.approval import Vote
from crisis.core.audienceplan import AudienceEntry
from crisis.core.case import Case, FactStatus
from crisis.core.duty import next_duty
from crisis.core.fulfilment import Offer
from crisis.core.incident import Incident, IncidentState, StoredClassification, Task, TaskState, is_overdue
from crisis.core.legal import Law
from crisis.core.people import Action, Role, may
from crisis.core.response import Response as Said
from crisis.core.statement import Statement, StatementState
from crisis.core.text import mark_of
from crisis.flows import audiences, cases, statements, tasks
from crisis.flows import incidents as flow
from crisis.store import incidents, log, records, views, visible
from crisis.store import statements as texts
from crisis.web import session
from crisis.web.head import head
from crisis.web.page import render
from crisis.web.show import zone

blueprint = Blueprint("incidents", __name__)


@blueprint.get("/")
def home() -> Answer:
    return redirect(session.home_of(session.me()), 303)


@blueprint.get("/i")
def index() -> str:
    return render(
        "incidents.html",
        load=lambda db: {"incidents": incidents.listed(db, person=session.me()), "names": views.names(db)},
    )


def room_of(db: Connection, key: str) -> Mapping[str, Any]:
    """What the room shows, with its head."""
    shown = head(db, key)
    incident: Incident = shown["incident"]
    written = texts.of_incident(db, incident.id)
    blocked = {}
    for statement in written:
        if statement.state is StatementState.DRAFT:
            newest = texts.revision(db, statement.id, statement.revision)
            report = statements.report_of(newest)
            blocked[statement.id] = statements.blocking(report, newest.text, texts.waivers(db, statement.id))
    voting, standby = _voting(db, written, shown)
    fallback = standby[0] if standby else None
    todo = shown["tasks"]
    released = texts.releases(db, incident.id)
    said = records.find(db, Said, visible.responses(session.me()), incident_id=incident.id)
    heard = cases.heard(db, incident)
    return shown | {
        "tab": "room",
        "seen": mark_of(incident.situation),
        "duty": next_duty(
            now=g.now,
            tasks=todo,
            # A text kept as fallback is not waiting to go out.
            statements=[item for item in written if item not in standby],
            blocked=blocked,
            promises=shown["promises"],
            audiences=shown["plan"],
            first_statement_due=incident.t0_at + timedelta(hours=1),
        ),
        "statements": written,
        "voting": voting,
        "fallback": fallback,
        "blocked": blocked,
        "releases": released,
        "silence": _silence(shown["plan"], released),
        "overdue": [task for task in todo if incident.state is IncidentState.OPEN and is_overdue(task, g.now)],
        # Each step as the incident keeps it: the rule for its date and the role that shares it stand there.
        "steps": {step["id"]: step for step in incident.playbook.get("steps", ())},
        "open_tasks": [task for task in todo if task.state is TaskState.OPEN],
        "done_tasks": [task for task in todo if task.state is TaskState.DONE],
        "dropped_tasks": [task for task in todo if task.state is TaskState.DROPPED],
        "entries": log.of_incident(db, incident.id, person=session.me(), limit=40),
        "chain": log.head(db),
        "graver": flow.graver(db, incident),
        "offers": offers(db, incident, todo),
        "begun": begun(todo),
        "evidence": {item.id: next(s for s in written if s.id == item.statement_id) for item in released},
        "questions": [item for item in said if item.question][-6:],
        "statuses": FactStatus,
        "regions": _regions(incident, said),
        "conditions": flow.conditions(db, incident, now=g.now),
        "modules": session.desk().content.modules,
        "members": incidents.members(db, incident.id),
        "heard": heard,
        "law": _law(shown["judgement"], cases.case_of(db, incident, heard), incident.regions),
    }


def _law(judged: StoredClassification | None, case: Case, regions: Iterable[str]) -> Law | None:
    today = g.now.astimezone(zone()).date()
    return audiences.law_of(session.desk(), case, judged, regions=regions, on=today) if judged else None


def offers(db: Connection, incident: Incident, todo: Iterable[Task]) -> Mapping[int, tuple[Offer, ...]]:
    """What is offered as evidence of open tasks, to whoever may say that they are done."""
    may_act = may(session.me(), Action.RUN_INCIDENT) and incident.state is IncidentState.OPEN
    return tasks.offers(db, incident, todo) if may_act else {}


def begun(todo: Iterable[Task]) -> Task | None:
    """The task whose form was sent, or is opened by an address: /i/<key>?form=task7&with=1#t7."""
    number = (request.form.get("form") or request.args.get("form", "")).removeprefix("task")
    return next((task for task in todo if str(task.id) == number), None)


@dataclass(frozen=True)
class Voting:
    """A text before its approvers: until when, who has not voted, and what goes out if they are late."""

    due_at: datetime | None
    fallback: Statement | None
    waiting: tuple[str, ...]


def _voting(
    db: Connection, written: tuple[Statement, ...], shown: Mapping[str, Any]
) -> tuple[dict[int, Voting], list[Statement]]:
    """The running approvals by number of the statement, and the approved texts that stand by for them."""
    running, standby = {}, []
    for statement in written:
        if statement.state is not StatementState.IN_REVIEW:
            continue
        approval = statements.newest_approval(db, statement)
        if approval is None:
            continue
        voted = {vote.person_id for vote in records.find(db, Vote, approval_id=approval.id)}
        fallback = next((item for item in written if item.id == approval.fallback_id), None)
        running[statement.number] = Voting(
            due_at=approval.due_at,
            fallback=fallback,
            waiting=tuple(
                person.name for person in texts.approvers(db, shown["incident"], statement) if person.id not in voted
            ),
        )
        if fallback is not None and fallback.state is StatementState.APPROVED:
            standby.append(fallback)
    return running, standby


def _silence(plan: tuple[AudienceEntry, ...], released: tuple[Any, ...]) -> list[tuple[AudienceEntry, Any]]:
    """Each audience to be told, with the last time we spoke to it."""
    rows = []
    for entry in plan:
        if entry.left_out:
            continue
        spoken = [item.at for item in released if item.audience == entry.audience]
        if entry.told_at:
            spoken.append(entry.told_at)
        rows.append((entry, max(spoken, default=None)))
    return rows


def _regions(incident: Incident, said: tuple[Said, ...]) -> list[tuple[str, int, float | None]]:
    """Each region of the incident with its responses and their mean stance."""
    rows = []
    for region in incident.regions:
        own = [item.stance for item in said if item.region == region]
        rows.append((region, len(own), sum(own) / len(own) if own else None))
    return rows


@blueprint.get("/i/<key>")
def room(key: str) -> str:
    return render("room.html", load=lambda db: room_of(db, key))


@blueprint.get("/i/<key>/brief")
def brief(key: str) -> str:
    """Two pages on paper: situation, approved lines, next promises, who to call: the owner first, then who approves."""

    def load(db: Connection) -> Mapping[str, Any]:
        shown = room_of(db, key)
        incident: Incident = shown["incident"]
        inside = {member.id for member in shown["members"]} | {incident.owner_id}
        # Of an incident that few may know of only those few are named.
        called = [
            one
            for one in shown["people"]
            if one.id in inside
            or (not incident.restricted and (may(one, Action.RUN_INCIDENT) or may(one, Action.RELEASE)))
            or (not incident.restricted and set(one.regions) & set(incident.regions))
        ]
        called.sort(key=lambda one: (one.id != incident.owner_id, not one.has(Role.EXECUTIVE), not one.phone, one.id))
        return {**shown, "tab": "brief", "to_call": called}

    return render("brief.html", load=load)
