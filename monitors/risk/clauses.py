"""A folded text cut into sentences and clauses: the places in which a word and a name belong together."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

# Ends of sentences in both scripts. A full stop ends one only before a space: 3.5% is one number.
_STOPS = r"[。!?！？;；…|]+|\.(?=\s|$)|\n+|(?<=[^#\s])#+|//+@?|】"
# Ends of clauses. A comma between digits belongs to the number, 、 only lists.
_COMMAS = r"(?<!\d)[,，]|[,，](?!\d)|[:：](?=\s|[^\d/\s])| -+ |—+|[()（）【]"


class Link(StrEnum):
    """How a clause is tied to the one before it."""

    SENTENCE = "sentence"
    COMMA = "comma"
    COLON = "colon"
    CAUSE = "cause"
    CONTRAST = "contrast"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class Clause:
    """`start` and `end` are offsets of the folded text; `sentence` counts sentences from 0."""

    start: int
    end: int
    sentence: int
    link: Link


@lru_cache(maxsize=8)
def _cutter(cause: tuple[str, ...], contrast: tuple[str, ...], against: tuple[str, ...]) -> re.Pattern[str]:
    def words(group: tuple[str, ...]) -> str:
        longest_first = sorted(group, key=len, reverse=True)
        return "|".join(re.escape(word) for word in longest_first) or "(?!)"

    return re.compile(
        f"(?P<stop>{_STOPS})|(?P<comma>{_COMMAS})"
        f"|(?<= )(?P<contrast>{words(contrast)})(?= )|(?<= )(?P<against>{words(against)})(?= )"
        f"|(?<= )(?P<cause>{words(cause)})(?= )"
    )


def cut(
    folded: str,
    *,
    cause: tuple[str, ...] = (),
    contrast: tuple[str, ...] = (),
    against: tuple[str, ...] = (),
    whole: Sequence[tuple[int, int]] = (),
) -> list[Clause]:
    """The clauses of a folded text in order; together they cover it without gaps.

    `whole` are spans that are one expression and never cut ("profit after tax").
    """
    clauses: list[Clause] = []
    start = 0
    sentence = 0
    link = Link.SENTENCE
    for match in _cutter(cause, contrast, against).finditer(folded):
        name = match.lastgroup
        if any(first < match.start() < last for first, last in whole):
            continue
        # Marks close a clause and stay in it; words open the next one.
        end = match.end() if name in ("stop", "comma") else match.start()
        if folded[start:end].strip():
            clauses.append(Clause(start, end, sentence, link))
            start = end
        if name == "stop":
            sentence += 1
            link = Link.SENTENCE
        elif name == "comma":
            link = Link.COLON if match.group() in ":：" else Link.COMMA
        else:
            link = Link(str(name))
    if start < len(folded) or not clauses:
        clauses.append(Clause(start, len(folded), sentence, link))
    return clauses


def index_of(starts: list[int], offset: int) -> int:
    """The index of the clause in which an offset lies, given the starts of the clauses."""
    return max(0, bisect_right(starts, offset) - 1)
