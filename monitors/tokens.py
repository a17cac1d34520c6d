"""The words of a text as weighted terms: what copies and stories compare.

Chinese is cut into character bigrams, everything else into words with a light English stem. No
segmenter and no model: on same-story pairs bigrams of title and lead rank better than segmented words
and cost a thirtieth. Traditional and simplified characters are one, so that both spellings of a story meet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from math import log

from monitors.article import Article
from monitors.folding import classes

# How much of the body counts as the lead, in characters. Longer texts rank worse, not better:
# the tail of an article is background that other stories share.
LEAD_LATIN = 600
LEAD_HAN = 150
TITLE_WEIGHT = 2
_NAME_BOOST = 1.5

_RUNS = re.compile(r"[㐀-䶿一-鿿豈-﫿]+|[^\W_㐀-䶿一-鿿豈-﫿]+(?:['’][^\W\d_]+)?")
# A year alone says nothing about what happened in it.
_YEAR = re.compile(r"(?:19|20)\d\d")
_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]")


def plain(text: str) -> str:
    """The text with width, compatibility forms and Chinese spelling variants folded; case and length may change."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).translate(_variants())


@cache
def _variants() -> dict[int, str]:
    return {ord(char): first for char, first in classes().items() if char != first}


@cache
def _stop() -> frozenset[str]:
    lines = files("monitors").joinpath("stopwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in plain(line).split())


def han_share(text: str) -> float:
    """The share of Han characters among the letters of a text, 0 to 1."""
    han = len(_HAN.findall(text))
    letters = sum(map(len, _RUNS.findall(text)))
    return han / letters if letters else 0.0


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of one lower-case English word; an empty text for a word without meaning of its own."""
    if word[-2:] in ("'s", "’s"):
        word = word[:-2]
    if word in _stop() or (len(word) < 2 and not word.isdigit()) or _YEAR.fullmatch(word):
        return ""
    if word.isascii() and len(word) > 3 and not word[0].isdigit():
        if word.endswith("ies") and len(word) > 4:
            return word[:-3] + "y"
        if word.endswith("ing") and len(word) > 5:
            word = word[:-3]
        elif word.endswith(("ed", "es")) and len(word) > 4:
            word = word[:-2]
        elif word.endswith("s") and not word.endswith("ss"):
            word = word[:-1]
        if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
            word = word[:-1]
        if len(word) > 3 and word[-1] == "e":
            word = word[:-1]
    return word


def counts(title: str, body: str = "") -> dict[str, float]:
    """How often each term occurs in title (counted double) and lead; names and numbers count half as much again."""
    lead = body[:LEAD_LATIN]
    if lead and han_share(lead[:120]) > 0.3:
        lead = lead[:LEAD_HAN]
    found: dict[str, float] = {}
    _collect(title, float(TITLE_WEIGHT) if lead else 1.0, found)
    if lead:
        _collect(lead, 1.0, found)
    return found


def article_counts(article: Article) -> dict[str, float]:
    """`counts` of an article."""
    return counts(article.title, article.body)


def _collect(text: str, weight: float, found: dict[str, float]) -> None:
    stop = _stop()
    for run in _RUNS.findall(plain(text)):
        if run[0] >= "㐀":
            if len(run) == 1:
                found[run] = found.get(run, 0.0) + weight
            else:
                for at in range(len(run) - 1):
                    pair = run[at : at + 2]
                    if pair not in stop:
                        found[pair] = found.get(pair, 0.0) + weight
            continue
        term = stem(run.lower())
        if term:
            plus = weight * _NAME_BOOST if run[0].isupper() or run[0].isdigit() else weight
            found[term] = found.get(term, 0.0) + plus


class Rarity:
    """How rare each term is in the stream so far: the weight of a term falls as it becomes common.

    Bounded: when more than `limit` terms are known, those seen once are forgotten.
    """

    def __init__(self, *, limit: int = 400_000) -> None:
        self.texts = 0
        self.seen: dict[str, int] = {}
        self._limit = limit

    def learn(self, terms: Mapping[str, float]) -> None:
        """Count one more text."""
        self.texts += 1
        seen = self.seen
        for term in terms:
            seen[term] = seen.get(term, 0) + 1
        if len(seen) > self._limit:
            self.seen = {term: number for term, number in seen.items() if number > 1}
            if len(self.seen) > self._limit * 0.8:
                # Everything recurs: halve, so that what was common long ago fades.
                self.texts //= 2
                self.seen = {term: number // 2 for term, number in self.seen.items() if number > 3}

    def of(self, term: str) -> float:
        """The inverse document frequency of a term, above 0."""
        return log(1.0 + (self.texts + 1.0) / (self.seen.get(term, 0) + 0.5))


def vector(found: Mapping[str, float], rarity: Rarity, *, keep: int = 60) -> dict[str, float]:
    """The `keep` weightiest terms as a vector of length 1: (1 + log count) x rarity."""
    texts = rarity.texts + 1.0
    seen = rarity.seen
    weighed = [
        ((1.0 + log(max(n, 1.0))) * log(1.0 + texts / (seen.get(term, 0) + 0.5)), term) for term, n in found.items()
    ]
    if len(weighed) > keep:
        weighed.sort(reverse=True)
        del weighed[keep:]
    length = sum(weight * weight for weight, _ in weighed) ** 0.5
    if not length:
        return {}
    return {term: weight / length for weight, term in weighed}


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The cosine of two vectors of length 1, 0 to 1."""
    if len(one) > len(other):
        one, other = other, one
    return sum([weight * other[term] for term, weight in one.items() if term in other])
