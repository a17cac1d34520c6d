"""A fixed set of watches, compiled once: one automaton over all their words, and an index from words to watches.

    folded text --automaton--> places of literals --whole words?--> terms that are there
    terms --anchor index--> candidates --every other group hit?--> survivors --plan--> mentions

Each watch lies under one group of words of which a match has at least one, its anchor: the group that is
rarest in the news seen so far. Almost all watches are never looked at for an article.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation

from monitors.folding import is_unspaced, is_word
from monitors.matcher.mention import Mention, Span
from monitors.matcher.plan import EVERYWHERE, Group, Plan, plan_of
from monitors.matcher.reading import Reading
from monitors.matcher.terms import Needle, settle
from monitors.query import Query


@dataclass(frozen=True, slots=True)
class Compiled:
    """A watch with its parsed query. `order` sorts the mentions of one article."""

    id: str
    query: Query
    order: int


class _WordKinds(dict[str, bool]):
    """Is this character part of a word? Remembered, because it is asked for every place found."""

    def __missing__(self, char: str) -> bool:
        answer = self[char] = is_word(char)
        return answer


_IS_WORD = _WordKinds()


class Segment:
    """Watches that are matched together. It does not change; the matcher replaces it."""

    def __init__(self, watches: Sequence[Compiled], sample: Iterable[str] = ()) -> None:
        """`sample` holds folded texts of ordinary articles: they say which words are rare."""
        self.watches = tuple(watches)
        numbers: dict[Needle, int] = {}
        uses: Counter[int] = Counter()

        def register(needle: Needle) -> int:
            number = numbers.setdefault(needle, len(numbers))
            uses[number] += 1
            return number

        self.ids = frozenset(watch.id for watch in self.watches)
        self._plans: list[Plan] = [plan_of(watch.query.root, register) for watch in self.watches]
        self._needles = tuple(numbers)
        self._index_literals()
        self._choose_anchors(uses, sample)

    def _index_literals(self) -> None:
        """Literals of the automaton, and for each what to do where it stands."""
        by_literal: dict[str, list[int]] = {}
        for number, needle in enumerate(self._needles):
            for literal in needle.literals:
                by_literal.setdefault(literal, []).append(number)
        self._automaton = (
            AhoCorasick(list(by_literal), implementation=Implementation.ContiguousNFA) if by_literal else None
        )
        self._actions: list[tuple[bool, bool, int, tuple[int, ...]]] = []
        for literal, numbers in by_literal.items():
            # Needles of one literal share the left border. One plain needle is by far the usual case.
            simple = [n for n in numbers if not self._needles[n].exact and not self._needles[n].pattern]
            first = simple[0] if simple else -1
            others = tuple(number for number in numbers if number != first)
            self._actions.append((is_word(literal[0]), is_word(literal[-1]), first, others))

    def scan(self, reading: Reading) -> dict[int, list[tuple[int, int]]]:
        """Term number -> its places in the folded text, in order of their ends."""
        hits: dict[int, list[tuple[int, int]]] = {}
        if self._automaton is None:
            return hits
        text = reading.text
        size = len(text)
        actions, is_part = self._actions, _IS_WORD
        for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            left, right, first, others = actions[pattern]
            if left and start and is_part[text[start - 1]]:
                continue
            if first >= 0 and not (right and end < size and is_part[text[end]]):
                if first in hits:
                    hits[first].append((start, end))
                else:
                    hits[first] = [(start, end)]
            for number in others:
                stop = settle(self._needles[number], reading.original, reading.folded, start, end)
                if stop:
                    hits.setdefault(number, []).append((start, stop))
        return hits

    def match(self, reading: Reading, removed: frozenset[str]) -> list[tuple[int, Mention]]:
        """(order, mention) of each watch of this segment that catches the article."""
        reading.hits = hits = self.scan(reading)
        found: list[tuple[int, Mention]] = []
        if not hits:
            return found
        anchors = self._anchors
        present = reading.present = set(hits)
        candidates: set[int] = set()
        for number in present:
            if number in anchors:
                candidates.update(anchors[number])
        others, plans, watches = self._others, self._plans, self.watches
        article = reading.article.id
        for index in candidates:
            for group in others[index]:
                if present.isdisjoint(group):
                    break
            else:
                elsewhere: list[Span] = []
                leaves = plans[index].truth(reading, EVERYWHERE, elsewhere)
                if leaves is not None and watches[index].id not in removed:
                    spans = reading.spans(leaves, elsewhere)
                    watch = watches[index]
                    found.append((watch.order, Mention(article=article, watch=watch.id, spans=spans)))
        return found

    def _choose_anchors(self, uses: Counter[int], sample: Iterable[str]) -> None:
        expected = self._expected(uses, sample)

        def cost(group: Group) -> float:
            return sum(expected[number] for number in group)

        shared: dict[Group, Group] = {}
        anchors: dict[int, list[int]] = {}
        self._others: list[tuple[Group, ...]] = []
        for index, plan in enumerate(self._plans):
            groups = {shared.setdefault(group, group) for group in plan.needs(cost)}
            ranked = sorted(groups, key=cost)
            for number in ranked[0]:
                anchors.setdefault(number, []).append(index)
            self._others.append(tuple(ranked[1:]))
        self._anchors = {number: tuple(indexes) for number, indexes in anchors.items()}

    def _expected(self, uses: Counter[int], sample: Iterable[str]) -> list[float]:
        """How often each term may be expected in an article, 0 to 1. Only speed depends on it."""
        expected = []
        for number, needle in enumerate(self._needles):
            # Short words are common, and so are words that many watches ask for: a guess until texts were seen.
            literal = needle.literals[0]
            weight = sum(2 if is_unspaced(char) else 1 for char in literal)
            guess = math.ldexp(1 + math.log2(uses[number]), -weight)
            expected.append(min(0.5, guess + 1e-5 * uses[number]))
        texts = list(sample)
        if texts and self._automaton is not None:
            seen: Counter[int] = Counter()
            for text in texts:
                seen.update({found[0] for found in self._automaton.find_matches_as_indexes(text, overlapping=True)})
            by_needle: Counter[int] = Counter()
            for pattern, count in seen.items():
                _, _, first, others = self._actions[pattern]
                for number in (first, *others):
                    by_needle[number] += count
            prior = 8.0  # the guess weighs as much as so many texts
            expected = [
                (by_needle[number] + prior * guess) / (len(texts) + prior) for number, guess in enumerate(expected)
            ]
        return expected
