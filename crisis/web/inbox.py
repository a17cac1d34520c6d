"""Triage: the stories that wait, the one that is open, what to do with it, and which articles are one story."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.core.incident import Incident
from crisis.core.people import Action, Role, may, regions_for
from crisis.core.sources import Story
from crisis.flows import links, rulings, triage
from crisis.store import incidents, views
from crisis.store import rulings as stored
from crisis.web import forms, page, session
from crisis.web.page import render
from crisis.web.show import marked
from monitors.links import PROPOSE

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")
SLOT = timedelta(minutes=5)
SLOTS = 11
UNOWNED_SOON = timedelta(minutes=10)
_CHIPS = ("names_us", "not_named", "injury", "death", "authority", "product", "reach", "type", "by_hand")


def _shown(db: Connection, story_id: int | None) -> Mapping[str, Any]:
    person = session.me()
    origin = request.args.get("origin", "")
    waiting = views.triage(db, person=person, origin=origin)
    everything = views.triage(db, person=person) if origin else waiting
    current = waiting[0] if waiting else None
    if story_id is not None:
        current = triage.story(db, rulings.where(db, story_id, person=person), person=person)
    known = incidents.listed(db, person=person)
    volume = views.volume(db, [story.id for story in waiting], until=g.now, step=SLOT, slots=SLOTS)
    proposed = links.proposals(db, {story.id for story in (*waiting, *([current] if current else []))}, person=person)
    origins: dict[str, int] = {}
    for story in everything:
        origins[story.origin] = origins.get(story.origin, 0) + 1
    return {
        "stories": waiting,
        "total": len(everything),
        "origins": origins,
        "origin": origin,
        "current": current,
        "chips": {story.id: _chips(story) for story in waiting},
        "proposed": proposed,
        "last": views.decided_last(db, person=person),
        "volume": volume,
        "top": max((max(values) for values in volume.values()), default=1),
        "sources": views.source_count(db),
        "open_incidents": [item for item in known if item.state == "open"],
        # The incident that it became or was joined to, for those who may know of it.
        "into": next((item for item in known if current and item.id == current.incident_id), None),
        "names": views.names(db),
        **(_story(db, current) if current else {}),
    }


def _chips(story: Story) -> list[Mapping[str, Any]]:
    """The reasons that a card shows: at most three marks, the alarm among them."""
    shown = [reason for reason in story.reasons if reason.get("code") in _CHIPS]
    return shown[: 2 if story.level == "alert" else 3]


def _story(db: Connection, story: Story) -> Mapping[str, Any]:
    rows = views.mention_rows(db, story.id)
    return {
        "rows": [(row, _quote(row)) for row in rows],
        "copies": views.reprinted_by(db, [row.article.id for row in rows if row.copies]),
        "alarms": views.alarms(db, story.id),
        "folded": sum(row.copies for row in rows),
        "hours": views.volume(db, [story.id], until=g.now, step=SLOT, slots=24).get(story.id, ()),
        "propose_from": PROPOSE,
        "ruled": rulings.about(db, story, person=session.me()),
        "since": stored.newest(db, story.id),
        "parts": stored.parts_of(db, story.id, person=session.me()),
        "joinable": rulings.joinable(db, story, person=session.me(), now=g.now)
        if may(session.me(), Action.TRIAGE)
        else (),
        "may_rule": may(session.me(), Action.TRIAGE),
        "ticked": set(request.form.getlist("article")) if request.method == "POST" else set(),
    }


def _quote(row: views.MentionRow) -> tuple[object, object]:
    """Title and lead of an article with what was found marked in it."""
    title_spans: list[tuple[int, int, str]] = []
    body_spans: list[tuple[int, int, str]] = []
    for mention in row.mentions:
        for span in mention.spans:
            found = (int(span["start"]), int(span["end"]), "brand")
            (title_spans if span["field"] == "title" else body_spans).append(found)
        offset = len(row.article.title) + 1
        for reason in mention.risk.get("reasons", ()):
            start, end = reason["span"]
            if end <= len(row.article.title):
                title_spans.append((start, end, "harm"))
            elif start >= offset:
                body_spans.append((start - offset, end - offset, "harm"))
    lead = row.article.body[:400]
    return (
        marked(row.article.title, title_spans),
        marked(lead, [(start, min(end, len(lead)), kind) for start, end, kind in body_spans if start < len(lead)]),
    )


@blueprint.get("")
@session.only(Role.OFFICER, Role.EXECUTIVE, Role.VIEWER, Role.ADMINISTRATOR, Role.REGIONAL)
def index() -> str:
    return render("inbox.html", load=lambda db: _shown(db, None))


@blueprint.get("/S-<int:story_id>")
@session.only(Role.OFFICER, Role.EXECUTIVE, Role.VIEWER, Role.ADMINISTRATOR, Role.REGIONAL)
def story(story_id: int) -> str | Answer:
    with session.desk().reading() as db:
        now = rulings.where(db, story_id, person=session.me())
    if now != story_id:
        # What was shown under its own number leads to the story that it is part of.
        return redirect(url_for("inbox.story", story_id=now), 303)
    return render("inbox.html", load=lambda db: _shown(db, story_id))


def _decide(story_id: int | None, act: Callable[[], Any], *, then: Callable[[Any], str]) -> Answer | tuple[str, int]:
    return page.carried_out(act, then=then, again="inbox.html", load=lambda db: _shown(db, story_id))


def _room(incident: Incident) -> str:
    return url_for("incidents.room", key=incident.key)


@blueprint.post("/S-<int:story_id>/declare")
def declare(story_id: int) -> Answer | tuple[str, int]:
    return _decide(
        story_id,
        lambda: triage.declare(
            session.desk(),
            story_id,
            by=session.me(),
            title=forms.text("title"),
            severity=forms.whole("severity"),
            seen=forms.whole("seen", 0),
            regions=forms.listed("regions"),
            restricted=forms.flag("restricted"),
        ),
        then=_room,
    )


@blueprint.post("/S-<int:story_id>/merge")
def merge(story_id: int) -> Answer | tuple[str, int]:
    return _decide(
        story_id,
        lambda: triage.merge(session.desk(), story_id, by=session.me(), incident_key=forms.text("incident")),
        then=_room,
    )


@blueprint.post("/S-<int:story_id>/dismiss")
def dismiss(story_id: int) -> Answer | tuple[str, int]:
    return _decide(
        story_id,
        lambda: triage.dismiss(session.desk(), story_id, by=session.me(), reason=forms.text("reason")),
        then=lambda _: url_for("inbox.index"),
    )


def _story_now(made: Story) -> str:
    return url_for("inbox.story", story_id=made.id)


@blueprint.post("/S-<int:story_id>/join")
def join(story_id: int) -> Answer | tuple[str, int]:
    return _decide(
        story_id,
        lambda: rulings.join(
            session.desk(),
            story_id,
            by=session.me(),
            other_id=forms.whole("other", 0) or None,
            reason=forms.text("reason"),
            since=forms.whole("since", 0),
        ),
        then=_story_now,
    )


@blueprint.post("/S-<int:story_id>/part")
def part(story_id: int) -> Answer | tuple[str, int]:
    return _decide(
        story_id,
        lambda: rulings.part(
            session.desk(),
            story_id,
            by=session.me(),
            articles=forms.numbers("article"),
            reason=forms.text("reason"),
            since=forms.whole("since", 0),
        ),
        then=_story_now,
    )


@blueprint.post("/S-<int:story_id>/apart")
def apart(story_id: int) -> Answer | tuple[str, int]:
    return _decide(
        story_id,
        lambda: rulings.keep_apart(
            session.desk(),
            story_id,
            by=session.me(),
            other_id=forms.whole("other", 0) or None,
            reason=forms.text("reason"),
        ),
        then=_story_now,
    )


@blueprint.post("/S-<int:story_id>/undo")
def undo(story_id: int) -> Answer | tuple[str, int]:
    return _decide(
        story_id,
        lambda: rulings.undo(session.desk(), forms.whole("ruling", 0), by=session.me()),
        then=_story_now,
    )


@blueprint.post("/by-hand")
def by_hand() -> Answer | tuple[str, int]:
    return _decide(
        None,
        lambda: triage.log_by_hand(
            session.desk(),
            by=session.me(),
            title=forms.text("title"),
            details=forms.text("details"),
            severity=forms.whole("severity", 2),
            origin="hand" if regions_for(session.me(), Action.REPORT) is None else "region",
            region=forms.text("region"),
            at=forms.optional_moment("at"),
        ),
        then=lambda made: url_for("inbox.story", story_id=made.id),
    )
