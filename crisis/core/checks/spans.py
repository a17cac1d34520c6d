"""Where words, clauses and what can stand alone begin and end, as far as a pattern language can tell.

A pattern may stop inside a word; what a reader is shown does not. English words end at blanks. Chinese has none: a
place is taken for the end of a word where the wordings of the checks end one, and else the whole clause is shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W_\u3400-\u9fff]")
_JOINS = "'’-"
_EDGE = " \t\u3000\n,，、;；:："
# What ends a clause, in folded and in written form.
_BREAK = re.compile(r"[。，；：、！？!?;:\n“”\"「」『』()（）]|[,.](?!\d)")
# Chinese signs after which something must follow.
_GOES_ON = "再不都就会将很更最被把向对与和并而"
# Chinese signs that close the word before them.
_CLOSES = "者们們性度率"
_LONGEST = 6


def whole_words(text: str, start: int, end: int, known: Collection[str], folded: str) -> tuple[int, int]:
    """text[start:end] grown until it begins and ends with whole words, without blanks and commas at its ends.

    `known`: (folded) Chinese words after or before which another word can begin.
    """
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    if start == end:
        return start, end
    while start > 0 and _within(text, start):
        start -= 1
    while end < len(text) and _within(text, end):
        end += 1
    if start > 0 and _HAN.match(text[start]) and _HAN.match(text[start - 1]) and not _begins(folded, start, end, known):
        start = max((found.end() for found in _BREAK.finditer(text, 0, start)), default=0)
        while text[start].isspace():
            start += 1
    if end < len(text) and _HAN.match(text[end - 1]) and _HAN.match(text[end]) and not _ends(folded, start, end, known):
        if text[end] in _CLOSES:
            end += 1
        else:
            found = _BREAK.search(text, end)
            end = found.start() if found else len(text)
            while text[end - 1].isspace():
                end -= 1
    return start, end


def _within(text: str, place: int) -> bool:
    """Whether a word written in letters or digits goes on over this place."""
    before, after = text[place - 1], text[place]
    if _WORD.match(before):
        return bool(_WORD.match(after)) or (
            after in _JOINS and place + 1 < len(text) and bool(_WORD.match(text[place + 1]))
        )
    return before in _JOINS and place > 1 and bool(_WORD.match(text[place - 2])) and bool(_WORD.match(after))


def _begins(folded: str, start: int, end: int, known: Collection[str]) -> bool:
    """Whether a known word begins here, and none goes on over the place."""
    here = any(folded[start : start + size] in known for size in range(2, min(_LONGEST, end - start) + 1))
    return here and not _straddled(folded, start, known)


def _ends(folded: str, start: int, end: int, known: Collection[str]) -> bool:
    if folded[end] in _CLOSES or folded[end - 1] in _GOES_ON:
        return False
    here = any(folded[end - size : end] in known for size in range(2, min(_LONGEST, end - start) + 1))
    return here and not _straddled(folded, end, known)


def _straddled(folded: str, place: int, known: Collection[str]) -> bool:
    """Whether a known word of three signs or more lies over a place."""
    return any(
        folded[left : left + size] in known
        for size in range(3, _LONGEST + 1)
        for left in range(max(0, place - size + 1), place)
        if left + size > place
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Grammar:
    """How the clauses and sentences of a language hang together, over folded text (playbooks/checks/words.yaml)."""

    parts: re.Pattern[str]
    alone: re.Pattern[str]
    leans: re.Pattern[str]
    speaks_back: re.Pattern[str]
    speaks_back_inside: re.Pattern[str]
    # Every clause states something in a language that has none.
    states: re.Pattern[str] | None = None

    def clauses(self, folded: str) -> list[tuple[int, int]]:
        """The clauses of a folded sentence, without the signs and words between them."""
        found, left = [], 0
        for match in self.parts.finditer(folded):
            if match.start() > left:
                found.append((left, match.start()))
                left = match.end()
        if left < len(folded):
            found.append((left, len(folded)))
        return found

    def stands_alone(self, clause: str) -> bool:
        """Whether a (folded) clause can begin a sentence of its own when what stood before it is gone."""
        return self.alone.match(clause) is not None

    def needs_the_next(self, clause: str) -> bool:
        """Whether a (folded) clause leans on the one that follows it."""
        clause = clause.strip(" ,;")
        return self.leans.search(clause) is not None or (self.states is not None and not self.states.search(clause))
