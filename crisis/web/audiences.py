"""Audiences and regions: the plan in telling order, each audience's answers, what people answer, region by region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.core.audienceplan import AudienceEntry
from crisis.core.incident import Incident, IncidentState
from crisis.core.people import Action, regions_for
from crisis.core.response import Response as Said
from crisis.core.response import stance_now, stance_series
from crisis.errors import Invalid, NotFound
from crisis.flows import audiences as flow
from crisis.flows import responses
from crisis.store import records, visible
from crisis.store import statements as texts
from crisis.web import forms, page, session
from crisis.web.head import head
from crisis.web.page import render

blueprint = Blueprint("audiences", __name__, url_prefix="/i/<key>/audiences")


# How far back the bars of a region reach.
HOURS = 8
# What the list of regions sends as long as nobody has chosen; blank stands for elsewhere.
UNCHOSEN = "?"
# Beyond the scale: the rule for responses then asks for a stance.
NO_STANCE = 9


def _said(db: Connection, incident_id: int) -> tuple[Said, ...]:
    return records.find(db, Said, visible.responses(session.me()), incident_id=incident_id)


def _shown(db: Connection, key: str) -> Mapping[str, Any]:
    shown = head(db, key)
    incident = shown["incident"]
    said = _said(db, incident.id)
    plan = shown["plan"]
    told = [entry for entry in plan if not entry.left_out]
    regions = sorted({*incident.regions, *(item.region for item in said if item.region)})
    me = session.me()
    read, own = visible.regions_read(me), regions_for(me, Action.RESPOND)
    own = tuple(regions) if own is None else own
    if read is not None:
        regions = [region for region in regions if region in read]
    tiles = [_region(region, said) for region in regions]
    return {
        **shown,
        "tab": "audiences",
        "told": told,
        "left_out": [entry for entry in plan if entry.left_out],
        "first_stance": {
            entry.audience: min(
                (item for item in said if item.audience == entry.audience), key=lambda r: r.at, default=None
            )
            for entry in told
        },
        "said": said,
        "regions": tiles,
        # Bars that stand side by side share one scale.
        "bars_top": max((max(tile["bars"]) for tile in tiles), default=1),
        "as_table": request.args.get("view") == "table",
        "own_regions": own,
        "regional": read is not None,
        "unchosen": UNCHOSEN,
        "releases": texts.releases(db, incident.id),
        "series": stance_series(said, step=timedelta(hours=1)),
        "late": [entry for entry in told if _is_late(entry, incident)],
        "coverage": flow.coverage(plan, regions, said, lang=g.lang),
    }


def _is_late(entry: AudienceEntry, incident: Incident) -> bool:
    overdue = entry.told_at is None and entry.due_at is not None and entry.due_at < g.now
    return overdue and incident.state is IncidentState.OPEN


def _region(region: str, said: tuple[Said, ...]) -> dict[str, Any]:
    own = [item for item in said if item.region == region]
    mean = stance_now(own)
    return {
        "name": region,
        "count": len(own),
        "mean": mean,
        "questions": sum(1 for item in own if item.question),
        "bars": [
            sum(1 for item in own if begin < item.at <= begin + timedelta(hours=1))
            for begin in (g.now - timedelta(hours=left) for left in range(HOURS, 0, -1))
        ],
        "last": max((item.at for item in own), default=None),
        "level": 3 if mean is not None and mean < -1 else 2 if mean is not None and mean < -0.25 else 1,
    }


@blueprint.get("")
def index(key: str) -> str:
    return render("audiences.html", load=lambda db: _shown(db, key))


def _one(db: Connection, key: str, audience: str) -> Mapping[str, Any]:
    shown = _shown(db, key)
    entry = next((item for item in shown["plan"] if item.audience == audience), None)
    if entry is None:
        raise NotFound(kind="audience", audience=audience)
    own = [item for item in shown["said"] if item.audience == audience]
    return {
        **shown,
        "entry": entry,
        "own": own,
        "own_series": stance_series(own, step=timedelta(hours=1)),
        "own_releases": [item for item in shown["releases"] if item.audience == audience],
        "card": session.desk().content.audiences.cards[audience],
    }


@blueprint.get("/<audience>")
def one(key: str, audience: str) -> str:
    return render("audience.html", load=lambda db: _one(db, key, audience), theirs=None)


def _do(key: str, audience: str, act: Callable[[], object]) -> Answer | tuple[str, int]:
    return page.carried_out(
        act,
        then=lambda _: url_for("audiences.one", key=key, audience=audience),
        again="audience.html",
        load=lambda db: _one(db, key, audience),
        theirs=True,
    )


@blueprint.post("/<audience>")
def answer(key: str, audience: str) -> Answer | tuple[str, int]:
    return _do(
        key,
        audience,
        lambda: responses.answer(
            session.desk(),
            key,
            audience,
            by=session.me(),
            seen=forms.text("seen"),
            who=forms.text("who"),
            know=forms.text("know"),
            feel=forms.text("feel"),
            motivate=forms.text("motivate"),
            spokesperson=forms.text("spokesperson"),
        ),
    )


@blueprint.post("/<audience>/told")
def told(key: str, audience: str) -> Answer | tuple[str, int]:
    return _do(
        key, audience, lambda: responses.told(session.desk(), key, audience, by=session.me(), how=forms.text("how"))
    )


@blueprint.post("/<audience>/include")
def include(key: str, audience: str) -> Answer | tuple[str, int]:
    return _do(
        key,
        audience,
        lambda: flow.include(session.desk(), key, audience, by=session.me(), reason=forms.text("reason")),
    )


def _do_in_plan(key: str, act: Callable[[], object], *, anchor: str = "") -> Answer | tuple[str, int]:
    return page.carried_out(
        act,
        then=lambda _: url_for("audiences.index", key=key) + anchor,
        again="audiences.html",
        load=lambda db: _shown(db, key),
    )


@blueprint.post("/redraft")
def redraft(key: str) -> Answer | tuple[str, int]:
    return _do_in_plan(key, lambda: flow.redraft(session.desk(), key, by=session.me()))


def _heard_from() -> dict[str, str]:
    """The audience and the region that were chosen for a response. Raises Invalid at the first that was not."""
    audience, region = forms.text("audience"), forms.text("region")
    if not audience:
        raise Invalid("audience", "audience_missing")
    if region == UNCHOSEN:
        raise Invalid("region", "region_missing")
    return {"audience": audience, "region": region}


@blueprint.post("/responses")
def respond(key: str) -> Answer | tuple[str, int]:
    return _do_in_plan(
        key,
        lambda: responses.enter(
            session.desk(),
            key,
            by=session.me(),
            **_heard_from(),
            stance=forms.whole("stance", NO_STANCE),
            said=forms.text("said"),
            question=forms.flag("question"),
            release_id=forms.whole("release", 0) or None,
        ),
        anchor="#regions",
    )
