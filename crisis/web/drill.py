"""The drill's clock: faster, slower, to the next event. Only in the sample desk."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from crisis.content.drills import load_drill
from crisis.errors import NotFound
from crisis.flows import drill as flow
from crisis.web import forms, session

blueprint = Blueprint("drill", __name__, url_prefix="/drill")


@blueprint.post("/speed")
def speed() -> Answer:
    desk = session.desk()
    if not desk.drill:
        raise NotFound(kind="page")
    if forms.text("speed") == "next":
        flow.to_next_event(desk, load_drill(), by=session.me())
    else:
        flow.set_speed(desk, max(1, min(60, forms.whole("speed", 1))), by=session.me())
    back = session.own_path(request.form.get("back", ""))
    return redirect(back.rstrip("?") or url_for("incidents.home"), 303)
