"""Drafts of an incident: built from its ledger and its audience's answers, worded by the templates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from crisis.core.audience import Question
from crisis.core.case import Case, CaseFact, CrisisType, FactStatus
from crisis.core.checks import LedgerFact
from crisis.core.drafting import Contacts, Correction, Kind, NumberedClaim, context_of, refused_claims, script_of
from crisis.core.fact import Fact
from crisis.core.incident import Incident
from crisis.core.script import Script
from crisis.core.text import Text
from crisis.core.unsure import is_unsure
from crisis.errors import Invalid
from crisis.flows import audiences
from crisis.flows.desk import Desk, House, house
from crisis.flows.judgement import case_of_incident, judge, standing
from crisis.store import incidents, statements


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """A text as the template gave it."""

    title: str
    text: str


def ledger(db: Connection, incident: Incident, lang: str) -> tuple[LedgerFact, ...]:
    """The facts in force as the checks read them."""
    return tuple(
        LedgerFact(id=f"F{fact.number}", claim=fact.claim(lang), status=fact.status)
        for fact in incidents.facts(db, incident.id)
        if fact.status is not FactStatus.SUPERSEDED
    )


def draft_text(
    desk: Desk,
    db: Connection,
    incident: Incident,
    *,
    audience: str,
    lang: str,
    kind: str,
    now: datetime,
    script: str = "",
) -> Drafted:
    """The draft of a kind for an audience in a language. Raises Invalid for one of these, or a script, that is unknown.

    Without a `script` Chinese is written as the regions of the incident read, or else those of the organisation.
    """
    if kind not in set(Kind):
        raise Invalid("kind", "choice_wrong", value=kind)
    if lang not in ("zh", "en"):
        raise Invalid("lang", "choice_wrong", value=lang)
    if script and script not in set(Script):
        raise Invalid("script", "choice_wrong", value=script)
    card = desk.content.audiences.cards.get(audience)
    if card is None:
        raise Invalid("audience", "audience_missing")
    home = house(db)
    assert home is not None
    judgement = standing(incidents.classifications(db, incident.id)) or judge(desk, db, incident, now=now)
    primary = judgement.primary
    found = audiences.analysis(desk, db, incident, judgement, now=now)
    facts = incidents.facts(db, incident.id)
    typed = card.types[primary]
    local = now.astimezone(ZoneInfo(home.zone))
    case = case_of_incident(db, incident, now=now)
    written = Script(script) if script else _script(desk, case, incident)
    context = context_of(
        case,
        audience=audience,
        lang=lang,
        crisis_type=primary,
        seen=found.seen,
        at=local,
        questions=(Question(ask=typed.ask, answer=typed.answer), *card.questions),
        hours=max(0.0, (now - incident.t0_at).total_seconds() / 3600),
        contacts=_contacts(home, newsroom=f"{desk.settings.url}/newsroom"),
        gate_open=incident.fault_gate_open,
        number=sum(1 for item in statements.releases(db, incident.id) if item.lang == lang) + 1,
        script=written,
    )
    # The ledger says each claim in the language of the text where somebody wrote it so.
    refused = _refused(desk, case, facts, primary, lang)
    confirmed = [fact for fact in facts if fact.status is FactStatus.CONFIRMED]
    still_open = [fact for fact in facts if fact.status in (FactStatus.UNCONFIRMED, FactStatus.DISPUTED)]
    context = replace(
        context,
        org=home.name_en if lang == "en" and home.name_en else home.organisation.name,
        injury=context.injury or incident.injury,
        known=tuple(_said(fact, lang) for fact in confirmed if _said(fact, lang) and fact.number not in refused),
        other_known=tuple(
            NumberedClaim(number=fact.number, claim=fact.claim(lang)) for fact in confirmed if not _said(fact, lang)
        ),
        reword=tuple(
            NumberedClaim(number=fact.number, claim=_said(fact, lang)) for fact in confirmed if fact.number in refused
        ),
        open=tuple(_said(fact, lang) for fact in still_open if _said(fact, lang) and fact.number not in refused),
        corrections=_corrections(facts, lang),
    )
    if kind == Kind.HOLDING and is_unsure(judgement, desk.content.rules.unsure):
        # Whatever the type turns out to be, this text stays true: nobody waits for the classifier.
        context = replace(context, crisis_type=None, questions=tuple(card.questions))
    shelf = desk.content.statements
    text = shelf.draft(Kind(kind), context)
    title = shelf.title(Kind(kind), lang, written)
    shown = f"{title}（{shelf.scribe.turned(card.name.zh, written)}）" if lang == "zh" else f"{title} ({card.name.en})"
    return Drafted(title=shown, text=text)


def _script(desk: Desk, case: Case, incident: Incident) -> Script:
    gazetteer = desk.content.legal.gazetteer
    regions = incident.regions or case.org.regions
    places = [code for region in regions for code in gazetteer.of(region) if code]
    return script_of(case, places, desk.content.statements.scribe)


def _refused(desk: Desk, case: Case, facts: tuple[Fact, ...], primary: CrisisType, lang: str) -> set[int]:
    """Numbers of facts whose wording our own checks would refuse in a statement: a person words them."""
    worded = [fact for fact in facts if _said(fact, lang)]
    claims = tuple(CaseFact(hours=0.0, claim=_said(fact, lang), status=fact.status) for fact in worded)
    places = refused_claims(replace(case, facts=claims), primary, desk.content.checks)
    return {worded[place - 1].number for place in places}


def _said(fact: Fact, lang: str) -> str:
    return (fact.claim_en if lang == "en" else fact.claim_zh).strip()


def _corrections(facts: tuple[Fact, ...], lang: str) -> tuple[Correction, ...]:
    by_number = {fact.number: fact for fact in facts}
    return tuple(
        Correction(was=_said(fact, lang), now=_said(by_number[fact.superseded_by], lang))
        for fact in facts
        if fact.superseded_by in by_number and _said(fact, lang) and _said(by_number[fact.superseded_by], lang)
    )


def _contacts(home: House, *, newsroom: str) -> Contacts:
    def both(value: str) -> Text:
        return Text(zh=value, en=value)

    contact = Text(zh=home.contact.get("zh", ""), en=home.contact.get("en", ""))
    signer = Text(zh=home.signature.get("zh", ""), en=home.signature.get("en", ""))
    return Contacts(
        hotline=both(home.hotline),
        contact=contact,
        liaison=contact,
        press=contact,
        newsroom=both(newsroom),
        signer=signer,
    )
