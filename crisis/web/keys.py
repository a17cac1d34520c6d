"""The keys of the desk: one list, shown as a page and, with script, as a layer over the page one is on."""

from __future__ import annotations

from flask import Blueprint

from crisis.i18n import N_
from crisis.web.page import render
from crisis.web.wording import say

blueprint = Blueprint("keys", __name__, url_prefix="/keys")

# (where, ((key, what it does), ...)). A key that sends something out only moves the focus to its button.
KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        N_("Anywhere"),
        (
            ("/", N_("search")),
            ("?", N_("this list")),
            ("g i", N_("go to triage")),
            ("g r", N_("go to the room")),
            ("g f", N_("go to the facts")),
            ("g s", N_("go to the statements")),
            ("g a", N_("go to what waits for my approval")),
            ("g c", N_("go to the complaints")),
            ("j k", N_("next and previous entry of a list")),
            ("Esc", N_("close what is open")),
        ),
    ),
    (
        N_("Triage"),
        (
            ("d", N_("declare an incident")),
            ("m", N_("join to an incident")),
            ("x", N_("dismiss with a reason")),
            ("n", N_("log by hand")),
        ),
    ),
    (
        N_("Room"),
        (
            ("l", N_("open what the decision block asks for")),
            ("o", N_("hand over")),
            ("n", N_("write a log entry")),
            ("s", N_("brief on paper")),
            ("+", N_("add a playbook module")),
        ),
    ),
    (N_("Facts"), (("f", N_("add a fact")),)),
    (
        N_("Studio"),
        (
            ("1–9", N_("apply the fix of that finding")),
            ("i", N_("insert a fact")),
            ("Ctrl Enter", N_("save the text")),
        ),
    ),
    (N_("Approval"), (("a", N_("approve: leads to the confirmation")), ("r", N_("return it, name the sentence")))),
    (N_("Regions"), (("e", N_("enter a response")),)),
    (
        N_("Complaint"),
        (("w", N_("write to the customer")), ("^", N_("escalate")), ("y", N_("sign off"))),
    ),
)


def bound() -> list[tuple[str, list[tuple[list[str], str]]]]:
    """The keys by place, in the reader's language."""
    return [(say(place), [(key.split(" "), say(what)) for key, what in keys]) for place, keys in KEYS]


@blueprint.get("")
def index() -> str:
    return render("keys.html")
