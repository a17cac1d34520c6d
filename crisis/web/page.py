"""Making a page: the frame that every page has, its counts, and the words of errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from flask import current_app, g, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Connection
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from crisis.core.people import Action, Person, Role, may
from crisis.errors import CrisisError, Invalid, NotPermitted, Stale, WrongState
from crisis.flows.desk import Desk, House, drill_clock, house
from crisis.i18n import N_
from crisis.store import people, statements, views, visible
from crisis.web.show import signs
from crisis.web.wording import say, sentence

Value = TypeVar("Value")
MENDABLE = (Invalid, WrongState, Stale, NotPermitted)
# What a form sends besides words: its own marks, and choices from lists that nobody has to type again.
_MARKS = frozenset(
    {"csrf", "form", "act", "vote", "hash", "seen", "since", "revision"}
    | {"finding", "status", "owner", "with", "next", "back", "gate"}
)
_CHOICES = frozenset(
    {"audience", "incident", "kind", "lang", "primary", "release", "severity", "stance", "tier", "way"}
)
_NOT_TYPED = _MARKS | _CHOICES


def frame(desk: Desk, db: Connection) -> dict[str, Any]:
    """What the frame of a page shows: clock, organisation, person, counts from the same scoped queries as the lists."""
    home: House | None = house(db)
    if not hasattr(g, "now"):
        g.zone, g.now = home.zone if home else "Asia/Shanghai", desk.now(db)
    person: Person | None = g.get("person")
    clock = drill_clock(db) if desk.drill else None
    shown: dict[str, Any] = {
        "house": home,
        "person": person,
        "lang": g.lang,
        "zh": g.lang == "zh",
        "now": g.now,
        "drill": desk.drill,
        "drill_clock": clock,
        "csrf": g.form_token,
        "counts": {},
        "problems": desk.content.problems,
        # A page shows the acts of the person's roles, and whom to ask for the others.
        "can": {str(action): person is not None and may(person, action) for action in Action},
        # Of a regional office that reads its own regions only: which they are.
        "own_regions": (),
        "officers": (),
        **signs(),
    }
    if person is not None:
        shown["own_regions"] = visible.regions_read(person) or ()
        if not shown["can"][Action.RUN_INCIDENT]:
            shown["officers"] = tuple(officer.name for officer in people.holding(db, Role.OFFICER))
        shown["counts"] = {
            "inbox": views.waiting_stories(db, person=person),
            "incidents": views.open_incidents(db, person=person),
            "approve": len(statements.waiting_for(db, person)) if person.has(Role.EXECUTIVE) else 0,
            "complaints": views.open_complaints(db, person=person),
        }
    if desk.drill:
        shown["left"] = views.left_building(db)
    return shown


def render(template: str, *, load: Callable[[Connection], Mapping[str, Any]] | None = None, **values: Any) -> str:
    """A page. `load` reads what it shows in the same look at the database as the frame."""
    desk = cast(Desk, current_app.extensions["desk"])
    with desk.reading() as db:
        shown = frame(desk, db)
        if load is not None:
            shown.update(load(db))
    shown.update(values)
    shown.setdefault("error", None)
    shown["stale"] = isinstance(shown["error"], Stale)
    # The form may be gone with the state it belonged to: what was typed is shown all the same.
    shown.setdefault("lost", typed_words() if isinstance(shown["error"], WrongState) else ())
    shown["typed_words"] = bool(typed_words())
    shown.setdefault("typed", _typed())
    return render_template(template, **shown)


def typed_words() -> tuple[str, ...]:
    """What a person typed into the form that came, to be shown where its page cannot be. Fields of passwords are left
    out: each has the word in its name. Of a form beyond what is read at all nothing is known."""
    try:
        sent = request.form
    except RequestEntityTooLarge:
        return ()
    return tuple(
        text
        for name, text in sent.items()
        if name not in _NOT_TYPED and "password" not in name and len(text.strip()) > 1
    )


def _typed() -> Mapping[str, Any]:
    """The form that came, for its fields to be filled with again."""
    try:
        return request.form if request.method == "POST" else {}
    except RequestEntityTooLarge:
        return {}


def bare(text: str, lost: tuple[str, ...], again: str, found_by: str) -> str:
    """A page for when even the frame cannot be made, as without a database: the sentence, what was typed, a way on,
    and the word by which the operator finds what happened."""
    frame = Markup(
        '<!doctype html><html lang="{lang}"><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">'
        '<title>{text}</title><link rel="stylesheet" href="{style}"><main class="page"><div class="narrow">'
        '<div class="note bad">'
        "<h1>{text}</h1>{parts}</div></div></main></html>\n"
    )
    parts = [Markup("<p>{}</p>").format(say(N_("This is what you typed. It was not saved: copy it.")))] if lost else []
    parts += [Markup('<p class="kept">{}</p>').format(words) for words in lost]
    parts += (
        [Markup('<p><a class="btn" href="{}">{}</a></p>').format(again, say(N_("Load the page again")))]
        if again
        else []
    )
    if found_by:
        stands = say(N_("For whoever runs the desk: it stands in the log under %(word)s."), {"word": found_by})
        parts.append(Markup("<p>{}</p>").format(stands))
    return frame.format(
        lang="zh-Hans" if g.lang == "zh" else "en",
        text=text,
        style=url_for("static", filename="desk.css"),
        parts=Markup("").join(parts),
    )


def attempt(act: Callable[[], Value]) -> tuple[Value | None, CrisisError | None]:
    """What a flow answered, or the error that a person can mend on the page: nothing typed is lost."""
    try:
        return act(), None
    except MENDABLE as error:
        return None, error


def carried_out(
    act: Callable[[], Value],
    *,
    then: Callable[[Value], str],
    again: str,
    load: Callable[[Connection], Mapping[str, Any]],
    **values: Any,
) -> Answer | tuple[str, int]:
    """Do what a form asks and go on to the address that `then` makes of what came of it.

    What a person can mend is shown on the page `again`, with what was typed.
    """
    try:
        made = act()
    except MENDABLE as error:
        return render(again, load=load, error=error, **values), status_of(error)
    return redirect(then(made), 303)


def status_of(error: CrisisError | None) -> int:
    """The HTTP status of an error shown on its page."""
    if error is None:
        return 200
    if isinstance(error, Stale | WrongState):
        return 409
    return 403 if isinstance(error, NotPermitted) else 422


def words(error: CrisisError) -> str:
    """The sentence of an error in the reader's language."""
    return sentence(error)
