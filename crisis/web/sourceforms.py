"""Adding a source of any form, and changing one: the fields that its form asks for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from crisis.core.case import OutletKind
from crisis.core.people import Role
from crisis.core.sources import Form, Source
from crisis.errors import CrisisError, NotFound
from crisis.flows import sources as flow
from crisis.flows.sourceforms import SHAPE, NewSource, address_of
from crisis.store import records
from crisis.web import forms, page, session
from crisis.web.page import render
from crisis.web.wording import label

blueprint = Blueprint("sourceforms", __name__, url_prefix="/sources")
MAIL = ("host", "port", "user", "password_file", "folder", "tls")


def _shown(form: Form, source: Source | None, error: CrisisError | None = None) -> str:
    values: dict[str, Any] = dict(source.options) if source else {}
    if source is not None:
        values |= {
            "url": address_of(source),
            "name": source.name,
            "kind": source.kind,
            "reach": source.reach,
            "lang": source.lang,
            "region": source.region,
            "interval": "" if source.interval_s is None else source.interval_s // 60,
        }
    return render(
        "source-form.html",
        form=form,
        forms=list(Form),
        source=source,
        values=values,
        shape=SHAPE,
        inbox=str(session.desk().settings.inbox),
        secrets=str(session.desk().settings.home / "secrets"),
        kinds_named=[(str(kind), label(kind, "outlet")) for kind in OutletKind],
        error=error,
    )


@blueprint.get("/new")
@session.only(Role.ADMINISTRATOR)
def new() -> str:
    known = {str(form): form for form in Form}
    return _shown(known.get(request.args.get("form", ""), Form.FEED), None)


@blueprint.get("/<int:source_id>/edit")
@session.only(Role.ADMINISTRATOR)
def edit(source_id: int) -> str:
    source = _source(source_id)
    return _shown(source.form, source)


def _source(source_id: int) -> Source:
    with session.desk().reading() as db:
        return records.get(db, Source, source_id)


def _typed(form: Form) -> NewSource:
    """What was typed. Raises Invalid at a field."""
    options: dict[str, Any] = {}
    if form is Form.HOTLIST:
        options = {name: forms.text(f"shape_{name}") for name in SHAPE}
    if form is Form.MAILBOX:
        options = {name: forms.text(name) for name in MAIL}
    if forms.flag("full_text"):
        options["full_text"] = True
    minutes = forms.whole("interval", 0)
    return NewSource(
        url=forms.text("url"),
        name=forms.text("name"),
        form=form,
        options=options,
        kind=str(forms.choice("kind", OutletKind)),
        reach=forms.whole("reach", 3),
        lang=forms.text("lang"),
        region=forms.text("region"),
        interval_s=minutes * 60 if minutes else None,
    )


@blueprint.post("/new")
@session.only(Role.ADMINISTRATOR)
def make() -> Answer | tuple[str, int]:
    known = {str(form): form for form in Form}
    form = known.get(forms.text("source_form"))
    if form is None:
        raise NotFound(kind="form")
    added, error = page.attempt(lambda: flow.add_one(session.desk(), _typed(form), by=session.me()))
    if added is None:
        return _shown(form, None, error), page.status_of(error)
    return redirect(url_for("sources.one", source_id=added.id), 303)


@blueprint.post("/<int:source_id>/edit")
@session.only(Role.ADMINISTRATOR)
def change(source_id: int) -> Answer | tuple[str, int]:
    source = _source(source_id)
    saved, error = page.attempt(lambda: flow.edit(session.desk(), source_id, _typed(source.form), by=session.me()))
    if saved is None:
        return _shown(source.form, source, error), page.status_of(error)
    return redirect(url_for("sources.one", source_id=source_id), 303)
