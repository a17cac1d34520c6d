"""What changed the mind of the classifier, and what officers said about similar cases before.

An officer may overrule a classification with a reason. The correction is kept with the concepts that the
case showed, so that it comes up again beside a case that shows the same ones.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crisis.core.case import CrisisType, Severity
from crisis.core.classify.classification import Classification, Evidence
from crisis.core.text import Text

# Below this likeness a former case is not shown: it would only distract.
LIKE_ENOUGH = 0.35


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """A concept whose weight in the case changed. `toward` are the points it moved the lead of the new primary
    type over the old one (over the second one, when the type stayed)."""

    feature: str
    because: Text
    toward: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What is different between two judgements of one case. `shifts`: largest first."""

    before: CrisisType
    after: CrisisType
    confidence_before: float
    confidence_after: float
    severity_before: Severity
    severity_after: Severity
    shifts: tuple[Shift, ...]

    @property
    def changed(self) -> bool:
        """Is it another type now, so that the lead must confirm the playbook again?"""
        return self.before is not self.after


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """An officer's word against the classifier. `fingerprint`: what the case showed, see `fingerprint`."""

    case_id: str
    said: CrisisType
    corrected: CrisisType
    reason: str
    fingerprint: Mapping[str, float]


def differences(before: Classification, after: Classification) -> Difference:
    """What changed its mind between two judgements of the same case, as more became known."""
    rival = before.primary
    if rival is after.primary:
        rival = max(
            (kind for kind in CrisisType if kind is not after.primary), key=lambda kind: after.scores.get(kind, 0.0)
        )
    leads: dict[str, float] = defaultdict(float)
    texts: dict[str, Text] = {}
    for sign, judgement in ((-1.0, before), (1.0, after)):
        for row in judgement.evidence:
            if row.type in (after.primary, rival):
                leads[row.feature] += sign * (row.points if row.type is after.primary else -row.points)
            texts[row.feature] = row.because
    shifts = tuple(
        Shift(feature=feature, because=texts[feature], toward=round(points, 3))
        for feature, points in sorted(leads.items(), key=lambda item: -abs(item[1]))
        if abs(points) >= 0.05
    )
    return Difference(
        before=before.primary,
        after=after.primary,
        confidence_before=before.confidence,
        confidence_after=after.confidence,
        severity_before=before.severity,
        severity_after=after.severity,
        shifts=shifts,
    )


def fingerprint(evidence: Iterable[Evidence]) -> dict[str, float]:
    """Concept -> the largest points it gave to any type: small enough to keep beside a correction."""
    marks: dict[str, float] = defaultdict(float)
    for row in evidence:
        marks[row.feature] = max(marks[row.feature], abs(row.points))
    return dict(marks)


def likeness(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """How alike two cases are by what they show, 0 (nothing in common) to 1 (the same)."""
    dot = sum(value * second.get(feature, 0.0) for feature, value in first.items())
    norms = math.sqrt(sum(value**2 for value in first.values()) * sum(value**2 for value in second.values()))
    return dot / norms if norms else 0.0


def corrections_like(
    evidence: Iterable[Evidence], corrections: Iterable[Correction], *, most: int = 3
) -> tuple[tuple[Correction, float], ...]:
    """Former corrections of cases that showed what this one shows, the most alike first, each with its likeness."""
    mark = fingerprint(evidence)
    scored = [(correction, round(likeness(mark, correction.fingerprint), 3)) for correction in corrections]
    near = [pair for pair in scored if pair[1] >= LIKE_ENOUGH]
    return tuple(sorted(near, key=lambda pair: -pair[1])[:most])
