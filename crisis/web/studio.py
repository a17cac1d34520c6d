"""The statement studio: drafts per audience and language, checked sentence by sentence, sent to approval."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from markupsafe import Markup, escape
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.core.approval import Vote
from crisis.core.case import FactStatus
from crisis.core.checks import CheckReport, Finding
from crisis.core.checks.rules import Act
from crisis.core.drafting import kind_for, phase_at
from crisis.core.people import Action, demand
from crisis.core.standing import counts, may_waive_blocking, standing
from crisis.core.statement import ChannelKind, Statement, StatementState
from crisis.errors import CrisisError, WrongState
from crisis.flows import statements as flow
from crisis.store import incidents, records
from crisis.store import statements as texts
from crisis.web import forms, page, session
from crisis.web.head import head
from crisis.web.page import render

blueprint = Blueprint("studio", __name__, url_prefix="/i/<key>/statements")
# Ten pages: more is no statement, and every sentence of it is checked while the author waits.
MOST_CHARACTERS = 20_000
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?]+[”」』）)]*|[^。！？!?\n]+|\n")
_ENGLISH = re.compile(r".+?(?:[.!?](?:[\"”’)]*)(?=\s|$)|\n|$)", re.DOTALL)
# How findings are shown, gravest first, and the class that underlines their words.
_LOOKS = ("block", "high", "medium", "low", "guess")
_UNDERLINES = {"block": "", "high": "w", "medium": "m", "low": "m", "guess": "q"}


def _index(db: Connection, key: str) -> Mapping[str, Any]:
    shown = head(db, key)
    incident = shown["incident"]
    phase = phase_at(max(0.0, (g.now - incident.t0_at).total_seconds() / 3600))
    written = texts.of_incident(db, incident.id)
    return {
        **shown,
        "tab": "statements",
        "statements": written,
        "counts_of": {item.id: flow.details(db, item) for item in written},
        "kinds": session.desk().content.statements.heads(g.lang),
        "suggested": {entry.audience: str(kind_for(entry.audience, phase)) for entry in shown["plan"]},
    }


@blueprint.get("")
def index(key: str) -> str:
    return render("statements.html", load=lambda db: _index(db, key))


@blueprint.post("")
def draft(key: str) -> Answer | tuple[str, int]:
    made, error = page.attempt(
        lambda: flow.draft(
            session.desk(),
            key,
            by=session.me(),
            audience=forms.text("audience"),
            lang=forms.text("lang"),
            kind=forms.text("kind"),
            script=forms.text("script"),
        )
    )
    if made is None:
        assert error is not None
        return render("statements.html", load=lambda db: _index(db, key), error=error), page.status_of(error)
    return redirect(url_for("studio.statement", key=key, number=made.number), 303)


def sentences(text: str, lang: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a text, without the blanks around them."""
    found = []
    for match in (_ENGLISH if lang == "en" else _SENTENCE).finditer(text):
        start, end = match.span()
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if end > start:
            found.append((start, end))
    return found


def _rows(text: str, lang: str, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """One row per sentence: its text with the findings underlined, and how the gravest of them looks."""
    rows = []
    for number, (start, end) in enumerate(sentences(text, lang), 1):
        inside = [item for item in findings if item.end > item.start and item.start < end and item.end > start]
        looks = sorted((_look(item) for item in inside), key=_LOOKS.index)
        rows.append(
            {"number": number, "html": _underlined(text, start, end, inside), "look": looks[0] if looks else None}
        )
    return rows


def _words(finding: Finding, text: str, lang: str, moving: Collection[str]) -> tuple[str, str]:
    """What the fix of a finding takes out and what it puts in; of a sentence that it moves, only that sentence."""
    fix = finding.fix
    if fix is None or fix.replacement is None:
        return "", ""
    if finding.check in moving:
        return "", next((text[start:end] for start, end in sentences(text, lang) if finding.start < end), "")
    return text[fix.start : fix.end].strip(), fix.replacement.strip()


def _look(finding: Finding) -> str:
    """How a finding is shown: by its level, and a guess as one."""
    return "guess" if finding.guess else str(finding.severity)


def _underlined(text: str, start: int, end: int, inside: Sequence[Finding]) -> Markup:
    """Each stretch as the gravest finding over it looks: a guess over a sentence hides no words inside it."""
    cuts = sorted({start, end, *(place for f in inside for place in (f.start, f.end) if start < place < end)})
    stretches = [
        (min((_look(f) for f in inside if f.start <= cut and f.end >= next_cut), key=_LOOKS.index, default=""), cut)
        for cut, next_cut in pairwise(cuts)
    ]
    runs = [next(run) for _, run in groupby(stretches, key=itemgetter(0))]
    out = Markup("")
    for (look, begin), (_, finish) in pairwise([*runs, ("", end)]):
        words = escape(text[begin:finish])
        out += Markup('<u class="{}">{}</u>').format(_UNDERLINES[look], words) if look else words
    return out


def sentence_of(text: str, lang: str, finding: Finding) -> int | None:
    """The number of the sentence that a finding is in, or None when something is missing."""
    for number, (start, end) in enumerate(sentences(text, lang), 1):
        if finding.end > finding.start and finding.start < end and finding.end > start:
            return number
    return None


def _shown(db: Connection, key: str, number: int, *, editing: bool = False) -> Mapping[str, Any]:
    shown = head(db, key)
    incident = shown["incident"]
    statement = texts.by_number(db, incident.id, number)
    revision = texts.revision(db, statement.id, statement.revision)
    report = flow.current_report(session.desk(), db, incident, statement, now=g.now)
    waivers = texts.waivers(db, statement.id)
    stands = standing(report, revision.text, waivers)
    entry = next((item for item in shown["plan"] if item.audience == statement.audience), None)
    siblings = texts.of_incident(db, incident.id)
    approval = flow.newest_approval(db, statement)
    moving = frozenset(rule.id for rule in session.desk().content.checks.checks if rule.fix.act is Act.MOVE_FIRST)
    return {
        **shown,
        "tab": "statements",
        "statement": statement,
        "revision": revision,
        "revisions": texts.revisions(db, statement.id),
        "report": report,
        "findings": [(item, sentence_of(revision.text, statement.lang, item)) for item in stands],
        "counts_here": counts(stands),
        "rows": _rows(revision.text, statement.lang, stands),
        "moving": moving,
        "words_of": lambda finding: _words(finding, revision.text, statement.lang, moving),
        "waivers": waivers,
        "may_waive_blocking": may_waive_blocking(session.me(), lead=incident.owner_id),
        "blanks": flow.blanks(revision.text),
        "entry": entry,
        "siblings": siblings,
        "approval": approval,
        "ballots": _votes(db, approval.id) if approval else (),
        "approvers": texts.approvers(db, incident, statement),
        "fallbacks": [
            item
            for item in siblings
            if item.state is StatementState.APPROVED
            and item.id != statement.id
            and (item.audience, item.lang) == (statement.audience, statement.lang)
        ],
        "grid": _grid(db, shown["facts"], siblings, statement.lang),
        "editing": editing,
        "channel_kinds": flow.offered(session.desk(), statement.audience),
        "active_checks": sum(score.total for score in report.principles),
        "passed_checks": sum(score.passed for score in report.principles),
    }


def _votes(db: Connection, approval_id: int) -> tuple[Any, ...]:
    return records.find(db, Vote, approval_id=approval_id)


def _grid(
    db: Connection, facts: tuple[Any, ...], siblings: tuple[Statement, ...], lang: str
) -> list[tuple[Any, list[tuple[str, str]]]]:
    """Facts x audiences: what each newest text of this language does with the fact.

    said: a confirmed fact stands there; early: one that is only claimed; old: one that was superseded; kept: withheld
    and not there; empty: not there.
    """
    columns = []
    for audience in dict.fromkeys(item.audience for item in siblings if item.lang == lang):
        newest = [item for item in siblings if item.audience == audience and item.lang == lang][-1]
        columns.append((audience, texts.revision(db, newest.id, newest.revision).text))
    rows = []
    for fact in facts:
        claim = fact.claim(lang).rstrip("。.")
        says = {FactStatus.CONFIRMED: "said", FactStatus.SUPERSEDED: "old"}.get(fact.status, "early")
        silent = "kept" if fact.status is FactStatus.WITHHELD else ""
        cells = [(audience, says if claim and claim in text else silent) for audience, text in columns]
        # What was superseded and stands nowhere any more needs no row.
        if fact.status is not FactStatus.SUPERSEDED or any(kind == "old" for _, kind in cells):
            rows.append((fact, cells))
    return rows


@blueprint.get("/<int:number>")
def statement(key: str, number: int) -> str:
    editing = "edit" in request.args
    return render("studio.html", load=lambda db: _shown(db, key, number, editing=editing), conflict=None, mine=None)


def _again(key: str, number: int, error: CrisisError | None, **more: Any) -> tuple[str, int]:
    editing = bool(more.pop("editing", False))
    values = {"conflict": None, "mine": None, **more}
    html = render("studio.html", load=lambda db: _shown(db, key, number, editing=editing), error=error, **values)
    return html, page.status_of(error) if error else 409


def _do(key: str, number: int, act: Callable[[], object], *, editing: bool = False) -> Answer | tuple[str, int]:
    _, error = page.attempt(act)
    if error is not None:
        return _again(key, number, error, editing=editing)
    return redirect(url_for("studio.statement", key=key, number=number), 303)


@blueprint.post("/<int:number>")
def save(key: str, number: int) -> Answer | tuple[str, int]:
    return _saved(
        key,
        number,
        lambda: flow.edit(
            session.desk(),
            key,
            number,
            by=session.me(),
            text=forms.body("text", MOST_CHARACTERS),
            seen_revision=forms.whole("revision"),
            title=forms.text("title"),
            channels=forms.chosen("channels", ChannelKind),
        ),
        editing=True,
    )


def _saved(
    key: str, number: int, act: Callable[[], Statement | flow.Conflict], *, editing: bool = False
) -> Answer | tuple[str, int]:
    """The page after a save: the text, what stands in the way, or both texts when somebody was quicker."""
    saved, error = page.attempt(act)
    if error is not None:
        return _again(key, number, error, editing=editing)
    if isinstance(saved, flow.Conflict):
        return _again(key, number, None, editing=True, conflict=saved, mine=saved.mine)
    return redirect(url_for("studio.statement", key=key, number=number), 303)


@blueprint.post("/<int:number>/fix")
def fix(key: str, number: int) -> Answer | tuple[str, int]:
    """Apply the fix of one finding to the text it was found in; both texts are shown when there is a newer one."""

    def act() -> Statement | flow.Conflict:
        desk, me = session.desk(), session.me()
        seen = forms.whole("revision")
        with desk.reading() as db:
            incident = incidents.by_key(db, key, person=me)
            demand(me, Action.DRAFT)
            found = replace(texts.by_number(db, incident.id, number), revision=seen)
            text = texts.revision(db, found.id, seen).text
            report: CheckReport = flow.current_report(desk, db, incident, found, now=desk.now(db))
        chosen = next(
            (
                item
                for item in report.findings
                if item.fix is not None
                and item.fix.replacement is not None
                and f"{item.check}:{item.start}:{item.end}" == forms.text("finding")
            ),
            None,
        )
        if chosen is None or chosen.fix is None:
            raise WrongState("finding is gone", statement=number)
        return flow.edit(
            desk,
            key,
            number,
            by=me,
            text=chosen.fix.apply(text),
            seen_revision=seen,
            origin=f"fix:{chosen.check}",
        )

    return _saved(key, number, act)


@blueprint.post("/<int:number>/waive")
def waive(key: str, number: int) -> Answer | tuple[str, int]:
    return _do(
        key,
        number,
        lambda: flow.waive(
            session.desk(),
            key,
            number,
            by=session.me(),
            check_id=forms.text("check"),
            quote=request.form.get("quote", ""),
            reason=forms.text("reason"),
        ),
    )


@blueprint.post("/<int:number>/submit")
def submit(key: str, number: int) -> Answer | tuple[str, int]:
    return _do(
        key,
        number,
        lambda: flow.submit(
            session.desk(),
            key,
            number,
            by=session.me(),
            due_at=forms.optional_moment("due_at"),
            fallback_number=forms.whole("fallback", 0) or None,
        ),
    )


@blueprint.post("/<int:number>/take-back")
def take_back(key: str, number: int) -> Answer | tuple[str, int]:
    return _do(key, number, lambda: flow.take_back(session.desk(), key, number, by=session.me()))


@blueprint.get("/<int:number>/v<int:old>..v<int:new>")
def compare(key: str, number: int, old: int, new: int) -> str:
    """What changed between two revisions, character by character in Chinese, word by word in English."""

    def load(db: Connection) -> Mapping[str, Any]:
        shown = head(db, key)
        found = texts.by_number(db, shown["incident"].id, number)
        before, after = texts.revision(db, found.id, old), texts.revision(db, found.id, new)
        return {
            **shown,
            "tab": "statements",
            "statement": found,
            "old": before,
            "new": after,
            "diff": changes(before.text, after.text, found.lang),
        }

    return render("compare.html", load=load)


def changes(before: str, after: str, lang: str) -> Markup:
    """The newer text with what was added and what was taken out marked.

    Sentences are compared first, then what a changed sentence is made of. Texts that share too little to be compared
    in time are marked as a whole.
    """
    out, left = Markup(""), _PAIRS
    pieces = re.compile(r"\s+|\w+|\W" if lang == "en" else r"[\s\S]")
    for old, new in _aligned(_PART.findall(before), _PART.findall(after), _PAIRS):
        if old == new:
            out += escape("".join(new))
            continue
        small_old, small_new = pieces.findall("".join(old)), pieces.findall("".join(new))
        for gone, come in _aligned(small_old, small_new, left):
            out += _marked("".join(gone), "".join(come))
        left -= min(left, _pairs(small_old, small_new))
    return out


# What is compared; the sentences that are numbered are _SENTENCE and _ENGLISH.
_PART = re.compile(r"[^。！？；.!?;\n]*[。！？；.!?;\n]+[”’」』\"')）]*|[^。！？；.!?;\n]+")
# How many pairs of equal pieces are looked at for one page: the time that a comparison takes grows with them.
_PAIRS = 100_000


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    counts = Counter(new)
    return sum(counts[piece] for piece in old)


def _aligned(old: Sequence[str], new: Sequence[str], most: int) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """The two sequences cut into runs that are equal or stand against each other, in order."""
    if _pairs(old, new) > most:
        yield old, new
        return
    for _, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield old[a:b], new[c:d]


def _marked(gone: str, come: str) -> Markup:
    if gone == come:
        return escape(come)
    out = Markup("<del>{}</del>").format(gone) if gone else Markup("")
    return out + (Markup("<ins>{}</ins>").format(come) if come else Markup(""))
