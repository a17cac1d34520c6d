"""Finding patterns in a text that was read: where, in which sentence, and whether they are excused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from crisis.core.checks.rules import Pattern, Scope
from crisis.core.checks.sentences import Reading, Role, Sentence

_CLAUSE = re.compile(r"[^,,;;:、]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """text[start:end] matched; `sentence` is where it begins (None for a pattern over the whole text)."""

    start: int
    end: int
    sentence: Sentence | None


@dataclass(slots=True)
class Search:
    """The patterns of many checks against one text; remembers which parts occur at all."""

    reading: Reading
    _occurs: dict[int, bool] = field(default_factory=dict)

    def hits(self, patterns: Sequence[Pattern]) -> list[Hit]:
        """All hits, in the order of the text."""
        found = [hit for pattern in patterns for hit in self._of(pattern)]
        return sorted(found, key=lambda hit: (hit.start, -hit.end))

    def any(self, patterns: Sequence[Pattern]) -> bool:
        return any(True for pattern in patterns for _ in self._of(pattern))

    def excused(self, hit: Hit, unless: Sequence[Pattern]) -> bool:
        """Whether something in the sentence of the hit makes it harmless.

        With `pair:` it may stand in the next sentence as well, with `text:` anywhere.
        """
        for pattern in unless:
            if pattern.scope is Scope.TEXT or hit.sentence is None:
                if self.any((pattern,)):
                    return True
            elif self._possible(pattern):
                within = self._pair(hit.sentence) if pattern.scope is Scope.PAIR else hit.sentence.folded
                if _all_parts(pattern, within) is not None:
                    return True
        return False

    def proven(self, proof: Sequence[Pattern], folded_claims: Sequence[str]) -> bool:
        """Whether the ledger, or for `text:` lines the text itself, bears out what else were forbidden."""
        in_text = tuple(pattern for pattern in proof if pattern.scope is Scope.TEXT)
        return in_claims(proof, folded_claims) or self.any(in_text)

    def _of(self, pattern: Pattern) -> Iterator[Hit]:
        if not self._possible(pattern):
            return
        if pattern.scope is Scope.TEXT:
            span = _all_parts(pattern, self.reading.folded)
            if span is not None:
                yield Hit(span[0], span[1], None)
            return
        # Most patterns read one sentence and find nothing: the first part that must be there decides quickly.
        first = pattern.parts[0]
        decides = first.wanted and not pattern.least and pattern.scope is Scope.SENTENCE
        for place, sentence in enumerate(self.reading.sentences):
            if decides and first.regex.search(sentence.folded) is None:
                continue
            for offset, stretch in self._stretches(pattern.scope, place, sentence):
                span = _all_parts(pattern, stretch)
                if span is not None:
                    yield Hit(offset + span[0], offset + span[1], sentence)

    def _stretches(self, scope: Scope, place: int, sentence: Sentence) -> Iterable[tuple[int, str]]:
        if scope is Scope.PAIR:
            return ((sentence.start, self._pair(sentence, place)),)
        if scope is Scope.HEAD:
            if sentence.role in (Role.HEAD, Role.SIGN, Role.GREETING):
                return ((sentence.start, sentence.folded),)
            return ()
        if scope is Scope.CASED:
            return ((sentence.start, self.reading.text[sentence.start : sentence.end]),)
        if scope is Scope.SIGN:
            return ((sentence.start, sentence.folded),) if sentence.role is Role.SIGN else ()
        if scope is Scope.CLAUSE:
            return tuple(
                (sentence.start + clause.start(), clause.group()) for clause in _CLAUSE.finditer(sentence.folded)
            )
        return ((sentence.start, sentence.folded),)

    def _pair(self, sentence: Sentence, place: int | None = None) -> str:
        """A sentence and the body sentence after it. Two of two paragraphs are a pair as well.

        The length, and so every offset, stays.
        """
        if place is None:
            place = self.reading.sentences.index(sentence)
        after = self.reading.sentences[place + 1 : place + 2]
        end = after[0].end if after and after[0].role is Role.BODY else sentence.end
        return self.reading.folded[sentence.start : end].replace("\n", " ")

    def _possible(self, pattern: Pattern) -> bool:
        absent = 0
        for part in pattern.parts:
            if part.wanted and part.can_skim:
                # By its id: the hash of a pattern reads all of its code, every time. Equal parts are one object.
                occurs = self._occurs.get(id(part.regex))
                if occurs is None:
                    occurs = part.regex.search(self.reading.folded) is not None
                    self._occurs[id(part.regex)] = occurs
                if not occurs:
                    if not pattern.least:
                        return False
                    absent += 1
        return len(pattern.parts) - absent >= pattern.least


def _all_parts(pattern: Pattern, stretch: str) -> tuple[int, int] | None:
    """The span over the wanted parts, or None when too few are there or an unwanted one is."""
    start, end = len(stretch), 0
    there = 0
    for part in pattern.parts:
        found = part.regex.search(stretch)
        if part.wanted:
            if found is not None:
                start, end = min(start, found.start()), max(end, found.end())
                there += 1
            elif not pattern.least:
                return None
        elif found is not None:
            return None
    if there < pattern.least:
        return None
    return (start, end) if start <= end else (0, len(stretch))


def found_in(pattern: Pattern, stretch: str) -> bool:
    """Whether a pattern is found in a stretch of folded text, read as one sentence."""
    return _all_parts(pattern, stretch) is not None


def in_claims(patterns: Sequence[Pattern], folded_claims: Sequence[str]) -> bool:
    """Whether a pattern is found in one of the (folded) claims of the ledger. `text:` lines do not look there."""
    return any(
        _all_parts(pattern, claim) is not None
        for pattern in patterns
        if pattern.scope is not Scope.TEXT
        for claim in folded_claims
    )
