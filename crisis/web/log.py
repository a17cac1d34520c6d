"""The log of an incident, as a page and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from flask import Response, request
from sqlalchemy import Connection

from crisis.store import incidents, log, views
from crisis.web import page, session
from crisis.web.head import head
from crisis.web.incidents import blueprint
from crisis.web.page import render
from crisis.web.wording import happened

# A cell that begins so is a formula to spreadsheet programs, unless a quote stands before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
