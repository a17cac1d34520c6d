"""The words that tell risk, as values. `monitors.risk.finding` finds them in a text.

A `Term` is a word that speaks for bad (or good) news. A `Cue` changes a term near it: negated, denied,
conditional. A mask is a longer expression that holds a bad word and means no harm (反欺诈, "stop loss").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from monitors.folding import fold


class Harm(StrEnum):
    """Kinds of harm, people first: the order is the order of gravity."""

    DEATH = "death"
    INJURY = "injury"
    SAFETY = "safety"
    ENVIRONMENT = "environment"
    FRAUD = "fraud"
    DEFAULT = "default"
    LEGAL = "legal"
    REGULATOR = "regulator"
    DATA = "data"
    SCANDAL = "scandal"
    PROTEST = "protest"
    BOYCOTT = "boycott"
    OUTAGE = "outage"
    LABOUR = "labour"
    COMPLAINT = "complaint"
    GOVERNANCE = "governance"
    LOSS = "loss"
    RATING = "rating"
    MARKET = "market"


class Hits(StrEnum):
    """Whom a term hurts: who does it, to whom it is done, or whoever stands in its clause."""

    SUBJECT = "subject"
    OBJECT = "object"
    ANY = "any"


class Move(StrEnum):
    """The direction of a movement, which turns round when what moves is itself bad."""

    DOWN = "down"
    UP = "up"


class Change(StrEnum):
    """What a cue does to a term."""

    NEGATED = "negated"
    DENIED = "denied"
    CONDITIONAL = "conditional"
    QUOTED = "quoted"
    PAST = "past"
    PREVENTED = "prevented"
    RELIEVED = "relieved"
    GENERAL = "general"  # said of others or of a whole trade, not of anybody named


class Side(StrEnum):
    """Where a cue stands, seen from the term."""

    BEFORE = "before"
    AFTER = "after"
    BOTH = "both"


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """A word and what it says. `kind` is None for good news. `weight` is 0..1: how sure one may be of it.

    `head` terms count only at the very beginning of a text ("Sell X with a target of ...").
    """

    text: str
    kind: Harm | None
    weight: float
    hits: Hits = Hits.SUBJECT
    move: Move | None = None
    head: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Two words that say something together (`cuts ... jobs`, `下调 ... 评级`), at most `within` characters apart and
    in one clause. `says.text` is only its name: the place of the event is the opening word."""

    opens: tuple[str, ...]
    closes: tuple[str, ...]
    within: int
    says: Term


@dataclass(frozen=True, kw_only=True, slots=True)
class Cue:
    """A word that changes terms. It stands at most `reach` characters away; `factor` of the weight is left."""

    text: str
    change: Change
    side: Side
    reach: int
    factor: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Lexicon:
    """The words of all languages together.

    `generic` are common nouns that can be asked about but never blamed. `authorities` report, rate and
    punish others. `reversed` is what is good when it falls (losses, bad loans).

    Words beside a name: `object_before` makes it the one to whom something is done, `passive_after` too;
    `speech` stands after who speaks, `speech_before` before; `bystander_before` and `bystander_after` mark
    who is near the harm and not part of it (impersonated, custodian); `same` stands between two names of
    the same one (以下简称).

    `cause`, `contrast` and `against` begin a part of a sentence in spaced scripts.
    """

    terms: tuple[Term, ...] = ()
    gaps: tuple[Gap, ...] = ()
    cues: tuple[Cue, ...] = ()
    masks: tuple[str, ...] = ()
    reversed: tuple[str, ...] = ()
    generic: frozenset[str] = field(default_factory=frozenset)
    authorities: frozenset[str] = field(default_factory=frozenset)
    authority_suffixes: tuple[str, ...] = ()
    object_before: tuple[str, ...] = ()
    passive_after: tuple[str, ...] = ()
    speech: tuple[str, ...] = ()
    speech_before: tuple[str, ...] = ()
    bystander_before: tuple[str, ...] = ()
    bystander_after: tuple[str, ...] = ()
    same: frozenset[str] = field(default_factory=frozenset)
    cause: tuple[str, ...] = ()
    contrast: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # What is compared with folded text is folded once; terms, cues and masks are when the finder is built.
        for name in ("generic", "authorities", "same"):
            object.__setattr__(self, name, frozenset(fold(word).text for word in getattr(self, name)))
        for name in (
            *("authority_suffixes", "object_before", "passive_after", "speech", "speech_before"),
            *("bystander_before", "bystander_after"),
            *("cause", "contrast", "against"),
        ):
            object.__setattr__(self, name, tuple(fold(word).text for word in getattr(self, name)))

    def is_authority(self, folded_name: str) -> bool:
        """Does this name stand for somebody who reports, rates, rules or punishes?"""
        return folded_name in self.authorities or (
            len(folded_name) > 3 and folded_name.endswith(self.authority_suffixes)
        )
