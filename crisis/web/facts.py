"""The fact ledger: what is known, from whom, as of when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, g, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.core.case import FactStatus
from crisis.flows import facts
from crisis.flows.facts import NewFact
from crisis.web import forms, page, session
from crisis.web.head import head
from crisis.web.page import render

blueprint = Blueprint("facts", __name__, url_prefix="/i/<key>/facts")


def _shown(db: Connection, key: str) -> Mapping[str, Any]:
    return {**head(db, key), "tab": "facts"}


@blueprint.get("")
def index(key: str) -> str:
    return render("facts.html", load=lambda db: _shown(db, key))


def _do(key: str, act: Callable[[], object]) -> Answer | tuple[str, int]:
    return page.carried_out(
        act, then=lambda _: url_for("facts.index", key=key), again="facts.html", load=lambda db: _shown(db, key)
    )


def _typed() -> NewFact:
    return NewFact(
        claim_zh=forms.text("claim_zh"),
        claim_en=forms.text("claim_en"),
        source=forms.text("source"),
        as_of=forms.moment("as_of", default=g.now),
        status=forms.choice("status", FactStatus),
        asking=forms.text("asking"),
        is_cause=forms.flag("is_cause"),
        sure=forms.flag("sure"),
    )


@blueprint.post("")
def add(key: str) -> Answer | tuple[str, int]:
    return _do(key, lambda: facts.add(session.desk(), key, _typed(), by=session.me()))


@blueprint.post("/F<int:number>")
def judge(key: str, number: int) -> Answer | tuple[str, int]:
    return _do(
        key,
        lambda: facts.judge(
            session.desk(),
            key,
            number,
            forms.choice("status", FactStatus),
            by=session.me(),
            note_text=forms.text("note"),
            seen=forms.whole("seen", 0),
        ),
    )


@blueprint.post("/F<int:number>/supersede")
def supersede(key: str, number: int) -> Answer | tuple[str, int]:
    return _do(
        key,
        lambda: facts.supersede(session.desk(), key, number, _typed(), by=session.me(), seen=forms.whole("seen", 0)),
    )
