"""Terms with what their surroundings leave of them: negated, denied, turned round by what moves."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from monitors.risk.clauses import Clause, index_of
from monitors.risk.finding import Found
from monitors.risk.lexicon import Change, Cue, Harm, Hits, Move, Side, Term

_IN_BODY = 0.95  # a word in the body of an article against the same word in its title
_FALLEN = 0.3  # what is left of a bad thing that declines ("bad loans fall")
_TURNED = 0.6  # weight of an up-word whose subject is bad when it rises ("bad loans rise")
_TO_MOVE = 34  # characters at most between "bad loans" and "rise"
_TO_NOUN = 16  # characters at most between "lower" and "costs"
_OF_SENTENCE = (Change.DENIED, Change.CONDITIONAL, Change.QUOTED, Change.PAST)
_SENTENCE_REACH = 40  # cues that reach as far as this look beyond their clause
_FARTHEST = 240  # no cue reaches farther; the window in which cues are looked for


@dataclass(frozen=True, slots=True)
class Event:
    """A term at a place. `kind` is None for good news; `weight` is what is left after `changes`.

    `until` is the end of what a reader should see marked.
    """

    start: int
    end: int
    until: int
    clause: int
    kind: Harm | None
    weight: float
    hits: Hits
    changes: tuple[Change, ...]


def events_of(found: list[Found], clauses: list[Clause], starts: list[int], title_end: int | None) -> list[Event]:
    """The terms of a text in order. Words behind `title_end` weigh a little less."""
    cues = [hit for hit in found if hit.entry.cues]
    cue_starts = [hit.start for hit in cues]
    turned = [hit for hit in found if hit.entry.reversed]
    moves = [hit for hit in found if hit.entry.term is not None and hit.entry.term.move is Move.DOWN]
    events = []
    for hit in found:
        term = hit.entry.term
        if term is None or (term.head and hit.start > 1):
            continue
        clause = index_of(starts, hit.start)
        kind, weight = _turn(term, hit, turned, clauses[clause])
        changes: dict[Change, float] = {}
        first = bisect_left(cue_starts, hit.start - _FARTHEST)
        last = bisect_right(cue_starts, hit.end + _FARTHEST)
        for other in cues[first:last]:
            if other is not hit:
                for cue in other.entry.cues:
                    if _acts(cue, other, hit, clause, clauses, starts):
                        changes[cue.change] = min(changes.get(cue.change, 1.0), cue.factor)
        if hit.entry.reversed and any(_moves(hit, other, clauses[clause]) for other in moves):
            changes.setdefault(Change.RELIEVED, _FALLEN)
        for factor in changes.values():
            weight *= factor
        if title_end is not None and hit.start >= title_end:
            weight *= _IN_BODY
        events.append(Event(hit.start, hit.end, hit.until, clause, kind, weight, term.hits, tuple(changes)))
    return events


def _turn(term: Term, hit: Found, turned: list[Found], clause: Clause) -> tuple[Harm | None, float]:
    """Kind and weight of a term; a movement of something bad counts the other way round."""
    if term.move is None:
        return term.kind, term.weight
    for noun in turned:
        behind = 0 <= noun.start - hit.end <= _TO_NOUN and noun.end <= clause.end  # "lower costs"
        if behind or (noun.start >= clause.start and _moves(noun, hit, clause)):
            return (None, term.weight) if term.move is Move.DOWN else (Harm.LOSS, _TURNED)
    return term.kind, term.weight


def _moves(noun: Found, move: Found, clause: Clause) -> bool:
    """Is it this noun that the word of movement behind it moves?"""
    return 0 <= move.start - noun.end <= _TO_MOVE and move.end <= clause.end


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
