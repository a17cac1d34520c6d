"""An incident's pages: the room, its promises, its log, its settings, the paper brief."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.core.approval import Vote
from crisis.core.audienceplan import AudienceEntry
from crisis.core.case import Case, CreditKind, CrisisType, FactStatus
from crisis.core.duty import next_duty
from crisis.core.fulfilment import Offer
from crisis.core.incident import Incident, IncidentState, StoredClassification, Task, TaskState, is_overdue
from crisis.core.legal import Law
from crisis.core.matter import VERBS, last_set
from crisis.core.people import Action, Person, may
from crisis.core.promise import Promise, PromiseState
from crisis.core.response import Response as Said
from crisis.core.response import stance_now
from crisis.core.statement import Statement, StatementState
from crisis.core.text import mark_of
from crisis.core.unsure import is_unsure, same_steps
from crisis.flows import audiences, cases, judgement, responses, statements, tasks
from crisis.flows import incidents as flow
from crisis.store import incidents, log, records, views, visible
from crisis.store import statements as texts
from crisis.web import forms, page, session
from crisis.web.page import render
from crisis.web.show import rail, zone
from crisis.web.wording import happened

blueprint = Blueprint("incidents", __name__)
# A cell that begins so is a formula to spreadsheet programs, unless a quote stands before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@blueprint.get("/")
def home() -> Answer:
    return redirect(session.home_of(session.me()), 303)


@blueprint.get("/i")
def index() -> str:
    return render(
        "incidents.html",
        load=lambda db: {"incidents": incidents.listed(db, person=session.me()), "names": views.names(db)},
    )


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


def _room(db: Connection, key: str) -> Mapping[str, Any]:
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
    return render("room.html", load=lambda db: _room(db, key))


def _form(rule: str, *, anchor: str = "") -> Callable[[Callable[..., object]], Callable[..., object]]:
    """A form of the room: the function does one thing with the incident, then the room is shown again."""

    def register(act: Callable[..., object]) -> Callable[..., object]:
        def view(key: str, **more: int) -> Answer | tuple[str, int]:
            return page.carried_out(
                lambda: act(key, **more),
                then=lambda _: url_for("incidents.room", key=key) + anchor,
                again="room.html",
                load=lambda db: _room(db, key),
            )

        blueprint.add_url_rule(rule, act.__name__, view, methods=["POST"])
        return act

    return register


@_form("/i/<key>/log", anchor="#log")
def write(key: str) -> object:
    return flow.write_entry(
        session.desk(), key, by=session.me(), words=forms.text("words"), decision=forms.flag("decision")
    )


@_form("/i/<key>/tasks/<int:task_id>", anchor="#tasks")
def task(key: str, task_id: int) -> object:
    desk, me, words = session.desk(), session.me(), forms.text("note")
    if forms.text("act") == "drop":
        return tasks.drop(desk, key, task_id, by=me, reason=words)
    if forms.text("act") == "take":
        return tasks.take(desk, key, task_id, by=me, owner_id=forms.whole("owner", me.id), seen=forms.whole("seen", 0))
    if number := forms.whole("with", 0):
        return tasks.complete_with(desk, key, task_id, number, by=me, words=words)
    return tasks.complete(desk, key, task_id, by=me, words=words)


@_form("/i/<key>/tasks", anchor="#tasks")
def add_task(key: str) -> object:
    return tasks.add(
        session.desk(),
        key,
        by=session.me(),
        title=forms.text("title"),
        due_at=forms.optional_moment("due_at"),
        owner_id=forms.whole("owner", 0) or None,
    )


@_form("/i/<key>/type")
def overrule(key: str) -> object:
    return judgement.overrule(
        session.desk(),
        key,
        by=session.me(),
        primary=forms.choice("primary", CrisisType),
        secondary=forms.chosen("secondary", CrisisType),
        credit_kind=forms.choice("credit_kind", CreditKind) if forms.text("credit_kind") else None,
        reason=forms.text("reason"),
        since=forms.whole("since", 0),
    )


@_form("/i/<key>/owner")
def owner(key: str) -> object:
    return flow.set_owner(
        session.desk(),
        key,
        by=session.me(),
        owner_id=forms.whole("owner"),
        reason=forms.text("reason"),
        since=forms.whole("since", 0),
    )


@_form("/i/<key>/severity")
def severity(key: str) -> object:
    return flow.set_severity(
        session.desk(),
        key,
        by=session.me(),
        severity=forms.whole("severity"),
        reason=forms.text("reason"),
        seen=forms.whole("seen", 0),
        since=forms.whole("since", 0),
    )


@_form("/i/<key>/severity/keep")
def keep_severity(key: str) -> object:
    return flow.keep_severity(
        session.desk(),
        key,
        by=session.me(),
        reason=forms.text("reason"),
        seen=forms.whole("seen", 0),
        since=forms.whole("since", 0),
    )


@_form("/i/<key>/situation")
def situation(key: str) -> object:
    return flow.write_situation(
        session.desk(), key, by=session.me(), situation=forms.text("situation"), seen=forms.text("seen")
    )


@_form("/i/<key>/gate")
def gate(key: str) -> object:
    return flow.set_gate(
        session.desk(),
        key,
        by=session.me(),
        gate=forms.text("gate"),
        value=forms.flag("value"),
        reason=forms.text("reason"),
        since=forms.whole("since", 0),
    )


@_form("/i/<key>/visibility")
def visibility(key: str) -> object:
    return flow.set_visibility(
        session.desk(),
        key,
        by=session.me(),
        restricted=forms.flag("restricted"),
        member_ids=forms.numbers("members"),
        regions=forms.listed("regions"),
        since=forms.whole("since", 0),
    )


@_form("/i/<key>/module", anchor="#tasks")
def module(key: str) -> object:
    return flow.add_module(session.desk(), key, forms.text("module"), by=session.me())


@_form("/i/<key>/close")
def close(key: str) -> object:
    return flow.close(session.desk(), key, by=session.me(), reason=forms.text("reason"))


@_form("/i/<key>/reopen")
def reopen(key: str) -> object:
    return flow.reopen(session.desk(), key, by=session.me(), reason=forms.text("reason"))


@blueprint.get("/i/<key>/promises")
def promises(key: str) -> str:
    return render("promises.html", load=lambda db: _promises(db, key))


def _promises(db: Connection, key: str) -> Mapping[str, Any]:
    shown = head(db, key)
    return shown | {"tab": "promises", "statements": texts.of_incident(db, shown["incident"].id)}


@blueprint.post("/i/<key>/promises")
def promise(key: str) -> Answer | tuple[str, int]:
    return _promised(
        key,
        lambda: responses.promise(
            session.desk(),
            key,
            by=session.me(),
            text=forms.text("text"),
            due_at=forms.moment("due_at"),
            owner_id=forms.whole("owner", session.me().id),
            audience=forms.text("audience"),
            statement_id=forms.whole("statement", 0) or None,
        ),
    )


@blueprint.post("/i/<key>/promises/<int:promise_id>")
def end_promise(key: str, promise_id: int) -> Answer | tuple[str, int]:
    return _promised(
        key,
        lambda: responses.keep_promise(
            session.desk(),
            key,
            promise_id,
            by=session.me(),
            words=forms.text("note"),
            kept=forms.text("act") == "kept",
        ),
    )


def _promised(key: str, act: Callable[[], object]) -> Answer | tuple[str, int]:
    return page.carried_out(
        act,
        then=lambda _: url_for("incidents.promises", key=key),
        again="promises.html",
        load=lambda db: _promises(db, key),
    )


@blueprint.get("/i/<key>/log")
def entries(key: str) -> str:
    only = request.args.get("only", "")

    def load(db: Connection) -> Mapping[str, Any]:
        shown = head(db, key)
        found = log.of_incident(db, shown["incident"].id, person=session.me(), limit=2000)
        return shown | {
            "tab": "log",
            "only": only,
            "decisions": sum(1 for entry in found if entry.decision),
            "all": len(found),
            "entries": [entry for entry in found if entry.decision or only != "decisions"],
            "chain": log.head(db),
            "problems_in_chain": log.check_since(db),
        }

    return render("log.html", load=load)


@blueprint.get("/i/<key>/log.csv")
def export(key: str) -> Response:
    """The log as a table, oldest first; a drill says so in its first line and its file name."""
    desk = session.desk()
    with desk.reading() as db:
        page.frame(desk, db)
        incident = incidents.by_key(db, key, person=session.me())
        found = log.of_incident(db, incident.id, person=session.me(), limit=100000)
        names = views.names(db)
    out = io.StringIO()
    writer = csv.writer(out)
    if incident.drill:
        writer.writerow(["演练 DRILL"])
    writer.writerow(["seq", "at", "by", "what", "note", "decision", "hash"])
    for entry in reversed(found):
        row = [entry.seq, entry.at.isoformat(), names.get(entry.by, ""), happened(entry), entry.note]
        safe = ["'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in row]
        writer.writerow([*safe, "1" if entry.decision else "", entry.hash])
    name = f"{'DRILL-' if incident.drill else ''}{incident.key}-log.csv"
    return Response(
        "\ufeff" + out.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.get("/i/<key>/brief")
def brief(key: str) -> str:
    """Two pages on paper: situation, approved lines, next promises, who to call."""
    return render("brief.html", load=lambda db: {**_room(db, key), "tab": "brief"})
