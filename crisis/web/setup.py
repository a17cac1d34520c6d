"""Readiness and set-up: the organisation, people and roles, recipients, content, jobs that were given up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.core.contact import Recipient
from crisis.core.people import Person, Role
from crisis.errors import CrisisError, Invalid
from crisis.flows import deliveries, founding, listener, people, recipients, setup, sources
from crisis.flows.desk import Desk, House, house, house_of
from crisis.flows.founding import FirstPerson
from crisis.store import jobs, log, migrate, records, views
from crisis.store.db import Database, open_engine
from crisis.web import forms, page, session
from crisis.web.page import render
from monitors.article import BadField

blueprint = Blueprint("setup", __name__, url_prefix="/setup")


def _shown(db: Connection) -> Mapping[str, Any]:
    found = house(db)
    return {
        "found": found,
        "everybody": records.find(db, Person),
        "recipients": records.find(db, Recipient, active=True),
        "sources": views.source_count(db),
        "listener": listener.standing(session.desk(), db),
        "dead": jobs.dead(db),
        "chain": log.head(db),
        "chain_problems": log.check_since(db) if session.me().has(Role.ADMINISTRATOR) else (),
        "may": session.me().has(Role.ADMINISTRATOR),
        "role_list": list(Role),
        "cards": session.desk().content.audiences.cards,
        "playbooks": session.desk().content.playbooks,
    }


@blueprint.get("")
def index() -> str:
    return render("setup.html", load=_shown)


@blueprint.get("/checks")
def checks() -> str:
    """The sixty checks as a reader: what each looks for, why, with an example of each side."""
    return render("checks.html", checks=session.desk().content.checks.checks)


def _do(act: Callable[[], object], anchor: str = "") -> Answer | tuple[str, int]:
    _, error = page.attempt(act)
    if error is not None:
        return _again(error)
    return redirect(url_for("setup.index") + anchor, 303)


def _again(error: CrisisError) -> tuple[str, int]:
    return render("setup.html", load=_shown, error=error), page.status_of(error)


@blueprint.get("/own")
@session.only(Role.ADMINISTRATOR)
def own() -> str:
    """Set up one's own organisation from the sample desk."""
    return render("own.html", done=None)


@blueprint.post("/own")
@session.only(Role.ADMINISTRATOR)
def found_own() -> Answer | tuple[str, int] | str:
    def act() -> Person:
        desk = session.desk()
        if desk.own is None:
            raise Invalid("name", "already_founded")
        uploaded = request.files.get("opml")
        feeds = (
            sources.parse_opml(uploaded.read())
            if uploaded is not None and uploaded.filename
            else sources.parse_list(request.form.get("urls", ""))
        )
        first = FirstPerson(
            name=forms.text("admin"), email=forms.text("email"), password=request.form.get("password", "")
        )
        own = own_of(desk)
        try:
            return founding.found(own, _house({"organisation": _organisation()}), first, feeds)
        finally:
            own.database.close()

    made, error = page.attempt(act)
    if error is not None:
        return render("own.html", error=error, done=None), page.status_of(error)
    return render("own.html", done=made)


def own_of(desk: Desk) -> Desk:
    """The desk of one's own that lies beside the sample desk."""
    assert desk.own is not None
    database = Database(open_engine(desk.own.database))
    migrate.upgrade(database.engine)
    return replace(desk, settings=desk.own, database=database, drill=False, own=None)


def _organisation() -> dict[str, Any]:
    fields = ("aliases", "products", "people", "peers", "suppliers", "regions", "exclude")
    return {
        "name": forms.text("name"),
        "industry": forms.text("industry"),
        **{field: list(forms.listed(field)) for field in fields},
    }


@blueprint.post("/house")
def save_house() -> Answer | tuple[str, int]:
    def act() -> House:
        desk = session.desk()
        with desk.reading() as db:
            before = house(db)
        record = setup.record_of(before) if before else {"organisation": {}}
        record["organisation"] = _organisation()
        record |= {
            "prefix": forms.text("prefix").upper() or "RD",
            "zone": forms.text("zone") or "Asia/Shanghai",
            "approvals": forms.whole("approvals", 2),
            "name_en": forms.text("name_en"),
            "hotline": forms.text("hotline"),
            "contact": {"zh": forms.text("contact_zh"), "en": forms.text("contact_en")},
            "signature": {"zh": forms.text("signature_zh"), "en": forms.text("signature_en")},
            "listed": forms.flag("listed"),
            "allow": list(forms.listed("allow")),
        }
        smtp = dict(record.get("smtp") or {})
        smtp |= {
            "host": forms.text("smtp_host"),
            "port": forms.whole("smtp_port", 25),
            "sender": forms.text("smtp_sender"),
            "user": forms.text("smtp_user"),
            "starttls": forms.flag("smtp_starttls"),
        }
        if request.form.get("smtp_password"):
            smtp["password"] = request.form["smtp_password"]
        record["smtp"] = smtp
        return setup.save_house(desk, _house(record), by=session.me())

    return _do(act)


def _house(record: dict[str, Any]) -> House:
    try:
        return house_of(record)
    except BadField as bad:
        raise Invalid(bad.field, "name_missing") from None


@blueprint.post("/people")
def add_person() -> Answer | tuple[str, int]:
    return _do(
        lambda: people.add_person(
            session.desk(),
            by=session.me(),
            name=forms.text("name"),
            email=forms.text("email"),
            roles=forms.chosen("roles", Role),
            regions=forms.listed("regions"),
            title=forms.text("title"),
            phone=forms.text("phone"),
            lang=forms.text("lang") or "zh",
            password=request.form.get("password", ""),
        ),
        "#people",
    )


@blueprint.post("/people/<int:person_id>")
def change_person(person_id: int) -> Answer | tuple[str, int]:
    def act() -> object:
        desk, me = session.desk(), session.me()
        match forms.text("act"):
            case "pw":
                return people.set_password(desk, person_id, request.form.get("password", ""), by=me)
            case "phone":
                return people.set_phone(desk, person_id, forms.text("phone"), by=me)
            case "on" | "off" as act:
                return people.set_active(desk, person_id, active=act == "on", by=me)
            case other:
                raise Invalid("act", "choice_wrong", value=other)

    return _do(act, "#people")


@blueprint.post("/recipients")
def add_recipient() -> Answer | tuple[str, int]:
    return _do(
        lambda: recipients.add(
            session.desk(),
            by=session.me(),
            audience=forms.text("audience"),
            name=forms.text("name"),
            address=forms.text("email"),
            lang=forms.text("lang"),
            region=forms.text("region"),
        ),
        "#recipients",
    )


@blueprint.post("/recipients/<int:recipient_id>")
def switch_recipient_off(recipient_id: int) -> Answer | tuple[str, int]:
    return _do(lambda: recipients.switch_off(session.desk(), recipient_id, by=session.me()), "#recipients")


@blueprint.post("/jobs/<int:job_id>")
def revive(job_id: int) -> Answer | tuple[str, int]:
    return _do(lambda: deliveries.revive_job(session.desk(), job_id, by=session.me()))
