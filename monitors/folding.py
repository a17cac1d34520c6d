"""Text folded once: what is the same to a reader becomes the same to a machine, with a map back.

Folded away are width (`ＡＢ` `ab`), case, marks on Latin, Greek and Cyrillic letters (`Café` `cafe`),
traditional and simplified spelling (`臺積電` `台积电`, by equivalence classes, so that 計畫 and 计划 meet
as well), compatibility forms (`ﬁ` `fi`), zero-width characters, and runs of white space. A space between
a Chinese character and a Latin letter is typography and goes too: `华为 Mate60` is `华为mate60`.

    text --table, one character for one--> folded --regions that change length--> folded, map

Most characters fold one to one, so most texts need no map: offsets are then equal. Where something
changes the length, only that region is worked out by hand.

Source of the classes: OpenCC, see the head of folding_classes.txt. The rest is Unicode (NFKC, casefold).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

# Ranges which are written without spaces: each character stands for itself and has a border on both sides.
# Thai, Lao, Khmer, Burmese; Hangul; radicals, kana, bopomofo; Han with its extensions.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u303c"
    "\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U000323af"
)
WORD = f"[^\\W{UNSPACED}]"  # a letter, digit or _ of a spaced script, as a class of a regular expression
_IS_UNSPACED = re.compile(f"[{UNSPACED}]")

_ALONE = "\x00"  # stands for a character whose folded form is not exactly one character
_JOINS = "\x01"  # stands for a character that joins the one before it: marks, jamo, half-width voicing
_SYMBOLS = frozenset("™℠®©℗")  # NFKC would glue their letters to the name before them: Tesla™ is not teslatm
# Signs that writers and their machines use for one another: apostrophes, hyphens, the dot between foreign names.
_SIGNS = {**dict.fromkeys("‘’‛ʼ´", "'"), **dict.fromkeys("‐‑‒–−", "-"), **dict.fromkeys("•‧∙⋅・ᐧ", "·")}
_TABLE_SIZE = 0x32400  # the end of the assigned Han extensions; beyond it nothing changes
# Regions whose length changes: spaces and special characters with the base before a mark, runs of spaces,
# and the typographic space between the two kinds of script.
_REGION = re.compile(
    "(?:[^\x00\x01 ](?=\x00*\x01))?[\x00\x01 ]*[\x00\x01][\x00\x01 ]*|  +"
    f"| (?<=[{UNSPACED}] )(?={WORD})| (?<={WORD} )(?=[{UNSPACED}])"
)
# The same for a text of which only spaces change. It begins with a plain space: that is fast to look for.
_SPACES = re.compile(f" (?: +|(?={WORD})(?<=[{UNSPACED}] )|(?=[{UNSPACED}])(?<={WORD} ))")
_RUNS = re.compile("  +")
_TAGS = re.compile("[\U000e0000-\U000e0fff]")  # invisible, and far beyond the table
_UNUSUAL = re.compile("[^\x1e\x20-\x7e]")


def is_unspaced(char: str) -> bool:
    """Is this a character of a script without spaces (Han, kana, Hangul, Thai ...)?"""
    return _IS_UNSPACED.match(char) is not None


def is_word(char: str) -> bool:
    """Is this a letter, digit or `_` of a spaced script? Such characters form words that are matched whole."""
    return (char.isalnum() or char == "_") and not is_unspaced(char)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and the way back.

    `points` are the offsets in `text` at which a segment begins. `starts` are the offsets of the
    segments in the original. `ends` is -1 for a segment that runs in step with the original, else
    the end in the original of the one thing which all its characters come from.
    Without segments the two texts have the same offsets.
    """

    text: str
    points: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the original which `text[start:end]` comes from, as (start, end).

        Marks belong to their letter; zero-width characters at the edges stay outside.
        """
        if not self.points:
            return start, end
        if end <= start:
            first = self._of(start)[0] if start < len(self.text) else self._of(start - 1)[1] if start else 0
            return first, first
        return self._of(start)[0], self._of(end - 1)[1]

    def _of(self, at: int) -> tuple[int, int]:
        segment = bisect_right(self.points, at) - 1
        start, end = self.starts[segment], self.ends[segment]
        if end >= 0:
            return start, end
        start += at - self.points[segment]
        return start, start + 1


def fold(text: str) -> Folded:
    """The folded text with its exact map back. Folding a folded text changes nothing."""
    if text.isascii():
        folded = text.lower() if text.isprintable() else text.lower().translate(_ascii_controls())
        return _respace(folded, _RUNS) if "  " in folded else Folded(folded)
    folded = _one_for_one(text)
    if _ALONE in folded or _JOINS in folded:
        return _reshape(text, folded)
    return _respace(folded, _SPACES if _IS_UNSPACED.search(folded) else _RUNS)


def _one_for_one(text: str) -> str:
    """The text through the table."""
    table = _table()
    if len(text.encode("utf-8", "surrogatepass")) > len(text) * 1.1:
        folded = text.translate(table)
        is_wide = len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text)
        return _TAGS.sub(_ALONE, folded) if is_wide else folded
    # Mostly ASCII: replacing a few signs is faster than looking up every character. Controls come first
    # in the order, so that a NUL of the text is gone before one stands for something.
    for char in sorted(set(_UNUSUAL.findall(text))):
        code = ord(char)
        if code < _TABLE_SIZE:
            text = text.replace(char, chr(table[code]))
        elif _TAGS.match(char):
            text = text.replace(char, _ALONE)
    return text.lower()  # what the signs became is folded already, and lower() leaves it alone


@cache
def classes() -> dict[str, str]:
    """Character -> the character that stands for its class of spellings."""
    lines = files("monitors").joinpath("folding_classes.txt").read_text(encoding="utf-8").splitlines()
    return {char: line[0] for line in lines if not line.startswith("#") for char in line[1:]}


@lru_cache(maxsize=65536)
def fold_cluster(cluster: str) -> str:
    """A character with its marks, folded by definition: this is what the table is made of."""
    if "\ud800" <= cluster[0] <= "\udfff":
        return "\ufffd"
    first = unicodedata.normalize("NFKC", cluster[0])
    if cluster[0] in _SYMBOLS or (len(first) > 1 and not any(char.isalnum() for char in first)):
        return _SIGNS.get(cluster[0], cluster[0])  # ™ stays out of the name before it, and "…" stays one sign
    whole = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold().lower())
    out = []
    base = ""
    for char in unicodedata.normalize("NFD", whole):
        category = unicodedata.category(char)
        if category == "Me" or (category == "Mn" and (_loses_marks(base) or 0xFE00 <= ord(char) <= 0xFE0F)):
            continue
        if category == "Cf" or 0xE0100 <= ord(char) <= 0xE01EF:
            continue
        if category[0] == "Z" or (category == "Cc" and char != "\x1e"):
            char = " "
        char = _SIGNS.get(char, char)
        if category[0] != "M":
            base = char
        out.append(char)
    spelling = classes()
    composed = unicodedata.normalize("NFC", "".join(out))
    return "".join(spelling.get(char, char) for char in composed)


def _loses_marks(base: str) -> bool:
    """Latin, Greek and Cyrillic letters and digits lose their marks; か and が are different letters."""
    return base != "" and (ord(base) < 0x0530 or 0x1E00 <= ord(base) <= 0x1FFF)


def _joins(char: str) -> bool:
    code = ord(char)
    # Vowels and finals of decomposed Hangul; half-width voicing marks of kana; marks of every script.
    return 0x1160 <= code <= 0x11FF or code in (0xFF9E, 0xFF9F) or unicodedata.category(char)[0] == "M"


@cache
def _ascii_controls() -> dict[int, int]:
    return dict.fromkeys((*range(0x1E), 0x1F, 0x7F), 0x20)


@cache
def _table() -> list[int]:
    """One code point for each code point, for str.translate: a list answers faster than a dict."""
    table = list(range(_TABLE_SIZE))
    for char, stands_for in classes().items():
        if ord(char) < _TABLE_SIZE:
            table[ord(char)] = ord(stands_for)
    # Half of a pair that some program cut is no character, and no encoder takes it.
    table[0xD800:0xE000] = [0xFFFD] * 0x800
    # Han and Hangul syllables fold by the classes alone; everything else is asked one by one.
    asked = [*range(0x3400), *range(0x4DC0, 0x4E00), *range(0xA000, 0xAC00), *range(0xD7A4, 0xD800)]
    asked += [*range(0xE000, 0x20000), *range(0x2F800, 0x2FA20)]
    for code in asked:
        char = chr(code)
        if _joins(char):
            table[code] = ord(_JOINS)
        elif unicodedata.category(char) not in ("Co", "Cn"):
            folded = fold_cluster(char)
            table[code] = ord(folded) if len(folded) == 1 else ord(_ALONE)
    return table


def _reshape(text: str, folded: str) -> Folded:
    """Work out the regions in which the length changes; the rest is copied in step."""
    parts: list[str] = []
    points: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    size = done = 0

    def copy(start: int, end: int) -> None:
        nonlocal size
        if start < end:
            points.append(size)
            starts.append(start)
            ends.append(-1)
            parts.append(folded[start:end])
            size += end - start

    for region in _REGION.finditer(folded):
        start, end = region.span()
        copy(done, start)
        last = parts[-1][-1] if parts else ""
        after = folded[end : end + 1]
        pieces = list(_pieces(text, folded, start, end))
        for index, (piece, piece_start, piece_end) in enumerate(pieces):
            if piece == " ":
                following = next((other[0] for other, _, _ in pieces[index + 1 :] if other), after)
                if following == " " or last == " " or _is_spacing(last, following):
                    continue
            if not piece:
                continue
            points.append(size)
            starts.append(piece_start)
            ends.append(piece_end)
            parts.append(piece)
            size += len(piece)
            last = piece[-1]
        done = end
    copy(done, len(folded))
    return Folded("".join(parts), tuple(points), tuple(starts), tuple(ends))


def _respace(folded: str, pattern: re.Pattern[str]) -> Folded:
    """Runs of spaces become one, typographic spaces go; everything else stays in step."""
    parts: list[str] = []
    points: list[int] = []
    starts: list[int] = []
    size = done = 0
    for run in pattern.finditer(folded):
        start, end = run.span()
        # One space of a run stays, unless it only parts two kinds of script; a single one found is such a space.
        stop = (
            start + 1
            if end - start > 1 and not _is_spacing(folded[start - 1 : start], folded[end : end + 1])
            else start
        )
        if stop > done:
            points.append(size)
            starts.append(done)
            parts.append(folded[done:stop])
            size += stop - done
        done = end
    if not done:
        return Folded(folded)
    if done < len(folded):
        points.append(size)
        starts.append(done)
        parts.append(folded[done:])
    return Folded("".join(parts), tuple(points), tuple(starts), (-1,) * len(points))


def _is_spacing(before: str, after: str) -> bool:
    if not before or not after:
        return False
    return (is_unspaced(before) and is_word(after)) or (is_word(before) and is_unspaced(after))


def _pieces(text: str, folded: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """(folded piece, start, end) of each character of a region, marks together with their base."""
    pieces: list[tuple[str, int, int]] = []
    at = start
    while at < end:
        stop = at + 1
        cluster = text[at]
        look = stop
        while look < end and (folded[look] == _JOINS or (folded[look] == _ALONE and not fold_cluster(text[look]))):
            if folded[look] == _JOINS:  # zero-width characters between a letter and its mark do not part them
                cluster += text[look]
                stop = look + 1
            look += 1
        if len(cluster) == 1 and folded[at] not in (_ALONE, _JOINS):
            pieces.append((folded[at], at, stop))
        else:
            pieces.append((fold_cluster(cluster), at, stop))
        at = stop
    return pieces
