"""Which crisis this is: type, kind of credit, severity, how sure we are, and because of which words.

    case -> sightings -> rows of points (one per sighting and type) -> sums -> primary, secondary, confidence

The sums are nothing but the rows: `scores[t]` is the sum of the points of the rows with type t, so every
judgement can be opened down to the characters it came from. The points of a concept are reviewed content
(playbooks/classifier/), fitted by `make fit`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crisis.core.case import Case, CreditKind, CrisisType, Severity
from crisis.core.classify.rules import Concept, Rules, Where
from crisis.core.classify.sightings import Sighting, sightings
from crisis.core.text import Lang, Text

# Saying the same thing again adds half as much each time: ten copies of a report are one report.
AGAIN = 0.5
# A further type is named when it is a close rival, or when it often comes with the first (a credit crisis
# seldom without media) and the case speaks for it too. The odds and the share of the gap were set on the
# development cases: naming by probability alone finds half as many of the readers' second types.
RIVAL = 0.3
COMPANION_ODDS = -1.0
GAP_SHARE = 0.2
GAP_FREE = 5.0
MOST_SECONDARY = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Points that one sighting gives to one type. Negative points speak against it.

    `feature` is the id of the concept. `mention` or `fact` is an index into the case; `span` are the
    characters in `CaseMention.text` or in the claim of the fact.
    """

    type: CrisisType
    points: float
    because: Text
    feature: str
    mention: int | None = None
    fact: int | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SeverityRow:
    """Points that one sighting gives toward "severe"; negative points toward "minor".

    `feature` is the id of a concept, or a crisis type: some types are rarely small.
    """

    points: float
    because: Text
    feature: str
    mention: int | None = None
    fact: int | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Classification:
    """The judgement about one case.

    `scores` are sums of points per type, `probabilities` the same as shares of 1, `confidence` the
    probability of the primary type. `credit_kind` is named when credit is the primary or a secondary
    type. `rules_version` is the version of the weights.
    """

    primary: CrisisType
    secondary: tuple[CrisisType, ...]
    credit_kind: CreditKind | None
    scores: Mapping[CrisisType, float]
    probabilities: Mapping[CrisisType, float]
    confidence: float
    severity: Severity
    evidence: tuple[Evidence, ...]
    severity_evidence: tuple[SeverityRow, ...]
    next_fact: Text
    rules_version: int


def strengths(found: Iterable[Sighting]) -> list[tuple[Sighting, float]]:
    """Each sighting with what it still adds: the strongest of a concept counts fully, each further one half."""
    by_concept: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in found:
        by_concept[sighting.concept].append(sighting)
    return [
        (sighting, sighting.strength * AGAIN**place)
        for group in by_concept.values()
        for place, sighting in enumerate(sorted(group, key=lambda item: -item.strength))
    ]


def totals(found: Iterable[Sighting]) -> dict[str, float]:
    """Concept -> how much of it the case says, 0 or more. What the weights are fitted on."""
    sums: dict[str, float] = defaultdict(float)
    for sighting, strength in strengths(found):
        sums[sighting.concept] += strength
    return dict(sums)


def classify(case: Case, rules: Rules) -> Classification:
    """The judgement about a case from its mentions and facts. Works with a single mention and with none."""
    seen = strengths(sightings(case, rules))
    rows = tuple(sorted(_rows(case, seen, rules), key=lambda row: -abs(row.points)))
    scores = {kind: round(sum((row.points for row in rows if row.type is kind), 0.0), 3) for kind in CrisisType}
    probabilities = shares(scores, rules.weights.temperature(len(case.mentions)))
    # With equal scores the order of the types decides: an accident of unknown cause starts as linear.
    ranked = sorted(CrisisType, key=lambda kind: -scores[kind])
    primary, confidence = ranked[0], probabilities[ranked[0]]
    secondary = tuple(
        kind
        for kind in ranked[1:]
        if probabilities[kind] >= RIVAL or accompanies(kind, primary, scores[kind] - scores[primary], rules)
    )[:MOST_SECONDARY]
    severity, severity_rows = severity_of(case, seen, probabilities, rules)
    return Classification(
        primary=primary,
        secondary=secondary,
        credit_kind=_kind(seen, rules) if CrisisType.CREDIT in (primary, *secondary) else None,
        scores=scores,
        probabilities=probabilities,
        confidence=confidence,
        severity=severity,
        evidence=rows,
        severity_evidence=severity_rows,
        next_fact=next_fact(primary, ranked[1], rules),
        rules_version=rules.weights.version,
    )


def accompanies(kind: CrisisType, primary: CrisisType, gap: float, rules: Rules) -> bool:
    """Does a type come with the primary one here? `gap`: how far its sum lies below, 0 or less."""
    share = rules.weights.companions.get(primary, {}).get(kind, 0.0)
    if not 0 < share < 1:
        return False
    return math.log(share / (1 - share)) + GAP_SHARE * (gap + GAP_FREE) > COMPANION_ODDS


def shares(scores: Mapping[CrisisType, float], temperature: float) -> dict[CrisisType, float]:
    """Probabilities from sums of points; they add up to 1."""
    top = max(scores.values())
    raw = {kind: math.exp((score - top) / temperature) for kind, score in scores.items()}
    whole = sum(raw.values())
    return {kind: round(value / whole, 4) for kind, value in raw.items()}


def severity_of(
    case: Case, seen: Iterable[tuple[Sighting, float]], probabilities: Mapping[CrisisType, float], rules: Rules
) -> tuple[Severity, tuple[SeverityRow, ...]]:
    """How bad, and why. The sum of the rows is compared with two fitted borders."""
    weights = rules.weights
    rows = [
        SeverityRow(
            points=round(weights.severity[sighting.concept] * strength, 3),
            because=because(case, rules.by_id[sighting.concept], sighting),
            feature=sighting.concept,
            mention=sighting.mention,
            fact=sighting.fact,
            span=sighting.span,
        )
        for sighting, strength in seen
        if weights.severity.get(sighting.concept)
    ]
    rows.extend(
        SeverityRow(points=round(points * probabilities[kind], 3), because=rules.words.types[kind], feature=str(kind))
        for kind, points in weights.severity_of_type.items()
    )
    total = sum(row.points for row in rows)
    minor_below, severe_from = weights.severity_borders(len(case.mentions))
    level = Severity.MINOR if total < minor_below else Severity.SEVERE if total >= severe_from else Severity.MODERATE
    return level, tuple(sorted(rows, key=lambda row: -abs(row.points)))


def because(case: Case, concept: Concept, sighting: Sighting) -> Text:
    """What was seen and in which words, in both languages."""
    if sighting.like is not None:
        return Text(zh=f"{concept.name.zh}：{sighting.like.zh}", en=f"{concept.name.en}: {sighting.like.en}")
    words = ""
    if concept.where is Where.OUTLET and sighting.mention is not None:
        words = case.mentions[sighting.mention].outlet
    elif sighting.span is not None and (not concept.dynamic or concept.dynamic.startswith("amount_")):
        start, end = sighting.span
        text = case.facts[sighting.fact].claim if sighting.fact is not None else ""
        text = case.mentions[sighting.mention].text if sighting.mention is not None else text
        words = text[start:end]
    if not words:
        return concept.name
    return Text(zh=f"{concept.name.zh}：“{words}”", en=f"{concept.name.en}: “{words}”")


def next_fact(first: CrisisType, second: CrisisType, rules: Rules) -> Text:
    """The fact that would decide between the two most probable types."""
    for question in rules.questions:
        if set(question.between) == {first, second}:
            return question.ask
    return Text(zh="", en="")


def language_of(case: Case) -> Lang:
    """The language in which to speak about a case: its own, else the one that most mentions are in."""
    if case.language in (Lang.ZH, Lang.EN):
        return Lang(case.language)
    chinese = sum(1 for mention in case.mentions if mention.lang.startswith(Lang.ZH))
    return Lang.ZH if chinese * 2 >= len(case.mentions) else Lang.EN


def _rows(case: Case, seen: Iterable[tuple[Sighting, float]], rules: Rules) -> Iterable[Evidence]:
    for sighting, strength in seen:
        points = rules.weights.types.get(sighting.concept)
        if not points:
            continue
        why = because(case, rules.by_id[sighting.concept], sighting)
        for kind, weight in points.items():
            yield Evidence(
                type=kind,
                points=round(weight * strength, 3),
                because=why,
                feature=sighting.concept,
                mention=sighting.mention,
                fact=sighting.fact,
                span=sighting.span,
            )


def _kind(seen: Iterable[tuple[Sighting, float]], rules: Rules) -> CreditKind:
    sums = dict.fromkeys(CreditKind, 0.0)
    for sighting, strength in seen:
        for kind, weight in rules.weights.kinds.get(sighting.concept, {}).items():
            sums[kind] += weight * strength
    return max(sums, key=lambda kind: sums[kind])
