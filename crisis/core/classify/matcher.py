"""All words of all lists against one sentence, in one pass, with the characters where each was found.

Words are compared folded (width, case, traditional and simplified Chinese), so one spelling is enough.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import ahocorasick_rs

from monitors.folding import fold, is_word

# A gap between two halves of one expression stays inside the sentence and is no longer than this.
GAP_CHARS = 60
# `?word` is a word that often means something else, `??word` one that nearly always does.
WEAK = (1.0, 0.5, 0.25)


@dataclass(frozen=True, slots=True)
class Hit:
    """An expression of the list `name` at `text[start:end]` of the folded text, 1 or less when it is a weak one."""

    name: str
    start: int
    end: int
    strength: float


@dataclass(frozen=True, slots=True)
class _Part:
    """One literal. `stem`: more letters may follow."""

    text: str
    stem: bool


def terms_of(words: str) -> tuple[str, ...]:
    """The single expressions of a `|` list."""
    return tuple(term for term in (part.strip() for part in words.split("|")) if term)


def _parts(term: str) -> tuple[_Part, ...]:
    return tuple(
        _Part(fold(piece.rstrip("*")).text.strip(), piece.endswith("*"))
        for piece in (piece.strip() for piece in term.split(" .. "))
        if piece.rstrip("*")
    )


def _whole(text: str, start: int, end: int, stem: bool) -> bool:
    """Does the found literal begin and end with a word of the text? A plural or possessive s may follow."""
    if start and is_word(text[start]) and is_word(text[start - 1]):
        return False
    if stem or end >= len(text) or not is_word(text[end - 1]) or not is_word(text[end]):
        return True
    return text[end] == "s" and (end + 1 >= len(text) or not is_word(text[end + 1]))


class Matcher:
    """Word lists by name, compiled. One instance serves any number of texts; it holds no state."""

    def __init__(self, lists: Iterable[tuple[str, Iterable[str]]]) -> None:
        # literal -> (list, following parts, stem, strength) for each expression that begins with it
        starts: dict[str, list[tuple[str, tuple[_Part, ...], bool, float]]] = defaultdict(list)
        for name, terms in lists:
            for term in terms:
                sure = term.lstrip("?")
                head, *rest = _parts(sure)
                starts[head.text].append((name, tuple(rest), head.stem, WEAK[min(len(term) - len(sure), 2)]))
        self._literals = list(starts)
        self._starts = [tuple(starts[literal]) for literal in self._literals]
        self._machine = ahocorasick_rs.AhoCorasick(self._literals)

    def hits(self, text: str) -> list[Hit]:
        """Every word found in a folded sentence, in order of its first character."""
        found = []
        for index, start, end in self._machine.find_matches_as_indexes(text, overlapping=True):
            for name, rest, stem, strength in self._starts[index]:
                if not _whole(text, start, end, stem):
                    continue
                close = _follow(text, end, rest)
                if close:
                    found.append(Hit(name, start, close, strength))
        found.sort(key=lambda hit: (hit.start, -hit.end))
        return found


def _follow(text: str, at: int, rest: tuple[_Part, ...]) -> int:
    """Where the last of the following parts ends, or 0 when one is missing. Without parts: `at`."""
    for part in rest:
        start = text.find(part.text, at, at + GAP_CHARS + len(part.text))
        while start >= 0 and not _whole(text, start, start + len(part.text), part.stem):
            start = text.find(part.text, start + 1, at + GAP_CHARS + len(part.text))
        if start < 0:
            return 0
        at = start + len(part.text)
    return at
