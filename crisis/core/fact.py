"""Facts: what is known, from whom, as of when; what is only claimed; what is withheld."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crisis.core.case import FactStatus
from crisis.errors import Invalid, WrongState


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One claim of the ledger. `number` counts within the incident (F1, F2 ...).

    `claim_zh` and `claim_en` say the same thing; at least one is filled. `asking` names who is finding out
    while the fact is not confirmed. `superseded_by` is the number of the fact that replaced it.
    """

    id: int = 0
    incident_id: int
    number: int
    claim_zh: str = ""
    claim_en: str = ""
    source: str
    as_of: datetime
    status: FactStatus = FactStatus.UNCONFIRMED
    asking: str = ""
    is_cause: bool = False
    added_by: int
    added_at: datetime
    decided_by: int | None = None
    decided_at: datetime | None = None
    note: str = ""
    superseded_by: int | None = None
    version: int = 1

    def claim(self, lang: str) -> str:
        """The claim in a language, or in the other when it was not written in this one."""
        return (self.claim_en or self.claim_zh) if lang == "en" else (self.claim_zh or self.claim_en)


_NEXT: dict[FactStatus, frozenset[FactStatus]] = {
    FactStatus.UNCONFIRMED: frozenset({FactStatus.CONFIRMED, FactStatus.DISPUTED, FactStatus.WITHHELD}),
    FactStatus.DISPUTED: frozenset({FactStatus.CONFIRMED, FactStatus.UNCONFIRMED, FactStatus.WITHHELD}),
    FactStatus.CONFIRMED: frozenset({FactStatus.DISPUTED, FactStatus.WITHHELD, FactStatus.UNCONFIRMED}),
    FactStatus.WITHHELD: frozenset({FactStatus.CONFIRMED, FactStatus.UNCONFIRMED, FactStatus.DISPUTED}),
    FactStatus.SUPERSEDED: frozenset(),
}


def checked(fact: Fact) -> Fact:
    """The new fact, or Invalid: a claim, a source and a time are needed. Superseded it can only become."""
    if not (fact.claim_zh.strip() or fact.claim_en.strip()):
        raise Invalid("claim", "claim_missing")
    if not fact.source.strip():
        raise Invalid("source", "fact_source_missing")
    if fact.status is FactStatus.SUPERSEDED:
        raise Invalid("status", "choice_wrong")
    return fact


# What is known of the case is as of its own days. Older facts are there (a batch, a certificate), but more often
# somebody has typed last year: asked once, not refused.
LONG_BEFORE = timedelta(days=7)


def timed(fact: Fact, *, began_at: datetime, now: datetime, sure: bool) -> Fact:
    """The new fact, or Invalid: nobody knows anything as of a time that is still to come, and a time long before the
    first signal of the incident must be meant (`sure`)."""
    if fact.as_of > now:
        raise Invalid("as_of", "fact_in_future")
    if fact.as_of < began_at - LONG_BEFORE and not sure:
        raise Invalid("as_of", "fact_long_past", days=LONG_BEFORE.days)
    return fact


def judged(fact: Fact, status: FactStatus, *, by: int, note: str, at: datetime) -> Fact:
    """The fact with a new status. Everything but a confirmation needs a reason."""
    if status not in _NEXT[fact.status]:
        raise WrongState("fact cannot change so", fact=fact.number, was=str(fact.status), to=str(status))
    if status is not FactStatus.CONFIRMED and not note.strip():
        raise Invalid("note", "reason_missing")
    return replace(fact, status=status, decided_by=by, decided_at=at, note=note.strip())


def superseded(fact: Fact, *, by_number: int, by: int, at: datetime) -> Fact:
    """The fact as replaced by a newer one; it stays in the ledger, struck through."""
    if fact.status is FactStatus.SUPERSEDED:
        raise WrongState("fact is superseded", fact=fact.number)
    return replace(fact, status=FactStatus.SUPERSEDED, superseded_by=by_number, decided_by=by, decided_at=at)
