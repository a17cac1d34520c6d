"""Statements: drafted, edited, checked, sent to approval, withdrawn. Every save is a new revision."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Connection

from crisis.core import statement as rules
from crisis.core.approval import Approval, ApprovalState
from crisis.core.audienceplan import AudienceEntry
from crisis.core.checks import CheckReport, DraftText, Level, OtherText, check
from crisis.core.drafting import Kind
from crisis.core.incident import Incident, IncidentState
from crisis.core.people import Action, Person, demand, may
from crisis.core.promise import Promise, PromiseState
from crisis.core.standing import Counts, counts, demand_waiver, standing
from crisis.core.statement import ChannelKind, Revision, Statement, StatementState, Waiver
from crisis.errors import Invalid, Stale, WrongState
from crisis.flows import approvals, judgement
from crisis.flows.desk import Desk, acting, house, judging, note
from crisis.flows.drafting import draft_text, ledger
from crisis.store import incidents, records, search, statements

APPROVE_WITHIN = timedelta(minutes=15)
FIRST_STATEMENT = timedelta(hours=1)
_report = TypeAdapter(CheckReport)
# `【热线】` and `[[hotline]]` come from templates, `[时间]` and `[time]` from fixes that were applied.
_BLANK = re.compile(r"【[^】\n]{1,60}】|\[\[?[^\[\]\n]{1,60}\]\]?")


def blanks(text: str) -> tuple[str, ...]:
    """The blanks that the product left for a person to fill: `【热线】` or `[[hotline]]`."""
    return tuple(_BLANK.findall(text))


def report_of(revision: Revision) -> CheckReport:
    """What the checks said about a revision when it was saved."""
    return _report.validate_python(revision.report)


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Somebody saved a newer revision while this text was typed: both are kept and shown."""

    theirs: Revision
    mine: str


def draft(
    desk: Desk,
    incident_key: str,
    *,
    by: Person,
    audience: str,
    lang: str,
    kind: str,
    channels: Sequence[ChannelKind] | None = None,
    script: str = "",
) -> Statement:
    """A new statement, drafted from the template of its kind with the facts of the ledger in it.

    Without `channels` it goes out by all that its audience is offered; without a `script` its Chinese is written as the
    regions of the incident read.
    """
    demand(by, Action.DRAFT)
    with judging(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        drafted = draft_text(desk, db, incident, audience=audience, lang=lang, kind=kind, now=now, script=script)
        statement = records.add(
            db,
            Statement(
                incident_id=incident.id,
                number=statements.next_number(db, incident.id),
                audience=audience,
                lang=lang,
                kind=kind,
                title=drafted.title,
                channels=_usable(desk, audience, offered(desk, audience) if channels is None else channels),
                author_id=by.id,
                created_at=now,
                due_at=_due(db, incident, audience, kind),
            ),
        )
        _add_revision(desk, db, incident, statement, drafted.text, by=by, at=now, origin=f"template:{kind}")
        note(
            db,
            "statement_drafted",
            at=now,
            by=by,
            incident_id=incident.id,
            statement=statement.number,
            audience=audience,
            lang=lang,
            kind=kind,
        )
        return statement


def offered(desk: Desk, audience: str) -> tuple[ChannelKind, ...]:
    """The channels for an audience: the newsroom is for texts that are for everybody."""
    public = desk.content.audiences.is_public(audience)
    return tuple(kind for kind in ChannelKind if public or kind is not ChannelKind.NEWSROOM)


def _usable(desk: Desk, audience: str, channels: Sequence[ChannelKind]) -> tuple[ChannelKind, ...]:
    if not channels:
        raise Invalid("channels", "channels_missing")
    if not set(channels) <= set(offered(desk, audience)):
        raise Invalid("channels", "newsroom_not_public", audience=audience)
    return tuple(channels)


def _due(db: Connection, incident: Incident, audience: str, kind: str) -> datetime | None:
    """When the text is due: a holding statement an hour after the first signal (K11), others with their audience."""
    entry = records.first(db, AudienceEntry, incident_id=incident.id, audience=audience)
    times = [entry.due_at] if entry and entry.due_at else []
    if kind == Kind.HOLDING:
        times.append(incident.t0_at + FIRST_STATEMENT)
    return min(times, default=None)


def edit(
    desk: Desk,
    incident_key: str,
    number: int,
    *,
    by: Person,
    text: str,
    seen_revision: int,
    title: str | None = None,
    channels: Sequence[ChannelKind] | None = None,
    origin: str = "edit",
) -> Statement | Conflict:
    """The statement with a new revision, or the conflict when a newer one than was seen exists.

    A text in review goes back to draft and its votes are gone: an approval is bound to bytes. Raises Invalid for
    an empty text, for no channel, and for the newsroom when the audience is not for everybody.
    """
    demand(by, Action.DRAFT)
    if not text.strip():
        raise Invalid("text", "text_missing")
    try:
        with judging(desk) as (db, now):
            incident = incidents.by_key(db, incident_key, person=by)
            statement = statements.by_number(db, incident.id, number)
            newest = statements.revision(db, statement.id, statement.revision)
            if statement.revision != seen_revision:
                same = not title or " ".join(title.split()) == statement.title
                if same and rules.canonical_text(newest.text) == rules.canonical_text(text):
                    return statement
                return Conflict(theirs=newest, mine=text)
            changed = rules.edited(statement)
            changed = replace(
                changed,
                # One line: a title becomes the subject of a mail and the first line of a file.
                title=" ".join(title.split()) if title and title.strip() else statement.title,
                channels=statement.channels if channels is None else _usable(desk, statement.audience, channels),
            )
            if (
                rules.canonical_text(newest.text) == rules.canonical_text(text)
                and changed.title == statement.title
                and set(changed.channels) == set(statement.channels)
            ):
                return statement
            changed = records.save(db, changed)
            approvals.void_open(db, changed, at=now, incident_id=incident.id)
            _add_revision(desk, db, incident, changed, text, by=by, at=now, origin=origin)
            note(
                db,
                "statement_edited",
                at=now,
                by=by,
                incident_id=incident.id,
                statement=number,
                revision=changed.revision,
            )
            return changed
    except Stale:
        # Somebody saved between our reading and our writing: the same conflict, seen a moment later.
        with desk.reading() as db:
            incident = incidents.by_key(db, incident_key, person=by)
            statement = statements.by_number(db, incident.id, number)
            return Conflict(theirs=statements.revision(db, statement.id, statement.revision), mine=text)


def _add_revision(
    desk: Desk,
    db: Connection,
    incident: Incident,
    statement: Statement,
    text: str,
    *,
    by: Person,
    at: datetime,
    origin: str,
) -> Revision:
    text = rules.canonical_text(text)
    report = check(_as_read(desk, db, incident, statement, text, now=at), desk.content.checks)
    revision = records.add(
        db,
        Revision(
            statement_id=statement.id,
            number=statement.revision,
            text=text,
            by=by.id,
            at=at,
            origin=origin,
            report=_report.dump_python(report, mode="json"),
        ),
    )
    search.put(db, kind="statement", ref=statement.id, incident_id=incident.id, title=statement.title, words=text)
    return revision


def recheck(desk: Desk, incident_key: str, number: int, *, by: Person) -> CheckReport:
    """What the checks say about the newest text now: facts and the clock may have moved since it was saved."""
    with desk.reading() as db:
        incident = incidents.by_key(db, incident_key, person=by)
        statement = statements.by_number(db, incident.id, number)
        return current_report(desk, db, incident, statement, now=desk.now(db))


def current_report(
    desk: Desk, db: Connection, incident: Incident, statement: Statement, *, now: datetime
) -> CheckReport:
    """The report of the newest revision as of now."""
    text = statements.revision(db, statement.id, statement.revision).text
    return check(_as_read(desk, db, incident, statement, text, now=now), desk.content.checks)


def _as_read(
    desk: Desk, db: Connection, incident: Incident, statement: Statement, text: str, *, now: datetime
) -> DraftText:
    """The text with the state of its case, as the checks read it."""
    judged = judgement.standing(incidents.classifications(db, incident.id))
    home = house(db)
    others = []
    for other in statements.of_incident(db, incident.id):
        if other.id == statement.id or other.lang != statement.lang:
            continue
        if other.state in (StatementState.WITHDRAWN, StatementState.DRAFT):
            continue
        others.append(
            OtherText(
                audience=other.audience,
                lang=other.lang,
                text=statements.revision(db, other.id, other.revision).text,
                released=other.state is StatementState.RELEASED,
            )
        )
    promises = records.find(db, Promise, incident_id=incident.id, state=PromiseState.OPEN)
    return DraftText(
        id=f"{incident.key}/{statement.number}",
        lang=statement.lang,
        text=text,
        audience=statement.audience,
        crisis_type=str(judged.primary) if judged else "",
        injury=incident.injury,
        hours=max(0.0, (now - incident.t0_at).total_seconds() / 3600),
        facts=ledger(db, incident, statement.lang),
        kind=statement.kind,
        fault_gate_open=incident.fault_gate_open,
        claim_refuted=incident.claim_refuted,
        cause_established=incident.cause_established,
        listed=bool(home and home.listed),
        filed=incident.filed,
        promises=tuple(promise.text for promise in promises) or None,
        other_texts=tuple(others),
        own_numbers=(home.hotline,) if home and home.hotline else (),
    )


def waive(desk: Desk, incident_key: str, number: int, *, by: Person, check_id: str, quote: str, reason: str) -> Waiver:
    """Let a finding pass, with name and reason; the approvers see it. The same words must occur again to count.

    Raises WrongState when the finding is not there, or only guessed: a guess holds nobody up; NotPermitted for who may
    not waive one so grave (see crisis.core.standing.demand_waiver).
    """
    if not may(by, Action.APPROVE):
        demand(by, Action.DRAFT)
    if not reason.strip():
        raise Invalid("reason", "reason_missing")
    # A form sends line ends as \r\n, the text that is checked has \n.
    quote = quote.replace("\r\n", "\n")
    severity = _severity_of(desk, incident_key, number, by=by, check_id=check_id, quote=quote)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        demand_waiver(by, severity, lead=incident.owner_id)
        statement = statements.by_number(db, incident.id, number)
        if statement.state is not StatementState.DRAFT:
            raise WrongState("statement is not a draft", statement=number)
        waiver = records.add(
            db,
            Waiver(
                statement_id=statement.id,
                check=check_id,
                quote=quote,
                severity=severity,
                by=by.id,
                at=now,
                reason=reason.strip(),
            ),
        )
        note(
            db,
            "finding_waived",
            at=now,
            by=by,
            incident_id=incident.id,
            words=reason.strip(),
            statement=number,
            check=check_id,
        )
        return waiver


def _severity_of(desk: Desk, incident_key: str, number: int, *, by: Person, check_id: str, quote: str) -> Level:
    """How grave the finding about these words is now. Raises WrongState when there is none."""
    with desk.reading() as db:
        incident = incidents.by_key(db, incident_key, person=by)
        statement = statements.by_number(db, incident.id, number)
        text = statements.revision(db, statement.id, statement.revision).text
        report = current_report(desk, db, incident, statement, now=desk.now(db))
    for finding in report.findings:
        if (finding.check, text[finding.start : finding.end]) == (check_id, quote) and not finding.guess:
            return finding.severity
    raise WrongState("finding is gone", statement=number)


def blocking(report: CheckReport, text: str, waivers: Sequence[Waiver]) -> int:
    """How many blocking findings stand that nobody has waived."""
    return counts(standing(report, text, waivers)).block


def submit(
    desk: Desk,
    incident_key: str,
    number: int,
    *,
    by: Person,
    due_at: datetime | None = None,
    fallback_number: int | None = None,
) -> Approval:
    """The statement before its approvers, bound to the bytes of its newest revision.

    Raises Invalid with what stands in the way: a blocking finding, a blank, an audience question without an
    answer, a time that is over, or a fallback that is not approved itself or is for other people or in another
    language. Raises WrongState when the incident is closed.
    """
    demand(by, Action.DRAFT)
    with judging(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        if incident.state is IncidentState.CLOSED:
            raise WrongState("incident is closed", incident=incident.id)
        if due_at is not None and due_at <= now:
            raise Invalid("due_at", "due_passed")
        statement = statements.by_number(db, incident.id, number)
        revision = statements.revision(db, statement.id, statement.revision)
        report = current_report(desk, db, incident, statement, now=now)
        entry = records.first(db, AudienceEntry, incident_id=incident.id, audience=statement.audience)
        if entry is not None and entry.blanks:
            raise Invalid("audience", "audience_blank", audience=statement.audience, questions=list(entry.blanks))
        stands = blocking(report, revision.text, statements.waivers(db, statement.id))
        submitted = rules.submitted(statement, blocked=stands > 0, blanks=len(blanks(revision.text)))
        fallback_id = None
        if fallback_number is not None:
            fallback = statements.by_number(db, incident.id, fallback_number)
            if fallback.state is not StatementState.APPROVED:
                raise Invalid("fallback", "fallback_not_approved")
            if (fallback.audience, fallback.lang) != (statement.audience, statement.lang):
                raise Invalid("fallback", "fallback_for_others")
            fallback_id = fallback.id
        records.save(db, submitted)
        home = house(db)
        approval = records.add(
            db,
            Approval(
                statement_id=statement.id,
                revision=statement.revision,
                hash=rules.hash_to_approve(statement, revision.text),
                needed=home.approvals if home else 2,
                opened_at=now,
                opened_by=by.id,
                due_at=due_at or now + APPROVE_WITHIN,
                fallback_id=fallback_id,
            ),
        )
        note(
            db,
            "statement_submitted",
            at=now,
            by=by,
            incident_id=incident.id,
            statement=number,
            revision=statement.revision,
            hash=approval.hash[:12],
            needed=approval.needed,
        )
        return approval


def newest_approval(db: Connection, statement: Statement) -> Approval | None:
    """The run that decides about the newest revision, or None."""
    for approval in statements.approvals(db, statement.id):
        if approval.revision == statement.revision and approval.state is not ApprovalState.VOID:
            return approval
    return None


def take_back(desk: Desk, incident_key: str, number: int, *, by: Person) -> Statement:
    """A text in review becomes a draft again; its run ends without a decision."""
    demand(by, Action.DRAFT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        statement = statements.by_number(db, incident.id, number)
        if statement.state is not StatementState.IN_REVIEW:
            raise WrongState("statement is not in review", statement=number)
        approvals.void_open(db, statement, at=now, incident_id=incident.id)
        statement = records.save(db, replace(statement, state=StatementState.DRAFT))
        note(db, "statement_taken_back", at=now, by=by, incident_id=incident.id, statement=number)
        return statement


def details(db: Connection, statement: Statement) -> Counts:
    """What lists of statements show: what stands of the report of the newest revision."""
    newest = statements.revision(db, statement.id, statement.revision)
    return counts(standing(report_of(newest), newest.text, statements.waivers(db, statement.id)))
