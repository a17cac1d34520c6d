"""The drafts that the product words itself, for every audience, type and phase: what tests and the fit read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from crisis.content.audiences import load_audiences
from crisis.content.statements import load_statements
from crisis.core.audience import AUDIENCES, Question
from crisis.core.case import Case, CaseFact, CrisisType, FactStatus
from crisis.core.drafting import Contacts, DraftContext, DraftPhase, Kind, context_of, kind_for
from crisis.core.need import Hit, Seen
from monitors.organisation import Organisation

AT = datetime(2026, 11, 22, 20, 30)
ORG = Organisation(name="穗光燃具有限公司", aliases=("Suiguang Stoves",))
CONFIRMED = {
    "zh": "昨晚拱墅区一户家庭的燃气灶发生爆炸，一位用户受伤",
    "en": "A stove exploded in a home in Gongshu last night and one customer was hurt",
}
OPEN = {"zh": "燃气灶阀门有质量缺陷", "en": "The valve of the stove was defective"}
HOURS = {DraftPhase.HOUR_1: 0.9, DraftPhase.HOUR_4: 3.9, DraftPhase.HOUR_24: 30.0, DraftPhase.HOUR_72: 80.0}


def case_of(lang: str, *, settled: bool = False) -> Case:
    facts = [CaseFact(hours=0.5, claim=CONFIRMED[lang], status=FactStatus.CONFIRMED)]
    if not settled:
        facts.append(CaseFact(hours=0.5, claim=OPEN[lang], status=FactStatus.UNCONFIRMED))
    return Case(id="stove", org=ORG, mentions=(), facts=tuple(facts), language=lang)


def context_for(
    audience: str,
    lang: str,
    kind: CrisisType,
    phase: DraftPhase,
    *,
    injury: bool = True,
    goods: bool = True,
    settled: bool = False,
    contacts: Contacts | None = None,
) -> DraftContext:
    card = load_audiences().cards[audience]
    typed = card.types[kind]
    hits: dict[str, tuple[Hit, ...]] = {}
    if injury:
        hits["casualties"] = ()
    if goods:
        hits["sells_goods"] = ()
    return context_of(
        case_of(lang, settled=settled),
        audience=audience,
        lang=lang,
        crisis_type=kind,
        seen=Seen(hits=hits),
        at=AT,
        questions=(Question(ask=typed.ask, answer=typed.answer), *card.questions),
        hours=HOURS[phase],
        contacts=contacts,
    )


def own_drafts() -> Iterator[tuple[str, str]]:
    """(language, text) of every draft: by phase, and every template for the audiences that it names."""
    shelf = load_statements()
    for lang in ("zh", "en"):
        for kind in CrisisType:
            for audience in AUDIENCES:
                for phase in DraftPhase:
                    seen = context_for(
                        audience,
                        lang,
                        kind,
                        phase,
                        injury=phase is not DraftPhase.HOUR_24,
                        settled=phase is DraftPhase.HOUR_72,
                    )
                    yield lang, shelf.draft(kind_for(audience, phase), seen)
            for form in Kind:
                phase = DraftPhase.HOUR_1 if form is Kind.HOLDING else DraftPhase.HOUR_4
                for audience in shelf.templates[lang, form].head.audiences:
                    yield (
                        lang,
                        shelf.draft(form, context_for(audience, lang, kind, phase, goods=kind is CrisisType.LINEAR)),
                    )
