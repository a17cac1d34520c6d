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
_ENDINGS = "。!?."
# A line that only says when, and which issue: "Version 1, 8 July.", "10月3日 下午4时。" What it announces is none.
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*"
_DATED = re.compile(
    rf"^[^.。!?]{{0,40}}?\b(?:\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}|{_MONTH} \d{{1,2}})\b(?:,? \d{{4}})?"
    r"(?:,? *(?:at )?\d{1,2}(?:[:.]\d\d)? ?(?:a\.?m|p\.?m|h|o'clock)?\.?)?"
    r"(?:,? (?:(?:version|issue|edition|notice|no|rev|v)\.? ?\w{1,3}"
    r"|(?:first|second|third) (?:version|issue|edition)))?\.?$"
    r"|^[^。!?]{0,14}?\d{1,2}月\d{1,2}[日号](?:\(.{1,4}\))? ?[上下中晚早凌]?[午上晨]?"
    r"(?: ?\d{1,2}(?:[:点时]\d{0,2}分?)?)?。?$"
)
_ANNOUNCES = re.compile(
    r"\b(?:next|again|will|shall|until|by|from|since|before|after|follows?|speaks?|reports?|meets?|update on)\b"
    r"|下次|下一|再|将|起|前|自|至"
)
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
    roles = _roles([folded[start:end] for start, end in spans], lang=lang, titles=_titles(folded, spans))
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


def _titles(folded: str, spans: list[tuple[int, int]]) -> int:
    """How many sentences the first line has if it is a title: it ends without full stop, as "Our guests. 3 May, 9:00"
    does, or one of its sentences only says when, as in "For publication. 26 July, 17:00. Release 2."
    """
    line = folded.find("\n", spans[0][0]) if spans else -1
    inside = [folded[start:end] for start, end in spans if end <= line]
    open_ended = bool(inside) and inside[-1][-1] not in _ENDINGS
    return len(inside) if open_ended or any(_says_when(sentence) for sentence in inside) else 0


def _roles(sentences: list[str], *, lang: str, titles: int) -> list[Role]:
    """Leading lines without a full stop are the head, trailing ones the sign-off. `titles`: sentences of the title."""
    short = 70 if lang == "en" else 36
    roles = [Role.BODY] * len(sentences)
    if titles > 1 and sum(map(len, sentences[:titles])) <= 2 * short:
        roles[:titles] = [Role.HEAD] * titles
    else:
        titles = 0
    for place, sentence in enumerate(sentences[titles:4], titles):
        if _GREETING.search(sentence) and len(sentence) <= short:
            roles[place] = Role.GREETING
        elif len(sentence) <= (2 * short if place == 0 else short + 20) and _is_label(sentence):
            roles[place] = Role.HEAD
        else:
            break
    for place in range(len(sentences) - 1, max(-1, len(sentences) - 5), -1):
        sentence = sentences[place]
        if roles[place] is not Role.BODY:
            break
        if len(sentence) <= short and _is_label(sentence):
            roles[place] = Role.SIGN
        else:
            break
    return roles


def _is_label(sentence: str) -> bool:
    """Whether a short line is a title, a name or a date and no sentence."""
    return sentence[-1] not in _ENDINGS or _says_when(sentence)


def _says_when(sentence: str) -> bool:
    """Whether it is a date, with a name or the number of an issue at most, and announces nothing."""
    return _DATED.search(sentence) is not None and _ANNOUNCES.search(sentence) is None
