"""What a check reads: one text with the state of the case it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from crisis.core.case import FactStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerFact:
    """One claim of the fact ledger. Only `confirmed` carries a flat sentence in a text."""

    id: str
    claim: str
    status: FactStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherText:
    """A text of the same case for another audience, or one that is already out (`released`)."""

    audience: str
    lang: str
    text: str
    released: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question that this audience asks most. `answers` are words of which one must occur in the text."""

    id: str
    question: str
    answers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftText:
    """A draft statement and what is known while it is read.

    `hours` since the first public signal. `kind` is the kind of document ("" if not said): holding,
    substantive, update, correction, apology, recall, staff, dealer, regulator, family, hotline, qa,
    social, newsroom, closure. `fault_gate_open`: counsel has released an admission of fault.
    `claim_refuted`: the accusation was disproved with a document of a third party. `listed`: shares of the organisation
    are traded; `filed`: the exchange has been told what is material of this case.
    `promises` are the promises of the ledger, None when the caller keeps no ledger of promises.
    `due_hours` is when a text of this kind was due, None when no clock runs.
    `own_numbers` are telephone numbers of the organisation, which are never personal data.
    """

    id: str
    lang: str
    text: str
    audience: str = "public"
    crisis_type: str = ""
    injury: bool = False
    hours: float = 0.0
    facts: tuple[LedgerFact, ...] = ()
    kind: str = ""
    fault_gate_open: bool = False
    claim_refuted: bool = False
    cause_established: bool = False
    approved_remedies: tuple[str, ...] = ()
    listed: bool = False
    filed: bool = False
    promises: tuple[str, ...] | None = None
    other_texts: tuple[OtherText, ...] = ()
    questions: tuple[Question, ...] = ()
    own_numbers: tuple[str, ...] = ()
    due_hours: float | None = None

    @property
    def confirmed(self) -> tuple[LedgerFact, ...]:
        return tuple(fact for fact in self.facts if fact.status is FactStatus.CONFIRMED)

    @property
    def open(self) -> tuple[LedgerFact, ...]:
        """Facts that nobody may state flatly: unconfirmed or disputed."""
        return tuple(fact for fact in self.facts if fact.status in (FactStatus.UNCONFIRMED, FactStatus.DISPUTED))

    @property
    def is_settled(self) -> bool:
        """Three days have passed and nothing on the ledger is open: unknowns need not be named any more.

        Source: the reading rules for SC08 and SC45 of the check catalogue (72 hours, all facts confirmed).
        """
        return self.hours >= 72 and bool(self.facts) and not self.open
