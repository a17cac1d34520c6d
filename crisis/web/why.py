"""Why an article is a mention: which watch, which clause, which words; and the document it was read from."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g
from sqlalchemy import Connection

from crisis.core.people import Role
from crisis.core.sources import StoredArticle, StoredMention
from crisis.flows import evidence, watches
from crisis.store import sources
from crisis.web import session
from crisis.web.page import render
from crisis.web.show import marked
from monitors.matcher.explain import Clause

blueprint = Blueprint("why", __name__)
READERS = (Role.OFFICER, Role.EXECUTIVE, Role.VIEWER, Role.ADMINISTRATOR, Role.REGIONAL)
MOST_SHOWN = 4_000
_ENDINGS = {"html": "html", "json": "json", "rfc822": "eml", "xml": "xml", "rss": "xml", "text/plain": "txt"}


@blueprint.get("/why/mention/<int:mention_id>")
@session.only(*READERS)
def mention(mention_id: int) -> str:
    def load(db: Connection) -> Mapping[str, Any]:
        found, cited = evidence.mention(db, mention_id, person=session.me())
        reason = watches.reason_of(db, found, cited.article)
        kept = cited.article.evidence_id
        title, body = _marked(cited.article, found)
        return {
            "mention": found,
            "article": cited.article,
            "story": cited.story,
            "source": cited.source,
            "reason": reason,
            "clauses": _lines(reason.explanation.clause) if reason.explanation else (),
            "title_marked": title,
            "body_marked": body,
            "evidence": sources.evidence_facts(db, kept) if kept is not None else None,
        }

    return render("why-mention.html", load=load)


def _lines(clause: Clause, depth: int = 0) -> list[tuple[int, Clause, str]]:
    """The clauses of a query from the outside in: (depth, clause, why in the reader's language)."""
    found = [(depth, clause, clause.because(g.lang))]
    for part in clause.parts:
        found += _lines(part, depth + 1)
    return found


def _marked(article: StoredArticle, mention: StoredMention) -> tuple[object, object]:
    """Title and text with the words of the watch and the words of harm marked."""
    title: list[tuple[int, int, str]] = []
    body: list[tuple[int, int, str]] = []
    for span in mention.spans:
        place = (int(span["start"]), int(span["end"]), "brand")
        if span["field"] == "title":
            title.append(place)
        elif span["field"] == "body":
            body.append(place)
    offset = len(article.title) + 1
    for reason in mention.risk.get("reasons", ()):
        start, end = reason["span"]
        if end <= len(article.title):
            title.append((start, end, "harm"))
        elif start >= offset:
            body.append((start - offset, end - offset, "harm"))
    shown = article.body[:MOST_SHOWN]
    inside = [(start, min(end, len(shown)), kind) for start, end, kind in body if start < len(shown)]
    return marked(article.title, title), marked(shown, inside)


@blueprint.get("/evidence/<int:article_id>")
@session.only(*READERS)
def download(article_id: int) -> Response:
    """The bytes as they came, to be kept and not to be looked at here: another's markup never runs in the desk."""
    kept = evidence.bytes_of(session.desk(), article_id, by=session.me())
    ending = next((end for kind, end in _ENDINGS.items() if kind in kept.content_type.lower()), "bin")
    answer = Response(kept.body, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="evidence-{kept.hash[:16]}.{ending}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # RFC 9530: whoever downloads it can see that nothing was lost on the way.
    answer.headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(kept.hash)).decode()}:"
    return answer
