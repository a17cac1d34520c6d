"""The sources page: health, silence, last error, next due, what was dropped; watches with their try-out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.core.case import OutletKind
from crisis.core.people import Role
from crisis.core.sources import FETCHED, Source, StoredWatch
from crisis.flows import listener
from crisis.flows import sources as flow
from crisis.flows.sourceforms import NewSource
from crisis.store import records, subscriptions
from crisis.store import sources as store
from crisis.web import forms, page, session
from crisis.web.page import render
from monitors.health import State, health_from
from monitors.hosts import HostHealth, host_from
from monitors.poller import host_of

blueprint = Blueprint("sources", __name__, url_prefix="/sources")
_LOOKS = {State.OK: "ok", State.FRESH: "later"}


def _shown(db: Connection) -> Mapping[str, Any]:
    counts = store.article_counts(db)
    rows = []
    for source in store.listed(db):
        health = health_from(dict(source.health))
        rows.append((source, health, _LOOKS.get(health.state, "over"), counts.get(source.id, 0)))
    return {
        "rows": rows,
        "dropped": store.dropped_counts(db),
        "listener": listener.standing(session.desk(), db),
        "hosts": _hosts(db, [source for source, *_ in rows]),
        "silent": [(source, health) for source, health, *_ in rows if source.active and health.state is State.SILENT],
        "watches": records.find(db, StoredWatch),
        "kinds": list(OutletKind),
        "writes": session.me().has(Role.ADMINISTRATOR) or session.me().has(Role.OFFICER),
        "may": session.me().has(Role.ADMINISTRATOR),
    }


def _hosts(db: Connection, listed: Sequence[Source]) -> list[tuple[str, HostHealth, int, bool]]:
    """(host, its health, how many sources it has, whether one of them was ever asked), those in trouble first."""
    asked = {host_of(source.url) for source in listed if source.polled_at is not None}
    counts = Counter(host_of(source.url) for source in listed if source.form in FETCHED)
    known = store.all_hosts(db)
    found = [(name, host_from(dict(known.get(name, {}))), n, name in asked) for name, n in counts.items() if name]
    return sorted(found, key=lambda item: (not item[1].failures, item[1].wait_until is None, item[0]))


@blueprint.get("")
@session.only(Role.OFFICER, Role.EXECUTIVE, Role.VIEWER, Role.ADMINISTRATOR)
def index() -> str:
    return render("sources.html", load=_shown)


@blueprint.get("/<int:source_id>")
@session.only(Role.OFFICER, Role.EXECUTIVE, Role.VIEWER, Role.ADMINISTRATOR)
def one(source_id: int) -> str:
    def load(db: Connection) -> Mapping[str, Any]:
        source = records.get(db, Source, source_id)
        return {
            "source": source,
            "health": health_from(dict(source.health)),
            "dropped": store.dropped(db, source_id),
            "hub": subscriptions.of_source(db, source_id),
            "count": store.article_counts(db).get(source_id, 0),
            "may": session.me().has(Role.ADMINISTRATOR),
        }

    return render("source.html", load=load)


def _do(act: Callable[[], object]) -> Answer | tuple[str, int]:
    return page.carried_out(act, then=lambda _: url_for("sources.index"), again="sources.html", load=_shown)


@blueprint.post("")
@session.only(Role.ADMINISTRATOR)
def add() -> Answer | tuple[str, int]:
    def act() -> int:
        uploaded = request.files.get("opml")
        if uploaded is not None and uploaded.filename:
            return flow.add(session.desk(), flow.parse_opml(uploaded.read()), by=session.me())
        if forms.text("urls"):
            return flow.add(session.desk(), flow.parse_list(request.form["urls"]), by=session.me())
        flow.add_one(
            session.desk(),
            NewSource(
                url=forms.text("url"),
                name=forms.text("name"),
                kind=str(forms.choice("kind", OutletKind)),
                reach=forms.whole("reach", 3),
                lang=forms.text("lang"),
                region=forms.text("region"),
            ),
            by=session.me(),
        )
        return 1

    return page.carried_out(
        act, then=lambda new: url_for("sources.index", added=new), again="sources.html", load=_shown
    )


@blueprint.post("/<int:source_id>")
@session.only(Role.ADMINISTRATOR)
def change(source_id: int) -> Answer | tuple[str, int]:
    def act() -> object:
        if forms.text("act") == "now":
            return flow.ask_now(session.desk(), source_id, by=session.me())
        return flow.set_active(session.desk(), source_id, by=session.me(), active=forms.text("act") == "on")

    return _do(act)
