"""The watch editor: what is wrong while it is written, what it would have caught, queries of other tools, suggestions.

Every button but Save only shows: it sends the form, and the page comes back with what was typed and what is true of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.core.people import Role
from crisis.core.sources import StoredWatch
from crisis.errors import CrisisError
from crisis.flows import sources as flow
from crisis.flows import watches
from crisis.store import records
from crisis.web import forms, page, session
from crisis.web.page import render
from crisis.web.show import marked
from monitors.query import DIALECTS, Problem, import_query, parse
from monitors.suggest import Why

blueprint = Blueprint("watches", __name__, url_prefix="/sources/watches")
DAYS = (1, 3, 7, 14, 30)
# Who writes watches: an officer tries them out, an administrator saves them.
WRITERS = (Role.OFFICER, Role.ADMINISTRATOR)
# Other tools whose queries are rewritten, by the names that people know.
TOOLS = {
    "meltwater": "Meltwater",
    "brandwatch": "Brandwatch",
    "factiva": "Factiva",
    "lucene": "Lucene / Elasticsearch",
    "google": "Google",
}
assert set(TOOLS) == set(DIALECTS) - {"native"}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A watch as it stands in the editor."""

    name: str = ""
    query: str = ""
    active: bool = True
    days: int = 7
    foreign: str = ""
    dialect: str = "meltwater"


@dataclass(frozen=True, kw_only=True)
class Told:
    """One problem as it is shown: the query with the place marked, the cause, what to do, whole queries to choose."""

    level: str
    column: int
    shown: object
    cause: str
    fix: str
    fixes: tuple[str, ...]


def told(query: str, problems: tuple[Problem, ...]) -> tuple[Told, ...]:
    """The problems of a query in the reader's language, in the order of their places."""
    levels = {"E": "error", "W": "warning", "I": "note"}
    return tuple(
        Told(
            level=levels.get(problem.code[0], "note"),
            column=problem.column,
            shown=_pointed(query, problem),
            cause=problem.cause(g.lang),
            fix=problem.fix(g.lang),
            fixes=problem.fixes,
        )
        for problem in problems
    )


def _pointed(query: str, problem: Problem) -> object:
    """The query with the place of the problem marked; a place where nothing stands gets a caret."""
    start, end = problem.span
    start, end = min(start, len(query)), min(end, len(query))
    if query[start:end].strip():
        return marked(query, [(start, end, "harm")])
    return marked(f"{query[:start]}‸{query[start:]}", [(start, start + 1, "harm")])


def _page(
    watch_id: int | None,
    draft: Draft,
    *,
    about: tuple[Told, ...] | None = None,
    tried: watches.Tried | None = None,
    imported: Mapping[str, Any] | None = None,
    error: CrisisError | None = None,
) -> str:
    def load(db: Connection) -> Mapping[str, Any]:
        return {"watch": records.get(db, StoredWatch, watch_id) if watch_id is not None else None}

    return render(
        "watch.html",
        load=load,
        draft=draft,
        told=about,
        tried=tried,
        quotes=_quotes(tried) if tried else (),
        imported=imported,
        tools=TOOLS,
        days=DAYS,
        may=session.me().has(Role.ADMINISTRATOR),
        error=error,
        typed={"form": "watch", "name": draft.name, "query": draft.query, "foreign": draft.foreign},
    )


def _quotes(tried: watches.Tried) -> tuple[tuple[Any, object, object], ...]:
    """Each article that would have been caught, with its title and the beginning of its text marked."""
    quotes = []
    for stored, mention in tried.rows:
        places: dict[str, list[tuple[int, int, str]]] = {"title": [], "body": []}
        for span in mention.spans:
            places.setdefault(str(span.field), []).append((span.start, span.end, "brand"))
        begin, lead = excerpt(stored.body, places["body"])
        inside = [(start - begin, end - begin, kind) for start, end, kind in places["body"]]
        quotes.append((stored, marked(stored.title, places["title"]), marked(lead, _within(inside, len(lead)))))
    return tuple(quotes)


def excerpt(text: str, spans: list[tuple[int, int, str]], *, most: int = 240) -> tuple[int, str]:
    """(where it begins, the part of a text around its first span), `most` characters long."""
    first = min((start for start, _, _ in spans), default=0)
    begin = max(0, first - most // 3) if first > most // 2 else 0
    return begin, text[begin : begin + most]


def _within(spans: list[tuple[int, int, str]], length: int) -> list[tuple[int, int, str]]:
    return [(start, min(end, length), kind) for start, end, kind in spans if 0 <= start < length]


@blueprint.get("/new")
@session.only(*WRITERS)
def new() -> str:
    query = request.args.get("query", "")[:4_000]
    return _page(None, Draft(query=query), about=told(query, parse(query).problems) if query else None)


@blueprint.get("/<int:watch_id>")
@session.only(*WRITERS)
def one(watch_id: int) -> str:
    with session.desk().reading() as db:
        stored = records.get(db, StoredWatch, watch_id)
    draft = Draft(name=stored.name, query=stored.query, active=stored.active)
    return _page(watch_id, draft, about=told(draft.query, parse(draft.query).problems))


def _typed() -> Draft:
    days = forms.text("days")
    dialect = forms.text("dialect")
    return Draft(
        name=forms.text("name"),
        query=request.form.get("fix") or forms.text("query"),
        active=forms.text("off") != "1",
        days=int(days) if days.isdecimal() and int(days) in DAYS else 7,
        foreign=forms.text("foreign"),
        dialect=dialect if dialect in TOOLS else "meltwater",
    )


@blueprint.post("/new")
@session.only(*WRITERS)
def make() -> Answer | str | tuple[str, int]:
    return _done(None)


@blueprint.post("/<int:watch_id>")
@session.only(*WRITERS)
def change(watch_id: int) -> Answer | str | tuple[str, int]:
    return _done(watch_id)


def _done(watch_id: int | None) -> Answer | str | tuple[str, int]:
    """What the pressed button does; a button that offers a whole query puts it in and checks it."""
    draft = _typed()
    match "check" if request.form.get("fix") else forms.text("act"):
        case "save":
            return _save(watch_id, draft)
        case "try":
            return _try(watch_id, draft)
        case "import":
            return _import(watch_id, draft)
    return _page(watch_id, draft, about=told(draft.query, parse(draft.query).problems))


def _save(watch_id: int | None, draft: Draft) -> Answer | tuple[str, int]:
    saved, error = page.attempt(
        lambda: flow.save_watch(
            session.desk(),
            by=session.me(),
            name=draft.name,
            query=draft.query,
            watch_id=watch_id,
            active=draft.active,
        )
    )
    if saved is None:
        shown = _page(watch_id, draft, about=told(draft.query, parse(draft.query).problems), error=error)
        return shown, page.status_of(error)
    return redirect(url_for("watches.one", watch_id=saved.id, saved=1), 303)


def _try(watch_id: int | None, draft: Draft) -> str | tuple[str, int]:
    problems = told(draft.query, parse(draft.query).problems)
    tried, error = page.attempt(lambda: watches.try_out(session.desk(), draft.query, by=session.me(), days=draft.days))
    if tried is None:
        # The problems stand below the field already: said once is enough.
        return _page(watch_id, draft, about=problems), page.status_of(error)
    return _page(watch_id, draft, about=problems, tried=tried)


def _import(watch_id: int | None, draft: Draft) -> str:
    found = import_query(draft.foreign, draft.dialect)
    imported = {
        "tool": TOOLS[draft.dialect],
        "original": found.original,
        "text": found.text,
        # That it was rewritten is seen: both stand there.
        "problems": told(found.original, tuple(item for item in found.problems if item.code != "I303")),
    }
    if not found.text:
        return _page(watch_id, draft, imported=imported)
    filled = Draft(
        name=draft.name,
        query=found.text,
        active=draft.active,
        days=draft.days,
        foreign=draft.foreign,
        dialect=draft.dialect,
    )
    return _page(watch_id, filled, imported=imported, about=told(found.text, parse(found.text).problems))


@blueprint.get("/suggestions")
@session.only(*WRITERS)
def suggestions() -> str:
    return _suggestions()


def _suggestions(error: CrisisError | None = None) -> str:
    found = watches.suggestions(session.desk(), by=session.me())
    return render(
        "suggestions.html",
        found=[item for item in found if item.why is not Why.NAMESAKE],
        namesakes=[item for item in found if item.why is Why.NAMESAKE],
        may=session.me().has(Role.ADMINISTRATOR),
        error=error,
    )


@blueprint.post("/suggestions")
@session.only(*WRITERS)
def accept() -> Answer | tuple[str, int]:
    def act() -> bool:
        why = forms.choice("why", Why)
        watches.accept(session.desk(), forms.text("text"), by=session.me(), why=why)
        return True

    done, error = page.attempt(act)
    if done is None:
        return _suggestions(error), page.status_of(error)
    return redirect(url_for("watches.suggestions"), 303)
