"""The promises of an incident: what was promised, until when, kept or broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.flows import responses
from crisis.store import statements as texts
from crisis.web import forms, page, session
from crisis.web.head import head
from crisis.web.incidents import blueprint
from crisis.web.page import render


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
