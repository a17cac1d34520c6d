"""The approval desk, made for a phone: the whole text, what changed since I looked, one bar with the act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, g, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from crisis.core.approval import ApprovalState, Vote, VoteKind
from crisis.core.incident import Incident
from crisis.core.promise import Promise
from crisis.core.standing import counts, standing
from crisis.core.statement import Statement
from crisis.flows import approvals, releases
from crisis.flows import statements as flow
from crisis.store import incidents, records, views
from crisis.store import statements as texts
from crisis.web import forms, page, session
from crisis.web.page import render
from crisis.web.studio import changes, sentence_of, sentences

blueprint = Blueprint("approve", __name__, url_prefix="/approve")


def _list(db: Connection) -> Mapping[str, Any]:
    person = session.me()
    waiting = []
    for approval in texts.waiting_for(db, person):
        found = records.get(db, Statement, approval.statement_id)
        waiting.append((approval, found, records.get(db, Incident, found.incident_id)))
    return {
        "waiting": waiting,
        "released": texts.released_last(db, person=person, limit=6),
        "names": views.names(db),
    }


@blueprint.get("")
def index() -> str:
    return render("approvals.html", load=_list)


def _shown(db: Connection, approval_id: int) -> Mapping[str, Any]:
    ballot = approvals.ballot(db, approval_id, person=session.me())
    statement, revision = ballot.statement, ballot.revision
    # What changed since this person last voted on an earlier draft of the same statement.
    seen = 0
    for run in texts.approvals(db, statement.id):
        votes = [vote for vote in records.find(db, Vote, approval_id=run.id) if vote.person_id == session.me().id]
        if votes and run.id != approval_id:
            seen = max(seen, run.revision)
    before = texts.revision(db, statement.id, seen) if seen and seen != revision.number else None
    if ballot.approval.state is ApprovalState.OPEN:
        as_sent = replace(statement, revision=revision.number)
        report = flow.current_report(session.desk(), db, ballot.incident, as_sent, now=g.now)
    else:
        # What is decided was decided about the text as it was then.
        report = flow.report_of(revision)
    waivers = texts.waivers(db, statement.id)
    stands = standing(report, revision.text, waivers)
    return {
        "ballot": ballot,
        "approval": ballot.approval,
        "statement": statement,
        "revision": revision,
        "incident": ballot.incident,
        "votes": ballot.votes,
        "mine": next((vote for vote in ballot.votes if vote.person_id == session.me().id), None),
        "paragraphs": [part for part in revision.text.split("\n") if part.strip()],
        "sentences": [revision.text[start:end] for start, end in sentences(revision.text, statement.lang)],
        "diff": changes(before.text, revision.text, statement.lang) if before else None,
        "seen": seen,
        "report": report,
        "findings": [(item, sentence_of(revision.text, statement.lang, item)) for item in stands],
        "counts_here": counts(stands),
        "waivers": waivers,
        "check_names": {rule.id: rule.name for rule in session.desk().content.checks.checks},
        "facts": incidents.facts(db, ballot.incident.id),
        "targets": releases.targets(session.desk(), db, statement),
        "promises": records.find(db, Promise, statement_id=statement.id),
        "fallback": records.get(db, Statement, ballot.approval.fallback_id) if ballot.approval.fallback_id else None,
        "names": views.names(db),
        "now": g.now,
    }


@blueprint.get("/R-<int:approval_id>")
def one(approval_id: int) -> str:
    return render("approve.html", load=lambda db: _shown(db, approval_id))


@blueprint.post("/R-<int:approval_id>/vote")
def vote(approval_id: int) -> Answer | tuple[str, int]:
    return page.carried_out(
        lambda: approvals.vote(
            session.desk(),
            approval_id,
            by=session.me(),
            kind=forms.choice("vote", VoteKind),
            hash=forms.text("hash"),
            words=forms.text("note"),
            sentence=forms.whole("sentence", 0) or None,
        ),
        then=lambda _: url_for("approve.one", approval_id=approval_id),
        again="approve.html",
        load=lambda db: _shown(db, approval_id),
    )
