"""A word of a watch as something that can be found: literals for the automaton, and a test for each place found.

The literals are folded; a place counts when the word stands whole. `{exact}` words also compare the original,
and wildcards are worked out from the literal they begin with.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from monitors.folding import UNSPACED, WORD, Folded, fold, is_word
from monitors.query.tree import Term, Wild, wild_pieces

# A space between two Chinese characters of a phrase may be absent from the text.
_LOOSE = re.compile(f"(?<=[{UNSPACED}]) (?=[{UNSPACED}])")
_END = f"(?:(?<!{WORD})|(?!{WORD}))"


@dataclass(frozen=True, slots=True)
class Needle:
    """What to look for. Equal needles are shared by all watches.

    `literals` go into the automaton. `left`, `right`: must a word end there? `exact` is the original to
    compare with, or "". `pattern` is a regular expression that begins with the literal, or "".
    """

    literals: tuple[str, ...]
    left: bool
    right: bool
    exact: str = ""
    pattern: str = ""


@lru_cache(maxsize=65536)
def needle_of(term: Term | Wild) -> Needle:
    """The needle of a word, phrase, exact word or wildcard."""
    if isinstance(term, Wild):
        return _wild(term.pattern)
    literal = fold(term.text).text.strip(" ")
    loose = _LOOSE.sub("", literal)
    literals = (literal,) if loose == literal or term.exact else (literal, loose)
    exact = plain(term.text) if term.exact else ""
    return Needle(literals, is_word(literal[0]), is_word(literal[-1]), exact)


def _wild(pattern: str) -> Needle:
    pieces = list(wild_pieces(pattern))
    parts = []
    for index, (piece, is_sign) in enumerate(pieces):
        if piece == "*" and is_sign:
            # Inside a word, a bound keeps a long run of letters from being tried in every way.
            parts.append(f"{WORD}*+" if index == len(pieces) - 1 else f"{WORD}{{0,60}}")
        elif is_sign:
            parts.append(f"(?:{WORD}|[{UNSPACED}])")
        else:
            parts.append(re.escape(fold(piece).text))
    literal = fold(pieces[0][0]).text.lstrip(" ")
    return Needle((literal,), is_word(literal[0]), True, pattern="".join(parts) + _END)


def plain(text: str) -> str:
    """A text as `{exact}` compares it: composed, without zero-width characters, white space as one space."""
    kept = "".join(char for char in text if unicodedata.category(char) != "Cf" and not 0xFE00 <= ord(char) <= 0xFE0F)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def places(needle: Needle, original: str, folded: Folded) -> list[tuple[int, int]]:
    """Every place of a needle in a text, in order: for short fields and explanations. Start and end are folded."""
    found = []
    for literal in needle.literals:
        at = folded.text.find(literal)
        while at >= 0:
            end = settle(needle, original, folded, at, at + len(literal))
            if end:
                found.append((at, end))
            at = folded.text.find(literal, at + 1)
    return sorted(set(found))


def settle(needle: Needle, original: str, folded: Folded, start: int, end: int) -> int:
    """The end of the needle at a place where its literal stands, or 0 when it does not stand whole."""
    text = folded.text
    if needle.left and start and is_word(text[start - 1]):
        return 0
    if needle.pattern:
        found = _compiled(needle.pattern).match(text, start)
        return found.end() if found else 0
    if needle.right and end < len(text) and is_word(text[end]):
        return 0
    if needle.exact and plain(original[slice(*folded.span(start, end))]) != needle.exact:
        return 0
    return end


def _compiled(pattern: str) -> re.Pattern[str]:
    found = _PATTERNS.get(pattern)
    if found is None:
        found = _PATTERNS[pattern] = re.compile(pattern)
    return found


_PATTERNS: dict[str, re.Pattern[str]] = {}  # grows with the wildcards of the watches, not with the texts
