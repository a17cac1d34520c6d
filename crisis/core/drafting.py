"""What a draft is made from: the case and the ledger, who is spoken to, when we speak next, whom to call.

Nothing here words anything: templates/statements/ do. A draft holds what the ledger confirms, says what is not
known, and always names the next update and a contact. What nobody has told us yet stays a visible blank
(`【热线】`, `[[hotline]]`), which keeps a text from being approved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from crisis.core.audience import Question
from crisis.core.case import Case, CrisisType, FactStatus
from crisis.core.checks import CheckSet, DraftText, LedgerFact, Level, check
from crisis.core.need import Seen
from crisis.core.script import Scribe, Script
from crisis.core.text import Text


class Kind(StrEnum):
    """Kinds of text. The values are those that the checks know (`crisis.core.checks.DraftText.kind`)."""

    HOLDING = "holding"
    SUBSTANTIVE = "substantive"
    UPDATE = "update"
    CORRECTION = "correction"
    APOLOGY = "apology"
    RECALL = "recall"
    STAFF = "staff"
    DEALER = "dealer"
    REGULATOR = "regulator"
    FAMILY = "family"
    HOTLINE = "hotline"
    QA = "qa"
    SOCIAL = "social"
    NEWSROOM = "newsroom"


class DraftPhase(StrEnum):
    """How far the case is when a text is drafted."""

    HOUR_1 = "1h"
    HOUR_4 = "4h"
    HOUR_24 = "24h"
    HOUR_72 = "72h"


# The text of each phase that goes to an audience without a form of its own. Source: steps K11, K15, K19, K22.
BY_PHASE = {
    DraftPhase.HOUR_1: Kind.HOLDING,
    DraftPhase.HOUR_4: Kind.SUBSTANTIVE,
    DraftPhase.HOUR_24: Kind.UPDATE,
    DraftPhase.HOUR_72: Kind.UPDATE,
}
BY_AUDIENCE = {
    "victims": Kind.FAMILY,
    "employees": Kind.STAFF,
    "unions": Kind.STAFF,
    "dealers": Kind.DEALER,
    "partners": Kind.DEALER,
    "suppliers": Kind.DEALER,
    "peers": Kind.DEALER,
    "platforms": Kind.DEALER,
    "regulators": Kind.REGULATOR,
    "government": Kind.REGULATOR,
}
_OPEN = (FactStatus.UNCONFIRMED, FactStatus.DISPUTED)
# How long until we speak again. Source: domain research part 5 (K19, X08) and 1.5; own defaults.
_AGAIN = {
    DraftPhase.HOUR_1: timedelta(hours=3),
    DraftPhase.HOUR_4: timedelta(hours=6),
    DraftPhase.HOUR_24: timedelta(hours=12),
    DraftPhase.HOUR_72: timedelta(hours=24),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Contacts:
    """Whom people can reach. An empty text becomes a visible blank in the draft."""

    hotline: Text = field(default_factory=lambda: Text(zh="", en=""))
    contact: Text = field(default_factory=lambda: Text(zh="", en=""))
    liaison: Text = field(default_factory=lambda: Text(zh="", en=""))
    press: Text = field(default_factory=lambda: Text(zh="", en=""))
    ir: Text = field(default_factory=lambda: Text(zh="", en=""))
    newsroom: Text = field(default_factory=lambda: Text(zh="", en=""))
    signer: Text = field(default_factory=lambda: Text(zh="", en=""))


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """A claim that was stated and what replaces it, both as the ledger words them."""

    was: str
    now: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberedClaim:
    """A claim with its number in the ledger (F1, F2 ...)."""

    number: int
    claim: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftContext:
    """Everything a template may use, for one audience in one language.

    `known` are confirmed claims in this language, `other_known` those that exist only in the other one (they become
    blanks: nothing is translated silently), `reword` those whose wording our own checks refuse (a person words them
    anew), `open` are claims without a conclusion. `settled`: three days have passed and nothing is open. `crisis_type`
    is None for a text that must fit every type. `gate_open`: counsel has released words of fault. `remedies` are
    approved ones. `script` is how the wording around all this is written when it is Chinese.
    """

    lang: str
    org: str
    audience: str
    crisis_type: CrisisType | None
    phase: DraftPhase
    at: datetime
    next_at: datetime
    number: int = 1
    injury: bool = False
    goods: bool = False
    settled: bool = False
    gate_open: bool = False
    known: tuple[str, ...] = ()
    other_known: tuple[NumberedClaim, ...] = ()
    reword: tuple[NumberedClaim, ...] = ()
    open: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    remedies: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    contacts: Contacts = field(default_factory=Contacts)
    script: Script = Script.HANS


def phase_at(hours: float) -> DraftPhase:
    """The phase of a case this many hours after the first public signal."""
    if hours <= 1:
        return DraftPhase.HOUR_1
    if hours <= 4:
        return DraftPhase.HOUR_4
    return DraftPhase.HOUR_24 if hours < 72 else DraftPhase.HOUR_72


def kind_for(audience: str, phase: DraftPhase) -> Kind:
    """The kind of text an audience gets in a phase."""
    return BY_AUDIENCE.get(audience, BY_PHASE[phase])


def next_update(at: datetime, phase: DraftPhase) -> datetime:
    """When we speak next: on the half hour, and never between 22:00 and 7:00 once the first day is over."""
    moment = at + _AGAIN[phase]
    moment += timedelta(minutes=-moment.minute % 30, seconds=-moment.second, microseconds=-moment.microsecond)
    if phase in (DraftPhase.HOUR_24, DraftPhase.HOUR_72):
        if moment.hour < 7:
            moment = moment.replace(hour=10, minute=0)
        elif moment.hour >= 22:
            moment = (moment + timedelta(days=1)).replace(hour=10, minute=0)
    return moment


def language_of(text: str) -> str:
    """`zh` when a text holds Chinese characters, else `en`."""
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"


def context_of(
    case: Case,
    *,
    audience: str,
    lang: str,
    crisis_type: CrisisType,
    seen: Seen,
    at: datetime,
    questions: Sequence[Question] = (),
    hours: float | None = None,
    phase: DraftPhase | None = None,
    contacts: Contacts | None = None,
    remedies: Sequence[str] = (),
    refused: Collection[int] = (),
    gate_open: bool = False,
    number: int = 1,
    script: Script = Script.HANS,
) -> DraftContext:
    """The context of one draft. `hours` is the age of the case (default: of its newest mention or fact).

    `refused` are numbers of facts whose wording may not stand in a statement, see `refused_claims`.
    """
    age = age_of(case) if hours is None else hours
    when = phase_at(age) if phase is None else phase
    known = [
        NumberedClaim(number=number, claim=fact.claim)
        for number, fact in enumerate(case.facts, 1)
        if fact.status is FactStatus.CONFIRMED
    ]
    still_open = [
        NumberedClaim(number=number, claim=fact.claim)
        for number, fact in enumerate(case.facts, 1)
        if fact.status in _OPEN
    ]
    return DraftContext(
        lang=lang,
        org=name_in(case, lang),
        audience=audience,
        crisis_type=crisis_type,
        phase=when,
        at=at,
        next_at=next_update(at, when),
        number=number,
        injury=seen.holds("casualties"),
        goods=seen.holds("sells_goods"),
        settled=when is DraftPhase.HOUR_72 and bool(case.facts) and not still_open,
        gate_open=gate_open,
        known=tuple(item.claim for item in known if language_of(item.claim) == lang and item.number not in refused),
        reword=tuple(item for item in known if language_of(item.claim) == lang and item.number in refused),
        other_known=tuple(item for item in known if language_of(item.claim) != lang),
        open=tuple(item.claim for item in still_open if language_of(item.claim) == lang and item.number not in refused),
        remedies=tuple(remedies),
        questions=tuple(questions),
        contacts=contacts or Contacts(),
        script=script,
    )


def refused_claims(case: Case, crisis_type: CrisisType, checks: CheckSet) -> frozenset[int]:
    """Numbers (from 1) of facts whose wording our own checks would refuse in a statement, even as a quotation.

    A claim is worded by whoever looked into it: "the supplier is to blame" may be true and still not be said so.
    """
    ledger = tuple(
        LedgerFact(id=f"F{number}", claim=fact.claim, status=fact.status) for number, fact in enumerate(case.facts, 1)
    )
    refused: set[int] = set()
    for lang in ("zh", "en"):
        lines: list[tuple[int, int, int]] = []
        text = ""
        for number, fact in enumerate(case.facts, 1):
            if fact.status in (FactStatus.CONFIRMED, *_OPEN) and language_of(fact.claim) == lang:
                # Open claims only ever stand in quotation marks.
                line = fact.claim if fact.status is FactStatus.CONFIRMED else f"“{fact.claim}”"
                lines.append((len(text), len(text) + len(line), number))
                text += f"{line}\n"
        if not text:
            continue
        draft = DraftText(id=case.id, lang=lang, text=text, crisis_type=crisis_type, facts=ledger, injury=True)
        # Claims in a row are no statement: what they lack says nothing, so their wordings alone are read.
        for finding in check(draft, replace(checks, likeness=None)).findings:
            if finding.severity is not Level.LOW and finding.end > finding.start:
                refused.update(number for start, end, number in lines if start < finding.end and finding.start < end)
    return frozenset(refused)


def age_of(case: Case) -> float:
    """Hours between the first public signal and the newest mention or fact of the case."""
    items: Iterable[float] = (*(mention.hours for mention in case.mentions), *(fact.hours for fact in case.facts))
    return max(items, default=0.0)


def script_of(case: Case, places: Iterable[str], scribe: Scribe) -> Script:
    """How the Chinese of a draft is written: as its places (codes of jurisdictions) read, else as the case is."""
    said = [fact.claim for fact in case.facts if language_of(fact.claim) == "zh"]
    heard = [mention.text for mention in case.mentions if language_of(mention.text) == "zh"]
    return scribe.for_readers(places, said or [case.org.name, *heard])


def name_in(case: Case, lang: str) -> str:
    """The name of the organisation in a language: its name, or the first alias written in that language."""
    return next((name for name in case.org.names if language_of(name) == lang), case.org.name)
