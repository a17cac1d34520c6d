"""What a text reads like: a second opinion beside the wordings of a check.

A wording finds what its author thought of. Here every sentence is compared with sentences that people have labelled:
how much it reads like those that commit a fault, or carry a required element, is a number (about -1: not at all, 1: as
the plainest of them). The number, the wordings that were found and what the text lacks are then added up, and the sum
says how probable it is that a reader would object. All of it lies in playbooks/likeness/; `make fit-checks` fits it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

# What a sentence scores that cannot count: quoted, borne out by the ledger, or not there at all.
NOTHING = -1.5
_MOST_HITS, _MOST_LACKING, _MOST_OTHERS = 2, 6, 6


class Reader(Protocol):
    """Compares sentences with labelled ones."""

    def __call__(self, sentences: Sequence[str]) -> Sequence[Mapping[str, float]]:
        """For each folded sentence and each check how much it reads like it: about -1 (not at all) to 1."""
        ...

    def prepare(self) -> None:
        """Loads what reading needs, so that no later call waits for it. About a second, nothing when it is loaded."""
        ...

    def alike(self, sentence: str, check: str, lang: str) -> tuple[str, ...]:
        """The labelled sentences that speak most for it, at most two, in the language `lang` where there are any."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Signs:
    """What speaks for one check in one text.

    first, second      the two highest scores of its sentences
    patterns .. faint  wordings found, by tier (see Check); for a required element `patterns` is 1 when no wording of it
                       was found, and `first` how much a sentence reads like the element
    lacking            required elements of which no wording was found
    tone               how much the text reads like the other faults together
    others             other checks with a sure wording
    """

    first: float
    second: float
    patterns: int = 0
    unproven: int = 0
    broad: int = 0
    faint: int = 0
    lacking: int = 0
    tone: float = 0.0
    others: int = 0
    english: bool = False

    def amounts(self) -> dict[str, float]:
        """The signs as amounts that points are given for, each about 0 to 2."""
        lacking = min(self.lacking, _MOST_LACKING) / _MOST_LACKING
        broad, faint = min(self.broad, _MOST_HITS), min(self.faint, _MOST_HITS)
        return {
            "first": self.first,
            "second": self.second,
            "patterns": float(min(self.patterns, _MOST_HITS)),
            "unproven": float(min(self.unproven, _MOST_HITS)),
            "broad": float(broad),
            "faint": float(faint),
            "lacking": lacking,
            "tone": self.tone,
            "others": min(self.others, _MOST_OTHERS) / _MOST_OTHERS,
            "first_lacking": self.first * lacking,
            "broad_lacking": broad * lacking,
            "faint_lacking": faint * lacking,
            "english": float(self.english),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Points:
    """Points of a sum: for each sign, and for each check before anything is known of a text.

    `own`: points that a check adds to those of `first`: some faults are told by a sentence alone, others are not.
    `gate`: from this share (0 to 1) on there is a finding; what lies below even odds is a hint.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    gate: float
    signs: dict[str, float]
    checks: dict[str, float]
    own: dict[str, float] = field(default_factory=dict)

    def share(self, check: str, signs: Signs) -> float:
        """How probable it is (0 to 1) that a reader would object under this check."""
        total = self.checks[check] + self.own.get(check, 0.0) * signs.first
        total += sum(self.signs.get(name, 0.0) * amount for name, amount in signs.amounts().items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """The second opinion ready to use.

    `least`: a text of fewer sentences is left to the wordings. The points were learnt from whole statements, and what
    a single sentence lacks says nothing of what it reads like.

    `forbidden` speaks of faults, `required` of elements that are missing. A check that neither knows (an
    organisation's own) is decided by its wordings alone.
    """

    reads: Reader
    forbidden: Points
    required: Points
    least: int = 4


def tone_of(scores: Mapping[str, float]) -> float:
    """How much a text reads like faults altogether, from its highest score per check."""
    return sum(max(0.0, score + 0.6) for score in scores.values())
