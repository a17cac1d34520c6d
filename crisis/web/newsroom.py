"""The public newsroom and its Atom feed: what was released, as it was approved; what was withdrawn says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from xml.sax import saxutils

from flask import Blueprint, Response, g, url_for
from sqlalchemy import Connection

from crisis.core.release import Release
from crisis.errors import NotFound
from crisis.flows.desk import house
from crisis.store import statements as texts
from crisis.web import page, session
from crisis.web.page import render

# Characters that XML 1.0 does not have, not even written as a number: one of them and no reader reads the feed.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

blueprint = Blueprint("newsroom", __name__, url_prefix="/newsroom")


def _public(db: Connection, *, lang: str | None = None) -> tuple[Release, ...]:
    return texts.newsroom(db, audiences=session.desk().content.audiences.public, lang=lang)


@blueprint.get("")
def index() -> str:
    def load(db: Connection) -> Mapping[str, Any]:
        return {"releases": _public(db, lang=g.lang) or _public(db)}

    return render("newsroom.html", load=load, one=None)


@blueprint.get("/<int:release_id>")
def item(release_id: int) -> str:
    def load(db: Connection) -> Mapping[str, Any]:
        found = texts.newsroom_item(db, release_id, audiences=session.desk().content.audiences.public)
        return {"releases": [found], "one": found}

    return render("newsroom.html", load=load)


def escape(text: str) -> str:
    """A text as it may stand in the feed."""
    return saxutils.escape(_NOT_XML.sub("", text))


@blueprint.get("/feed.<lang>.atom")
def feed(lang: str) -> Response:
    """The Atom feed of one language (RFC 4287)."""
    if lang not in ("zh", "en"):
        raise NotFound(kind="feed")
    with session.desk().reading() as db:
        page.frame(session.desk(), db)
        items = _public(db, lang=lang)
        home = house(db)
    name = (home.name_en if lang == "en" else "") or home.organisation.name if home else ""
    drill = session.desk().drill
    mark = "【演练 DRILL】" if drill else ""
    # An entry keeps its id whatever name the desk was asked by.
    base = session.desk().settings.url
    updated = max((entry.withdrawn_at or entry.at for entry in items), default=g.now).astimezone(UTC).isoformat()
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{"zh-Hans" if lang == "zh" else "en"}">',
        f"<title>{escape(mark + name)}</title><id>{escape(base)}/newsroom/{lang}</id><updated>{updated}</updated>",
        f'<link rel="self" href="{escape(base + url_for("newsroom.feed", lang=lang))}"/>',
        f"<author><name>{escape(name)}</name></author>",
    ]
    for entry in items:
        link = escape(base + url_for("newsroom.item", release_id=entry.id))
        state = f"[{'已撤回' if lang == 'zh' else 'Withdrawn'}] " if entry.withdrawn_at else ""
        changed = (entry.withdrawn_at or entry.at).astimezone(UTC).isoformat()
        parts.append(
            f"<entry><title>{escape(mark + state + entry.title)}</title><id>{link}</id>"
            f'<link href="{link}"/><published>{entry.at.astimezone(UTC).isoformat()}</published>'
            f'<updated>{changed}</updated><content type="text">{escape(entry.text)}</content></entry>'
        )
    parts.append("</feed>\n")
    return Response("\n".join(parts), mimetype="application/atom+xml")
