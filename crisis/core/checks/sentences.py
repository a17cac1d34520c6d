"""A text as lines, sentences and clauses over its folded form.

Folding changes no length, so every offset of the folded text is an offset of the original: width,
case, quotation marks and dashes are made plain, traditional characters become simplified ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_PLAIN = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    0x3000: " ",
    0xA0: " ",
    0x2018: "'",
    0x2019: "'",
    0x2013: "-",
    0x2014: "-",
    0x300C: "“",
    0x300D: "”",
    0x300E: "“",
    0x300F: "”",
}
_ABBREVIATION = re.compile(r"\b(?:p\.m|a\.m|mr|mrs|ms|dr|no|st|ltd|inc|co|vs|e\.g|i\.e|prof|ref|tel|art|approx|ext)$")
_END = re.compile(r"[。!?](?:[”\")」』]*)|\.(?=[\s”\")]|$)[”\")]*|\n")
_GREETING = re.compile(
    r"^(?:dear\b|to (?:the|all|our|every)\b|hello\b|colleagues\b"
    r"|尊敬的|亲爱的|各位|致[^。,]{1,20}[:]?$|全体[^。,]{1,10}[::]?$|.{1,12}[::]$)"
)


class Role(StrEnum):
    """What a sentence does: head (title, date, kind), greeting, body, sign-off."""

    HEAD = "head"
    GREETING = "greeting"
    BODY = "body"
    SIGN = "sign"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """text[start:end] of the original. `number` counts body sentences from 0; -1 outside the body."""

    start: int
    end: int
    folded: str
    role: Role
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A text ready for the checks. `quoted` are spans that repeat the words of others."""

    text: str
    folded: str
    sentences: tuple[Sentence, ...]
    quoted: tuple[tuple[int, int], ...]

    @property
    def body(self) -> tuple[Sentence, ...]:
        return tuple(sentence for sentence in self.sentences if sentence.role is Role.BODY)

    def is_quoted(self, start: int, end: int) -> bool:
        return any(left <= start and end <= right for left, right in self.quoted)


def fold(text: str, traditional: Mapping[int, str]) -> str:
    """The text in lower case, half width and simplified characters, of the same length."""
    lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    return lowered.translate(_PLAIN).translate(traditional)


def read(text: str, *, lang: str, traditional: Mapping[int, str]) -> Reading:
    """The text as sentences with their roles."""
    folded = fold(text, traditional)
    spans = _spans(folded)
    roles = _roles([folded[start:end] for start, end in spans], lang=lang)
    sentences = []
    number = 0
    for (start, end), role in zip(spans, roles, strict=True):
        place = -1
        if role is Role.BODY:
            place = number
            number += 1
        sentences.append(Sentence(start=start, end=end, folded=folded[start:end], role=role, number=place))
    quoted = tuple((found.start(), found.end()) for found in re.finditer(r"“[^”\n]{1,300}”|\"[^\"\n]{1,300}\"", folded))
    return Reading(text=text, folded=folded, sentences=tuple(sentences), quoted=quoted)


def _spans(folded: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _END.finditer(folded):
        if found.group().startswith(".") and _ABBREVIATION.search(folded[max(0, found.start() - 8) : found.start()]):
            following = folded[found.end() : found.end() + 2]
            # "at 5 p.m. today" goes on; "at 5 p.m.\n" does not need this dot to end.
            if following.strip():
                continue
        _add(spans, folded, start, found.end())
        start = found.end()
    _add(spans, folded, start, len(folded))
    return spans


def _add(spans: list[tuple[int, int]], folded: str, start: int, end: int) -> None:
    while start < end and folded[start].isspace():
        start += 1
    while end > start and folded[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append((start, end))


def _roles(sentences: list[str], *, lang: str) -> list[Role]:
    """Leading lines without a full stop are the head, trailing ones the sign-off."""
    short = 70 if lang == "en" else 36
    roles = [Role.BODY] * len(sentences)
    for place, sentence in enumerate(sentences[:4]):
        if _GREETING.search(sentence) and len(sentence) <= short:
            roles[place] = Role.GREETING
        elif sentence[-1] not in "。!?." and len(sentence) <= (2 * short if place == 0 else short + 20):
            roles[place] = Role.HEAD
        else:
            break
    for place in range(len(sentences) - 1, max(-1, len(sentences) - 5), -1):
        sentence = sentences[place]
        if roles[place] is not Role.BODY:
            break
        if sentence[-1] not in "。!?." and len(sentence) <= short:
            roles[place] = Role.SIGN
        else:
            break
    return roles
