"""How bad, toward whom, and why: the door of the risk rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitors.folding import Folded, fold
from monitors.risk.attribution import Group, Place, groups_of, mentions_of, shares
from monitors.risk.clauses import Clause, cut, index_of
from monitors.risk.lexicon import Change, Cue, Found, Harm, Hits, Lexicon, Move, Side, Term

Span = tuple[int, int]

# How much of a second, third ... different word is added to the first: a text full of small words is
# not as bad as one strong word.
_ECHO = (1.0, 0.55, 0.4, 0.3, 0.2)
# How far good news in the same breath takes bad news back.
_RELIEF = 0.45
_IN_BODY = 0.95  # a word in the body of an article against the same word in its title
_FALLEN = 0.3  # what is left of a bad thing that declines ("bad loans fall")
_TURNED = 0.6  # weight of an up-word whose subject is bad when it rises ("bad loans rise")
_OF_SENTENCE = (Change.DENIED, Change.CONDITIONAL, Change.QUOTED, Change.PAST)
_SENTENCE_REACH = 40  # cues that reach as far as this look beyond their clause
_OWN = (None, Harm.MARKET, Harm.LOSS)  # figures are about whom they belong to
_REACH_OF_REVERSED = 34  # characters between "bad loans" and "rise"


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


@dataclass(frozen=True, slots=True)
class _Event:
    start: int
    end: int
    clause: int
    kind: Harm | None
    weight: float
    hits: Hits
    changes: tuple[Change, ...]


def assess(text: str, entities: Sequence[str], lexicon: Lexicon, *, title_end: int | None = None) -> Risk:
    """How bad a text is, and toward which of the entities.

    `title_end` is the length of the title when a body follows: words of the title weigh more.
    Traditional and simplified Chinese, full and half width are the same. Spans are offsets of `text`.
    """
    folded = fold(text)
    found = lexicon.find(folded.text)
    mentions = mentions_of(folded.text, entities)
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
        for event in _events(found, clauses, starts, title_end)
        # A bad word inside a name is a name (Stampede Capital).
        if not any(mention.start <= event.start and event.end <= mention.end for mention in mentions)
    ]
    bad = [event for event in events if event.kind is not None]
    good = [event for event in events if event.kind is None]
    negative = _relieved(_mass(folded.text, [(event, 1.0) for event in bad]), _mass_good(good))
    names = [fold(entity).text for entity in entities]
    groups = groups_of(folded.text, clauses, starts, mentions, names, lexicon) if mentions else []
    blamed = _blame(folded, entities, events, clauses, groups)
    # Good news of one does not make the bad news of another any better.
    negative = max([negative, *(blame.score for blame in blamed)])
    reasons = tuple(
        Reason(
            span=folded.span(event.start, event.end),
            word=text[slice(*folded.span(event.start, event.end))],
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


def _events(found: list[Found], clauses: list[Clause], starts: list[int], title_end: int | None) -> list[_Event]:
    """The terms of a text, each with what its surroundings leave of it."""
    cues = [(hit, cue) for hit in found for cue in hit.entry.cues]
    turned = [hit for hit in found if hit.entry.reversed]
    events = []
    for hit in found:
        term = hit.entry.term
        if term is None or (term.head and hit.start > 1):
            continue
        clause = index_of(starts, hit.start)
        kind, weight = _turn(term, hit, turned, clauses[clause])
        changes: dict[Change, float] = {}
        for other, cue in cues:
            if other is not hit and _acts(cue, other, hit, clause, clauses, starts):
                changes[cue.change] = min(changes.get(cue.change, 1.0), cue.factor)
        if hit.entry.reversed and _falls_after(hit, found, clauses[clause]):
            changes.setdefault(Change.RELIEVED, _FALLEN)
        for factor in changes.values():
            weight *= factor
        if title_end is not None and hit.start >= title_end:
            weight *= _IN_BODY
        events.append(_Event(hit.start, hit.end, clause, kind, weight, term.hits, tuple(changes)))
    return events


def _turn(term: Term, hit: Found, turned: list[Found], clause: Clause) -> tuple[Harm | None, float]:
    """Kind and weight of a term; a movement of something bad counts the other way round."""
    if term.move is not None:
        for noun in turned:  # "lower costs", "losses fall"
            before = 0 <= hit.start - noun.end <= _REACH_OF_REVERSED and noun.start >= clause.start
            behind = 0 <= noun.start - hit.end <= 16 and noun.end <= clause.end
            if before or behind:
                return (None, term.weight) if term.move is Move.DOWN else (Harm.LOSS, _TURNED)
    return term.kind, term.weight


def _falls_after(hit: Found, found: list[Found], clause: Clause) -> bool:
    """Is this bad thing followed by its own decline ("bad loans fall")?"""
    return any(
        other.entry.term is not None
        and other.entry.term.move is Move.DOWN
        and 0 <= other.start - hit.end <= _REACH_OF_REVERSED
        and other.end <= clause.end
        for other in found
    )


def _acts(cue: Cue, at: Found, hit: Found, clause: int, clauses: list[Clause], starts: list[int]) -> bool:
    if at.end <= hit.start:
        if cue.side is Side.AFTER or hit.start - at.end > cue.reach:
            return False
    elif cue.side is Side.BEFORE or at.start - hit.end > cue.reach:
        return False
    there = index_of(starts, at.start)
    if cue.reach >= _SENTENCE_REACH or cue.change in _OF_SENTENCE:
        return clauses[there].sentence == clauses[clause].sentence
    return there == clause or (at.end <= hit.start and there == clause - 1 and at.end == clauses[clause].start)


def _mass(folded: str, parts: list[tuple[_Event, float]]) -> float:
    """The weight of several words together, 0..1. The same word twice counts once."""
    best: dict[str, float] = {}
    for event, share in parts:
        word = folded[event.start : event.end]
        weight = event.weight * share
        if weight > best.get(word, 0.0):
            best[word] = weight
    rest = 1.0
    for at, weight in enumerate(sorted(best.values(), reverse=True)[: len(_ECHO)]):
        rest *= 1.0 - weight * _ECHO[at]
    return 1.0 - rest


def _mass_good(good: list[_Event]) -> float:
    rest = 1.0
    for at, weight in enumerate(sorted((event.weight for event in good), reverse=True)[: len(_ECHO)]):
        rest *= 1.0 - weight * _ECHO[at]
    return 1.0 - rest


def _relieved(bad: float, good: float) -> float:
    return bad * (1.0 - _RELIEF * good)


def _blame(
    folded: Folded, entities: Sequence[str], events: list[_Event], clauses: list[Clause], groups: list[Group]
) -> tuple[Blame, ...]:
    bad: list[list[tuple[_Event, float]]] = [[] for _ in entities]
    good: list[list[tuple[_Event, float]]] = [[] for _ in entities]
    for event in events:
        if event.weight <= 0.0:
            continue
        side = good if event.kind is None else bad
        place = Place(event.start, event.end, event.clause, event.hits, own=event.kind in _OWN)
        for group, share in shares(place, folded.text, clauses, groups):
            if group.generic:
                continue
            for mention in group.mentions:
                side[mention.entity].append((event, share))
    result = []
    for at, entity in enumerate(entities):
        score = _relieved(_mass(folded.text, bad[at]), _mass(folded.text, good[at]))
        heavy = sorted(bad[at], key=lambda part: -part[0].weight * part[1])
        spans = tuple(
            dict.fromkeys(folded.span(event.start, event.end) for event, share in heavy if event.weight * share >= 0.1)
        )
        result.append(Blame(entity=entity, score=round(score, 4), spans=spans))
    return tuple(result)
