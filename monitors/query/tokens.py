"""A written query as tokens, with full-width and typographic signs read as their ASCII twins outside quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from monitors.folding import UNSPACED
from monitors.query.dialects import NATIVE, Dialect
from monitors.query.problems import Problem, note
from monitors.query.tree import Place, Span

MAX_DISTANCE = 50
MAX_COUNT = 100
_MOST_DIGITS = 9  # a number with more is beyond every bound, whatever follows


class Kind(StrEnum):
    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    MUST = "+"
    NEAR = "NEAR"
    UNLESS = "UNLESS"
    ATLEAST = "atleast"
    FIELD = "field"
    WORD = "word"
    PHRASE = "phrase"
    EXACT = "exact"
    SLOP = "~"
    LOST = "lost"
    END = "end"


OPERATORS = frozenset({Kind.AND, Kind.OR, Kind.NOT, Kind.MUST, Kind.NEAR, Kind.UNLESS, Kind.ATLEAST, Kind.FIELD})


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """One token. `text` is the word without escapes, or the name of a field; `pattern` keeps wildcards."""

    kind: Kind
    span: Span
    text: str = ""
    pattern: str = ""
    number: int | None = None
    ordered: bool = False
    place: Place | None = None
    spelled: str = field(default="", compare=False)


_TWINS = {0xFF01 + code: 0x21 + code for code in range(0x5E)}  # what a Chinese keyboard types: （ ： ＊ Ａ
_CLOSERS = {
    '"': '"＂',
    "＂": '"＂',
    "“": "“”„‟",
    "”": "“”„‟",
    "„": "“”„‟",
    "‟": "“”„‟",
    "「": "」",
    "『": "』",
    "«": "»",
}
_SINGLE = "‘"  # a quote only where a word begins: elsewhere it is somebody's apostrophe
# The operators that are words, each once. These stand for themselves …
_WORDS = {"或": Kind.OR, "且": Kind.AND, "非": Kind.NOT, "AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT}
_LONGEST_WORD = max(map(len, _WORDS))
# … and these may carry a number.
_NEAR = re.compile(r"(O?NEAR)(?:/(\d+)([fF]?))?(?![\w/])|(near|adj)(\d+)(?![\w/])|(w)/(\d+)(?![\w/])")
_UNLESS = re.compile(r"(?:UNLESS|除非)(?:/(\d+))?(?![\w/])")
_ATLEAST = re.compile(r"atleast(?:/(\d+)|(\d+))(?![\w/])", re.IGNORECASE)
_BEGINS = re.compile("|".join(operator.pattern for operator in (_NEAR, _UNLESS, _ATLEAST)), re.IGNORECASE)
# In capitals they are meant even where they run into a Chinese word, or behind a quote that nobody closed.
_CAPITALS = "|".join((*filter(str.isascii, _WORDS), r"O?NEAR(?:/\d+[fF]?)?", r"UNLESS(?:/\d+)?"))
_GLUED = re.compile(f"(?<![^{UNSPACED}])(?:{_CAPITALS})(?![^{UNSPACED}])")
_RESUME = re.compile(rf"[)）]|\s+(?:{_CAPITALS})(?=\s)")
_AROUND = re.compile(r"AROUND\((\d+)\)")
_SLOP = re.compile(r"~(\d+)")
_BOOST = re.compile(r"\^\d+(?:\.\d+)?")
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z_]*|[标標题題正文来來源语語言网網址体體]{2}")


def plainly(text: str) -> str:
    """A text with full-width signs and letters as their ASCII twins, one for one."""
    return text.translate(_TWINS)


def glued(plain: str) -> re.Match[str] | None:
    """The operator that a bare Chinese word runs into: 星炉AND爆炸."""
    found = _GLUED.search(plain)
    return found if found and found.span() != (0, len(plain)) else None


def is_operator(plain: str) -> bool:
    """Would somebody read this bare word as an operator, in whatever dialect and case?"""
    return plain.upper() in _WORDS or operator_before(plain) is not None


def operator_before(plain: str) -> re.Match[str] | None:
    """The operator with a number that a bare word begins with, or is."""
    return _BEGINS.match(plain)


class Lexer:
    """Reads one query. `tokens` always ends with END; what could not be read is in `problems`."""

    def __init__(self, text: str, dialect: Dialect = NATIVE) -> None:
        self.text = text
        self.dialect = dialect
        self.plain = plainly(text)  # one character for one: columns stay true
        self.problems: list[Problem] = []
        self.tokens: list[Token] = []
        self._read()

    def _problem(self, code: str, span: Span, *fixes: str, **args: str | int) -> None:
        note(self.problems, code, span, fixes, args)

    def _add(self, kind: Kind, start: int, end: int, **more: object) -> int:
        self.tokens.append(Token(kind=kind, span=(start, end), spelled=self.text[start:end], **more))  # type: ignore[arg-type]
        return end

    def _read(self) -> None:
        at, size = 0, len(self.text)
        while at < size:
            char = self.plain[at]
            if char.isspace():
                at += 1
            elif char in "()":
                at = self._add(Kind.OPEN if char == "(" else Kind.CLOSE, at, at + 1)
            elif self.dialect.comments and self.plain.startswith("<<<", at):
                end = self.plain.find(">>>", at)
                at = size if end < 0 else end + 3
            elif char == "^" and _BOOST.match(self.plain, at):
                at = self._skip_boost(at)
            elif self.dialect.lost is not None and (found := self.dialect.lost.match(self.plain, at)):
                self._problem("E130", found.span(), text=found[0])
                at = self._add(Kind.LOST, *found.span())
            elif self.text[at] in _CLOSERS or self.text[at] == _SINGLE:
                at = self._phrase(at)
            elif char == "{":
                at = self._exact(at)
            elif char == "}":
                self._problem("E112", (at, at + 1), sign="}")
                at += 1
            elif char == "|" or self.plain.startswith("&", at):
                end = at + (2 if self.plain.startswith(char * 2, at) else 1)
                at = self._add(Kind.OR if char == "|" else Kind.AND, at, end)
            elif char in "-!+" and self._is_prefix(at):
                at = self._add(Kind.MUST if char == "+" else Kind.NOT, at, at + 1)
            else:
                at = self._operator(at) or self._field(at) or self._word(at)
        self._add(Kind.END, size, size)

    def _is_prefix(self, at: int) -> bool:
        """A sign before a word, with nothing before it: `-juice`, but not the hyphen of `Coca-Cola` or of ` - `."""
        after = self.plain[at + 1 : at + 2]
        return bool(after) and not after.isspace() and after not in ")|&"

    def _operator(self, at: int) -> int | None:
        if found := _NEAR.match(self.plain, at):
            return self._near(found)
        if self.dialect.around and (found := _AROUND.match(self.plain, at)):
            return self._distance(found, _number(found[1]), ordered=False)
        if found := _UNLESS.match(self.plain, at):
            number = _number(found[1]) if found[1] else None
            if number is not None and number > MAX_DISTANCE:
                self._problem("E105", found.span(), operator="UNLESS", distance=number)
            return self._add(Kind.UNLESS, *found.span(), number=number)
        if found := _ATLEAST.match(self.plain, at):
            number = _number(found[1] or found[2])
            if not 1 <= number <= MAX_COUNT:
                self._problem("E117", found.span(), count=number)
            return self._add(Kind.ATLEAST, *found.span(), number=number)
        end = at
        # One sign more than the longest of them tells a longer word from it.
        most = min(at + _LONGEST_WORD + 1, len(self.plain))
        while end < most and not self._ends_word(end):
            end += 1
        word = self.plain[at:end]
        kind = _WORDS.get(word.upper() if self.dialect.any_case else word)
        return None if kind is None else self._add(kind, at, end)

    def _near(self, found: re.Match[str]) -> int:
        if found[1]:
            ordered = found[1] == "ONEAR" or bool(found[3])
            distance = _number(found[2]) if found[2] else self.dialect.default_distance
            return self._distance(found, distance, ordered=ordered)
        name = found[4] or found[6]
        number = _number(found[5] or found[7]) - self.dialect.counts_the_word_itself
        ordered = name == "adj" or (name == "w" and self.dialect.counts_the_word_itself > 0)
        return self._distance(found, max(0, number), ordered=ordered)

    def _distance(self, found: re.Match[str], distance: int, *, ordered: bool) -> int:
        if distance > MAX_DISTANCE:
            self._problem("E105", found.span(), operator="ONEAR" if ordered else "NEAR", distance=distance)
        return self._add(Kind.NEAR, *found.span(), number=distance, ordered=ordered)

    def _phrase(self, at: int) -> int:
        closers = _CLOSERS.get(self.text[at], "’")
        end, out = at + 1, []
        while end < len(self.text) and self.text[end] not in closers:
            if self.text[end] == "\\" and end + 1 < len(self.text):
                end += 1
            out.append(self.text[end])
            end += 1
        if end >= len(self.text):
            # Go on after the next operator or bracket, so that the rest of the query is checked as well.
            resume = _RESUME.search(self.text, at + 1)
            end = resume.start() if resume else len(self.text)
            self._problem("E104", (at, at + 1), quote=self.text[at])
            return self._add(Kind.PHRASE, at, max(end, at + 1), text=self.text[at + 1 : end])
        end = self._add(Kind.PHRASE, at, end + 1, text="".join(out))
        if found := _SLOP.match(self.plain, end):
            number = _number(found[1])
            if number > MAX_DISTANCE:
                self._problem("E105", found.span(), operator="~", distance=number)
            end = self._add(Kind.SLOP, *found.span(), number=number)
        return self._skip_boost(end)

    def _exact(self, at: int) -> int:
        end, out = at + 1, []
        while end < len(self.text) and self.plain[end] != "}":
            if self.text[end] == "\\" and end + 1 < len(self.text):
                end += 1
            out.append(self.text[end])
            end += 1
        if end >= len(self.text):
            resume = _RESUME.search(self.text, at + 1)
            end = resume.start() if resume else len(self.text)
            self._problem("E116", (at, at + 1))
            return self._add(Kind.EXACT, at, max(end, at + 1), text=self.text[at + 1 : end])
        return self._add(Kind.EXACT, at, end + 1, text="".join(out))

    def _field(self, at: int) -> int | None:
        found = _FIELD_NAME.match(self.plain, at)
        if not found:
            return None
        end = found.end()
        if self.plain[end : end + 1] not in (":", "=") or (self.plain[end] == "=" and not self.dialect.equals_fields):
            return None
        name = found[0]
        if name == "raw" and self.dialect.comments:
            stop = end + 1
            while stop < len(self.text) and not self.plain[stop].isspace() and self.plain[stop] not in "()":
                stop += 1
            return self._add(Kind.EXACT, at, stop, text=self.text[end + 1 : stop])
        place = self.dialect.fields.get(name.lower())
        if place is not None or name.lower() in self.dialect.dropped:
            return self._add(Kind.FIELD, at, end + 1, text=name, place=place)
        if not name.isascii() or self.plain[end + 1 : end + 2] in ("", "/") or self.plain[end + 1].isspace():
            return None
        close = get_close_matches(name.lower(), list(self.dialect.fields), n=1, cutoff=0.7)
        choices = f"{close[0]}:" if close else "title: body: source: url: lang:"
        fixes = [f"{self.text[:at]}{close[0]}{self.text[end:]}"] if close else []
        self._problem("E109", (at, end + 1), *fixes, field=name, choices=choices)
        return self._add(Kind.FIELD, at, end + 1, text=name, place=Place.TITLE)

    def _word(self, at: int) -> int:
        end, out, pattern, wild = at, [], [], False
        while end < len(self.text):
            char = self.plain[end]
            if char == "\\" and end + 1 < len(self.text):
                end += 1
                out.append(self.text[end])
                pattern.append("\\" + self.text[end] if self.text[end] in "\\*?" else self.text[end])
            elif self._ends_word(end):
                break
            elif char == "$" and self.dialect.equals_fields and end > at:
                wild = True
                pattern.append("*")
                out.append("*")
                end += self.plain[end + 1 : end + 2].isdigit()
            elif char in "*?":
                wild = True
                out.append(char)
                pattern.append(char)
            elif char == "^" and (boost := _BOOST.match(self.plain, end)):
                self._problem("I302", boost.span(), text=boost[0])
                end = boost.end()
                break
            else:
                out.append(self.text[end])
                # A backslash at the very end escapes nothing.
                pattern.append("\\\\" if char == "\\" else self.text[end])
            end += 1
        self._hint_glued(at, end)
        if end == at:  # a lone sign which nothing else has claimed
            out, end = [self.text[at]], at + 1
        return self._add(Kind.WORD, at, end, text="".join(out), pattern="".join(pattern) if wild else "")

    def _ends_word(self, at: int) -> bool:
        """Is this a sign that no bare word holds?"""
        return self.plain[at].isspace() or self.plain[at] in "(){}|" or self.text[at] in _CLOSERS

    def _hint_glued(self, at: int, end: int) -> None:
        """An operator that a Chinese word runs into: 星炉AND爆炸. Nobody writes such a word, and no text holds it."""
        found = glued(self.plain[at:end])
        if found is None:
            return
        start, stop = at + found.start(), at + found.end()
        spaced = " ".join(filter(None, (self.text[at:start], found[0], self.text[stop:end])))
        quoted = f'"{self.text[at:end]}"'
        fixes = [f"{self.text[:at]}{fix}{self.text[end:]}".strip() for fix in (f" {spaced} ", quoted)]
        self._problem(
            "E128", (at, end), *fixes, operator=found[0], word=self.text[at:end], spaced=spaced, quoted=quoted
        )

    def _skip_boost(self, end: int) -> int:
        if boost := _BOOST.match(self.plain, end):
            self._problem("I302", boost.span(), text=boost[0])
            return boost.end()
        return end


def _number(digits: str) -> int:
    return int(digits[:_MOST_DIGITS])
