"""Publishing: the preview of what goes out, the one confirmation, the receipts of each channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, redirect, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.core.response import Response as Said
from crisis.core.response import shift
from crisis.core.statement import StatementState
from crisis.errors import CrisisError, Invalid, WrongState
from crisis.flows import deliveries, nextupdates, releases
from crisis.flows.nextupdates import Declined
from crisis.flows.responses import NewPromise
from crisis.store import records, visible
from crisis.store import statements as texts
from crisis.web import forms, page, session
from crisis.web.head import head
from crisis.web.incidents import offers
from crisis.web.page import render

blueprint = Blueprint("publish", __name__, url_prefix="/i/<key>/publish")


def _index(db: Connection, key: str) -> Mapping[str, Any]:
    shown = head(db, key)
    incident = shown["incident"]
    written = texts.of_incident(db, incident.id)
    said = records.find(db, Said, visible.responses(session.me()), incident_id=incident.id)
    out = texts.releases(db, incident.id)
    offered = offers(db, incident, shown["tasks"])
    return {
        **shown,
        "tab": "publish",
        "unpromised": nextupdates.unpromised(session.desk(), db, out),
        "ready": [item for item in written if item.state is StatementState.APPROVED],
        "statements": {item.id: item for item in written},
        "asks": {
            item.id: [
                task
                for task in shown["tasks"]
                if any(offer.release.id == item.id for offer in offered.get(task.id, ()))
            ]
            for item in out
        },
        "released": [
            (item, texts.deliveries(db, item.id), shift([r for r in said if r.audience == item.audience], item.at))
            for item in out
        ],
    }


@blueprint.get("")
def index(key: str) -> str:
    return render("publish.html", load=lambda db: _index(db, key))


@blueprint.get("/<int:number>")
def preview(key: str, number: int) -> Answer | str | tuple[str, int]:
    try:
        return _preview(key, number)
    except WrongState as error:
        return render("publish.html", load=lambda db: _index(db, key), error=error), page.status_of(error)


def _preview(key: str, number: int, error: Invalid | None = None) -> str:
    shown = releases.preview(session.desk(), key, number, by=session.me())
    return render("preview.html", load=lambda db: {**head(db, key), "tab": "publish", "p": shown}, error=error)


@blueprint.post("/<int:number>")
def release(key: str, number: int) -> Answer | tuple[str, int]:
    """Send exactly the bytes whose hash the form carries, and enter what they promise."""
    try:
        hash = forms.text("hash")
        made = releases.release(session.desk(), key, number, by=session.me(), hash=hash, promised=_promised())
    except page.MENDABLE as error:
        return _again(key, number, error)
    return redirect(url_for("publish.index", key=key) + f"#r{made.id}", 303)


def _again(key: str, number: int, error: CrisisError) -> tuple[str, int]:
    """Nothing has gone out. What is wrong is mended on the preview, as long as the text can still be released."""
    if isinstance(error, Invalid):
        try:
            return _preview(key, number, error), page.status_of(error)
        except WrongState as gone:
            error = gone
    return render("publish.html", load=lambda db: _index(db, key), error=error), page.status_of(error)


def _promised() -> NewPromise | Declined | None:
    """What is to become of the next update that the text names."""
    match forms.text("next"):
        case "promise":
            return NewPromise(
                text=forms.text("text"),
                due_at=forms.moment("due_at"),
                owner_id=forms.whole("owner", session.me().id),
            )
        case "none":
            return Declined(reason=forms.text("reason"))
        case "later" | "":
            return None
        case other:
            raise Invalid("next", "choice_wrong", value=other)


@blueprint.post("/delivery/<int:delivery_id>")
def decide(key: str, delivery_id: int) -> Answer | tuple[str, int]:
    return _do(
        key,
        lambda: deliveries.decide_delivery(
            session.desk(), delivery_id, by=session.me(), arrived=forms.text("act") == "arrived"
        ),
    )


@blueprint.post("/<int:number>/withdraw")
def withdraw(key: str, number: int) -> Answer | tuple[str, int]:
    return _do(
        key, lambda: releases.withdraw(session.desk(), key, number, by=session.me(), reason=forms.text("reason"))
    )


def _do(key: str, act: Callable[[], Any], *, place: Callable[[Any], str] = lambda made: "") -> Answer | tuple[str, int]:
    """Do one thing with what goes out, and come back: to the `place` on the page that shows it."""
    return page.carried_out(
        act,
        then=lambda made: url_for("publish.index", key=key) + place(made),
        again="publish.html",
        load=lambda db: _index(db, key),
    )
