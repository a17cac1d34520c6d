"""The forms of an incident's room: log, tasks, type, owner, severity, gates, who sees it, closing."""

from __future__ import annotations

from collections.abc import Callable

from flask import url_for
from werkzeug.wrappers import Response as Answer

from crisis.core.case import CreditKind, CrisisType
from crisis.flows import incidents as flow
from crisis.flows import judgement, tasks
from crisis.web import forms, page, session
from crisis.web.incidents import blueprint, room_of


def _form(rule: str, *, anchor: str = "") -> Callable[[Callable[..., object]], Callable[..., object]]:
    """A form of the room: the function does one thing with the incident, then the room is shown again."""

    def register(act: Callable[..., object]) -> Callable[..., object]:
        def view(key: str, **more: int) -> Answer | tuple[str, int]:
            return page.carried_out(
                lambda: act(key, **more),
                then=lambda _: url_for("incidents.room", key=key) + anchor,
                again="room.html",
                load=lambda db: room_of(db, key),
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
