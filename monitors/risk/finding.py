"""All words of a lexicon found in one pass over a folded text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick

from monitors.folding import fold
from monitors.risk.lexicon import Cue, Lexicon, Term

_ENDS_CLAUSE = re.compile("[,，;；:：。!?！？\n]")  # may not stand between the two words of a gap


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """All that one string of characters means: often one thing, sometimes a term and a cue at once."""

    term: Term | None = None
    cues: tuple[Cue, ...] = ()
    masks: bool = False
    reversed: bool = False

    @property
    def alone(self) -> bool:
        """Does it mean anything without a second word?"""
        return self.masks or self.reversed or self.term is not None or bool(self.cues)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """An entry of the lexicon at a place of the folded text. `until` is where its second word ends, else `end`."""

    start: int
    end: int
    until: int
    entry: Entry


@lru_cache(maxsize=8)
def finder_of(lexicon: Lexicon) -> Finder:
    """The finder of a lexicon, built once."""
    return Finder(lexicon)


class Finder:
    """Finds the terms, cues, masks and gaps of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        terms = {fold(term.text).text: term for term in lexicon.terms}
        cues: dict[str, list[Cue]] = {}
        for cue in lexicon.cues:
            cues.setdefault(fold(cue.text).text, []).append(cue)
        masks = {fold(mask).text for mask in lexicon.masks}
        turned = {fold(noun).text for noun in lexicon.reversed}
        opens = _numbers(gap.opens for gap in lexicon.gaps)
        closes = _numbers(gap.closes for gap in lexicon.gaps)
        texts = sorted({*terms, *cues, *masks, *turned, *opens, *closes} - {""})
        self._gaps = tuple((gap, Entry(term=gap.says)) for gap in lexicon.gaps)
        self._lengths = [len(text) for text in texts]
        self._begins_word = [_is_latin(text[0]) for text in texts]
        self._ends_word = [_is_latin(text[-1]) for text in texts]
        self._opens = [opens.get(text, ()) for text in texts]
        self._closes = [closes.get(text, ()) for text in texts]
        self._entries = [
            Entry(
                # A mask only hides what it covers; a text that is both is a mask.
                term=None if text in masks else terms.get(text),
                cues=() if text in masks else tuple(cues.get(text, ())),
                masks=text in masks,
                reversed=text in turned,
            )
            for text in texts
        ]
        self._alone = [entry.alone for entry in self._entries]
        self._automaton = AhoCorasick(texts or ["\x00"])

    def find(self, folded: str) -> list[Found]:
        """What stands in a folded text: leftmost first, the longest at each place, none overlapping.

        Words of a spaced script are found whole: `ban` is not in `bank`. Where two words of a gap stand
        together, their event stands at the first of them.
        """
        best: dict[int, int] = {}
        opened: list[tuple[int, int, int]] = []
        closed: dict[int, list[tuple[int, int]]] = {}
        for index, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            if self._begins_word[index] and start and _is_latin(folded[start - 1]):
                continue
            if self._ends_word[index] and end < len(folded) and _is_latin(folded[end]):
                continue
            for number in self._opens[index]:
                opened.append((number, start, end))
            for number in self._closes[index]:
                closed.setdefault(number, []).append((start, end))
            if self._alone[index] and (start not in best or self._lengths[index] > self._lengths[best[start]]):
                best[start] = index
        found = []
        free_from = 0
        for start in sorted(best):
            if start >= free_from:
                free_from = start + self._lengths[best[start]]
                found.append(Found(start=start, end=free_from, until=free_from, entry=self._entries[best[start]]))
        if opened and closed:
            return _merged(found, list(self._together(folded, opened, closed)))
        return found

    def _together(
        self, folded: str, opened: list[tuple[int, int, int]], closed: dict[int, list[tuple[int, int]]]
    ) -> Iterator[Found]:
        for places in closed.values():
            places.sort()
        for number, start, end in opened:
            gap, entry = self._gaps[number]
            places = closed.get(number, [])
            nearest = bisect_left(places, (end, 0))
            if nearest < len(places):
                other, until = places[nearest]
                if other - end <= gap.within and not _ENDS_CLAUSE.search(folded, end, other):
                    yield Found(start=start, end=end, until=until, entry=entry)


def _merged(found: list[Found], spanning: list[Found]) -> list[Found]:
    """What two words say together goes before what the first says alone, and masks before both."""
    if not spanning:
        return found
    hidden = {place for hit in found if hit.entry.masks for place in range(hit.start, hit.end)}
    chosen = {hit.start: hit for hit in spanning if hit.start not in hidden}
    covered = {place for hit in chosen.values() for place in range(hit.start, hit.end)}
    kept = [hit for hit in found if hit.entry.masks or hit.entry.term is None or hit.start not in covered]
    return sorted([*kept, *chosen.values()], key=lambda hit: hit.start)


def _numbers(groups: Iterator[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """Folded word -> the numbers of the gaps that it opens (or closes)."""
    numbers: dict[str, tuple[int, ...]] = {}
    for number, words in enumerate(groups):
        for word in dict.fromkeys(fold(word).text for word in words):
            numbers[word] = (*numbers.get(word, ()), number)
    return numbers


def _is_latin(char: str) -> bool:
    """Is this a letter or digit whose words are written with spaces?"""
    return char.isascii() and char.isalnum()
