"""How bad, toward whom, and why: the door of the risk rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitors.folding import Folded, fold
from monitors.risk.attribution import Group, Place, groups_of, mentions_of, shares
from monitors.risk.clauses import Clause, cut
from monitors.risk.events import Event, events_of
from monitors.risk.finding import finder_of
from monitors.risk.lexicon import Change, Harm, Lexicon

Span = tuple[int, int]

# How much of a second, third ... different word is added to the first: a text full of small words is
# not as bad as one strong word.
_ECHO = (1.0, 0.55, 0.4, 0.3, 0.2)
# How far good news in the same breath takes bad news back.
_RELIEF = 0.5
_LONGEST = 20_000  # characters that are judged; more than any news text, so that no input can take long
_MOST = 400  # words and names that are weighed, from the beginning; what follows only repeats
_OWN = (None, Harm.MARKET, Harm.LOSS)  # figures are about whom they belong to


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """A word that counts. `span` is in characters of the original text; `weight` 0..1 is what is left of it
    after `changes` (negated, denied ...)."""

    span: Span
    word: str
    kind: Harm
    weight: float
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Blame:
    """How bad the text is for one entity, 0..1, and the words that say so, heaviest first."""

    entity: str
    score: float
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Risk:
    """What a text threatens. `negative` 0..1 for the text as a whole; .5 is the point of decision, there and in
    each `Blame`. `blamed` holds one Blame for each entity asked about, in the order asked. `harms` are the kinds of
    harm that remain after negation, gravest first. `reasons` are in the order of the text."""

    negative: float
    blamed: tuple[Blame, ...] = ()
    reasons: tuple[Reason, ...] = ()
    harms: tuple[Harm, ...] = ()


def assess(text: str, entities: Sequence[str], lexicon: Lexicon, *, title_end: int | None = None) -> Risk:
    """How bad a text is, and toward which of the entities.

    `title_end` is the length of the title when a body follows: words of the title weigh more.
    Traditional and simplified Chinese, full and half width are the same. Spans are offsets of `text`.
    Of a text longer than 20,000 characters the beginning is judged.
    """
    folded = fold(text[:_LONGEST])
    found = finder_of(lexicon).find(folded.text)[: 3 * _MOST]
    names = [fold(entity).text for entity in entities]
    mentions = [
        mention
        for mention in mentions_of(folded.text, names)[:_MOST]
        # A name that is no more than a bad word, or a piece of one, is not a name here.
        if not any(
            hit.entry.term and hit.entry.term.kind and hit.start <= mention.start and mention.end <= hit.end
            for hit in found
        )
    ]
    clauses = cut(
        folded.text,
        cause=lexicon.cause,
        contrast=lexicon.contrast,
        against=lexicon.against,
        whole=[(hit.start, hit.end) for hit in found if hit.entry.masks],
    )
    starts = [clause.start for clause in clauses]
    events = [
        event
        for event in events_of(found, clauses, starts, title_end)[:_MOST]
        # A bad word inside a name is a name (Stampede Capital).
        if not any(mention.start <= event.start and event.end <= mention.end for mention in mentions)
    ]
    bad = [event for event in events if event.kind is not None]
    good = [event for event in events if event.kind is None]
    negative = _relieved(_mass(folded.text, [(event, 1.0) for event in bad]), _mass_good(good))
    groups = groups_of(folded.text, clauses, starts, mentions, lexicon) if mentions else []
    blamed = _blame(folded, entities, names, events, clauses, groups)
    # Good news of one does not make the bad news of another any better.
    negative = max([negative, *(blame.score for blame in blamed)])
    reasons = tuple(
        Reason(
            span=folded.span(event.start, event.until),
            word=text[slice(*folded.span(event.start, event.until))],
            kind=event.kind,
            weight=round(event.weight, 3),
            changes=event.changes,
        )
        for event in bad
        if event.kind is not None
    )
    kinds = {event.kind for event in bad if event.weight >= 0.4}
    return Risk(
        negative=min(1.0, round(negative, 4)),
        blamed=blamed,
        reasons=reasons,
        harms=tuple(harm for harm in Harm if harm in kinds),
    )


def _mass(folded: str, parts: list[tuple[Event, float]]) -> float:
    """The weight of several words together, 0..1. The same word twice counts once."""
    best: dict[str, float] = {}
    for event, share in parts:
        word = folded[event.start : event.until]
        weight = event.weight * share
        if weight > best.get(word, 0.0):
            best[word] = weight
    rest = 1.0
    for at, weight in enumerate(sorted(best.values(), reverse=True)[: len(_ECHO)]):
        rest *= 1.0 - weight * _ECHO[at]
    return 1.0 - rest


def _mass_good(good: list[Event]) -> float:
    rest = 1.0
    for at, weight in enumerate(sorted((event.weight for event in good), reverse=True)[: len(_ECHO)]):
        rest *= 1.0 - weight * _ECHO[at]
    return 1.0 - rest


def _relieved(bad: float, good: float) -> float:
    return bad * (1.0 - _RELIEF * good)


def _blame(
    folded: Folded,
    entities: Sequence[str],
    names: list[str],
    events: list[Event],
    clauses: list[Clause],
    groups: list[Group],
) -> tuple[Blame, ...]:
    bad: dict[str, list[tuple[Event, float]]] = {name: [] for name in names}
    good: dict[str, list[tuple[Event, float]]] = {name: [] for name in names}
    for event in events:
        if event.weight <= 0.0:
            continue
        side = good if event.kind is None else bad
        place = Place(
            event.start, event.end, event.clause, event.hits, own=event.kind in _OWN, result=event.kind is Harm.LOSS
        )
        for group, share in shares(place, folded.text, clauses, groups):
            if group.generic:
                continue
            for mention in group.mentions:
                side[mention.name].append((event, share))
    result = []
    for entity, name in zip(entities, names, strict=True):
        score = _relieved(_mass(folded.text, bad[name]), _mass(folded.text, good[name]))
        heavy = sorted(bad[name], key=lambda part: -part[0].weight * part[1])
        spans = tuple(
            dict.fromkeys(
                folded.span(event.start, event.until) for event, share in heavy if event.weight * share >= 0.1
            )
        )
        result.append(Blame(entity=entity, score=round(score, 4), spans=spans))
    return tuple(result)
