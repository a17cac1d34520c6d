"""The complaint register: the queue by the next promised message, the standard form, one case with its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.core.complaint import Complaint, ComplaintState, Escalation, Tier
from crisis.core.incident import Incident
from crisis.core.people import Person
from crisis.flows import complaints as flow
from crisis.store import complaints as store
from crisis.store import incidents, records, views, visible
from crisis.web import forms, page, session
from crisis.web.page import render

blueprint = Blueprint("complaints", __name__)


def _queue(db: Connection) -> Mapping[str, Any]:
    me = session.me()
    key = request.args.get("incident", "")
    incident = incidents.by_key(db, key, person=me) if key else None
    found = store.listed(db, person=me, incident_id=incident.id if incident else None)
    seen = {item.id: item for item in records.find(db, Incident, visible.incidents(me))}
    return {
        "complaints": found,
        "seen": seen,
        "of_incident": incident,
        "names": views.names(db),
        "late": [item for item in found if item.due_at and item.due_at < g.now and item.state is ComplaintState.OPEN],
    }


@blueprint.get("/complaints")
def index() -> str:
    return render("complaints.html", load=_queue)


def _form(db: Connection) -> Mapping[str, Any]:
    return {"open_incidents": [i for i in incidents.listed(db, person=session.me()) if i.state == "open"]}


@blueprint.get("/complaints/new")
def new() -> str:
    return render("complaint-form.html", load=_form)


@blueprint.post("/complaints/new")
def receive() -> Answer | tuple[str, int]:
    def act() -> Complaint:
        fields = {
            name: forms.text(name)
            for name in (
                "received_by",
                "unit",
                "medium",
                "customer_kind",
                "customer_name",
                "customer_address",
                "customer_other",
                "customer_phone",
                "customer_fax",
                "customer_email",
                "subject",
                "region",
                "product",
                "details",
                "desired_outcome",
            )
        }
        typed: dict[str, Any] = {
            **fields,
            "received_at": forms.optional_moment("received_at"),
            "consent": forms.flag("consent"),
            "injury": forms.flag("injury"),
            "tier": forms.choice("tier", Tier),
            "interval_h": forms.whole("interval_h", 24),
        }
        return flow.receive(session.desk(), typed, by=session.me())

    return page.carried_out(
        act, then=lambda made: url_for("complaints.one", key=made.key), again="complaint-form.html", load=_form
    )


def _case(db: Connection, key: str) -> Mapping[str, Any]:
    me = session.me()
    complaint = store.by_key(db, key, person=me)
    incident = None
    if complaint.incident_id is not None:
        incident = records.first(db, Incident, visible.incidents(me), id=complaint.incident_id)
    return {
        "complaint": complaint,
        "linked": incident,
        "steps": flow.steps(db, complaint.id),
        "names": views.names(db),
        "people": records.find(db, Person, active=True),
        "open_incidents": [i for i in incidents.listed(db, person=me) if i.state == "open"],
        "same": store.of_same_product(db, complaint, person=me),
        "ways": [str(way) for way in Escalation],
    }


@blueprint.get("/c/<key>")
def one(key: str) -> str:
    return render("complaint.html", load=lambda db: _case(db, key))


@blueprint.get("/c/<key>/form")
def on_paper(key: str) -> str:
    """The standard form as it is printed and signed."""
    return render("complaint-paper.html", load=lambda db: _case(db, key))


_ACTS: Mapping[str, Callable[[str], object]] = {
    "acknowledge": lambda key: flow.progress(
        session.desk(), key, by=session.me(), text=forms.text("text"), acknowledge=True
    ),
    "progress": lambda key: flow.progress(session.desk(), key, by=session.me(), text=forms.text("text")),
    "remark": lambda key: flow.remark(session.desk(), key, by=session.me(), text=forms.text("text")),
    "hand-over": lambda key: flow.hand_over(
        session.desk(), key, by=session.me(), owner_id=forms.whole("owner"), reason=forms.text("reason")
    ),
    "escalate": lambda key: flow.escalate(
        session.desk(), key, by=session.me(), way=forms.choice("way", Escalation), reason=forms.text("reason")
    ),
    "solve": lambda key: flow.solve(session.desk(), key, by=session.me(), action=forms.text("action_taken")),
    "sign-off": lambda key: flow.sign_off(
        session.desk(),
        key,
        by=session.me(),
        signed_by=forms.text("signed_by"),
        supervisor=forms.text("supervisor"),
        satisfied=forms.text("satisfied") != "no",
        reason=forms.text("reason"),
    ),
    "follow-up": lambda key: flow.follow_up(
        session.desk(), key, by=session.me(), text=forms.text("text"), corrective=forms.flag("corrective")
    ),
    "link": lambda key: flow.link(session.desk(), key, by=session.me(), incident_key=forms.text("incident")),
}


@blueprint.post("/c/<key>/<act>")
def do(key: str, act: str) -> Answer | tuple[str, int]:
    if act not in _ACTS:
        return redirect(url_for("complaints.one", key=key), 303)
    return page.carried_out(
        lambda: _ACTS[act](key),
        then=lambda _: url_for("complaints.one", key=key),
        again="complaint.html",
        load=lambda db: _case(db, key),
    )
