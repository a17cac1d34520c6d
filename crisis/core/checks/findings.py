"""What a check says: a finding with its place, reason and a fix, and the report of one text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crisis.core.text import Text


class Level(StrEnum):
    """How grave a finding is. `block`: the text cannot be approved while it stands."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    BLOCK = "block"


class Principle(StrEnum):
    CANDOR = "candor"
    SPEED = "speed"
    PROACTIVITY = "proactivity"
    COMPLETENESS = "completeness"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fix:
    """What to do about a finding.

    `replacement` goes in the place of text[start:end]: "" deletes, start == end inserts. None when only
    a person can say what belongs there. A replacement may hold [brackets] that a person fills.
    """

    note: Text
    replacement: str | None
    start: int
    end: int

    def apply(self, text: str) -> str:
        """The text with this fix in it; the text itself when there is nothing to apply."""
        if self.replacement is None:
            return text
        return text[: self.start] + self.replacement + text[self.end :]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One rule that a text breaks. text[start:end] shows it; start == end == 0 when something is missing.

    `guess`: the wordings alone would not say so, only what the text reads like; it is shown as one and never blocks.
    `alike`: labelled sentences that the guess rests on, most telling first.
    """

    check: str
    principle: Principle
    severity: Level
    start: int
    end: int
    message: Text
    fix: Fix | None
    guess: bool = False
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreRow:
    """One line of an explained sum: what a check took from 100. `guess`: the smaller share of a guess."""

    check: str
    points: int
    because: Text
    guess: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PrincipleScore:
    """0 to 100 = 100 less the rows, never below 0. `passed` of `total` active checks had no finding."""

    principle: Principle
    score: int
    rows: tuple[ScoreRow, ...]
    passed: int
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckReport:
    """All findings of a text, gravest first, guesses last, and the four scores. `blocked` when one of them blocks."""

    id: str
    findings: tuple[Finding, ...]
    blocked: bool
    principles: tuple[PrincipleScore, ...]

    def score(self, principle: Principle) -> PrincipleScore:
        return next(score for score in self.principles if score.principle is principle)
