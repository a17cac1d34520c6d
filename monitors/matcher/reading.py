"""One article made ready for many watches: title and body folded as one text, with the way back."""

from __future__ import annotations

import re
from functools import cached_property

from monitors.article import Article
from monitors.folding import UNSPACED, WORD, Folded, classes, fold
from monitors.matcher.mention import Span
from monitors.query.tree import Place

BORDER = "\x1e"  # stands between title and body; no term holds it, so nothing matches across
_WHOLE = re.compile(f"{WORD}+|[\u2300-\u2bff\U0001f000-\U0001faff]")
_HALF = re.compile(f"[{UNSPACED}]")
_MUCH = 0.3  # of the letters; brands and figures in Latin letters are frequent in Chinese news
_TRADITIONAL = 0.1  # of the Han characters; in traditional texts about a third is spelled differently
_SIDES = {Place.SOURCE: 0, Place.URL: 1}

Bounds = tuple[int, int]
Leaf = tuple[int, int, str]  # start, end in the folded text, and the term as the watch writes it


class Reading:
    """An article during one match. `hits` maps the number of a term to its places in the folded text."""

    def __init__(self, article: Article) -> None:
        title = article.title.replace(BORDER, " ") if BORDER in article.title else article.title
        self.article = article
        self.original = f"{title}{BORDER}{article.body}"
        self.folded: Folded = fold(self.original)
        self.text = self.folded.text
        self.border = self.text.index(BORDER)
        self.hits: dict[int, list[Bounds]] = {}
        self.present: set[int] = set()  # the numbers of `hits`: sets are compared faster than dicts
        self._spans: dict[Leaf, Span] = {}
        self._near: dict[tuple[int, int, int], bool] = {}

    def bounds(self, place: Place) -> Bounds:
        """Where title or body begin and end in the folded text."""
        return (0, self.border) if place is Place.TITLE else (self.border + 1, len(self.text))

    def gap(self, start: int, end: int) -> int:
        """Half-words between two places: 2 for a word or an emoji, 1 for a Chinese character, 0 for signs.

        Measured on a zh-Hans sample: 1.8 Han characters to a word; 2 is the integer next to it.
        """
        return 2 * len(_WHOLE.findall(self.text, start, end)) + len(_HALF.findall(self.text, start, end))

    def is_within(self, start: int, end: int, halves: int) -> bool:
        """Are there at most so many half-words between two places, and no border?"""
        key = (start, end, halves)
        answer = self._near.get(key)
        if answer is None:
            # A far place is mostly known to be far from the first words of the gap.
            window = start + 12 * halves + 24
            answer = (
                not start <= self.border < end
                and (end <= window or self.gap(start, window) <= halves)
                and self.gap(start, end) <= halves
            )
            self._near[key] = answer
        return answer

    def spans(self, leaves: list[Leaf], elsewhere: list[Span]) -> tuple[Span, ...]:
        """The places as spans of the original fields, sorted, without repeats."""
        known = self._spans
        found = []
        for leaf in sorted(set(leaves)):
            span = known.get(leaf)
            if span is None:
                span = known[leaf] = self._span(leaf)
            found.append(span)
        if elsewhere:
            found += sorted(set(elsewhere), key=lambda span: (_SIDES[span.field], span))
        return tuple(found)

    def _span(self, leaf: Leaf) -> Span:
        start, end = self.folded.span(leaf[0], leaf[1])
        title = len(self.article.title)
        if start < title:
            return Span(Place.TITLE, start, end, leaf[2])
        return Span(Place.BODY, start - title - 1, end - title - 1, leaf[2])

    @cached_property
    def lang(self) -> str:
        """The language of the article in lower case; guessed from its script when the source does not say.

        Guessed are zh-hans, zh-hant, ja, ko and en; "" when it may be anything. A feed that names no language
        must not make a watch with `lang:zh` deaf.
        """
        if self.article.lang:
            return self.article.lang.casefold().replace("_", "-")
        letters = [char for char in self.original if char.isalpha()]
        if not letters:
            return ""
        if any("\u3041" <= char <= "\u30fa" for char in letters):
            return "ja"
        han = [char for char in letters if "\u4e00" <= char <= "\u9fff"]
        if len(han) >= _MUCH * len(letters):
            spelling = classes()
            # Some characters of simplified texts have a plainer spelling as well, so a few do not decide.
            return "zh-hant" if sum(char in spelling for char in han) > _TRADITIONAL * len(han) else "zh-hans"
        if sum("\uac00" <= char <= "\ud7a3" for char in letters) >= _MUCH * len(letters):
            return "ko"
        return "en" if sum(char.isascii() for char in letters) >= 0.98 * len(letters) else ""

    @cached_property
    def source(self) -> Folded:
        return fold(self.article.source)

    @cached_property
    def url(self) -> Folded:
        return fold(self.article.url)

    @cached_property
    def host(self) -> tuple[str, int]:
        """(host of the address without port, in lower case; where it begins), or ("", 0)."""
        found = re.match(r"[A-Za-z][\w+.-]*://(?:[^/?#@]*@)?([^/:?#]+)", self.article.url)
        return (found[1].lower(), found.start(1)) if found else ("", 0)
