"""Search over everything that this person may know of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request, url_for
from sqlalchemy import Connection

from crisis.core.complaint import Complaint
from crisis.core.incident import Incident
from crisis.core.statement import Statement
from crisis.store import records, search
from crisis.web import session
from crisis.web.page import render

blueprint = Blueprint("find", __name__, url_prefix="/search")


def _link(db: Connection, hit: search.Hit) -> str:
    if hit.kind == "story":
        return url_for("inbox.story", story_id=hit.ref)
    if hit.kind == "complaint":
        return url_for("complaints.one", key=records.get(db, Complaint, hit.ref).key)
    incident = records.get(db, Incident, hit.incident_id or 0)
    if hit.kind == "statement":
        return url_for("studio.statement", key=incident.key, number=records.get(db, Statement, hit.ref).number)
    if hit.kind == "fact":
        return url_for("facts.index", key=incident.key)
    return url_for("incidents.room", key=incident.key)


@blueprint.get("")
def index() -> str:
    words = request.args.get("q", "").strip()

    def load(db: Connection) -> Mapping[str, Any]:
        hits = search.find(db, words, person=session.me())
        return {"hits": [(hit, _link(db, hit)) for hit in hits], "words": words}

    return render("search.html", load=load)
