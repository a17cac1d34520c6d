"""Near-duplicates: many reprints of one text are one voice.

The way of a text: words (Latin) or characters (Han) -> shingles of three -> a sample
chosen by the shingle's own hash -> an index of texts by sampled shingle -> *containment*, the share of
the smaller text that the other one holds. Containment finds the shortened wire copy that Jaccard
similarity (MinHash) misses. What is remembered is a plain value: `dump()` and `Copies.load()`.

Who speaks: a copy group belongs to the outlet that had it first. `independent_sources` counts outlets
that have a text of their own, so neither a wire story printed by forty papers nor forty texts of one
paper is corroboration.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zlib import crc32

from monitors.article import Article
from monitors.tokens import plain

WINDOW = timedelta(hours=72)
LIMIT = 60_000
# A copy holds at least this share of the shingles of the smaller text. Headlines alone are short and alike
# (the same firm answers twice): they must agree almost wholly.
CONTAINMENT = 0.5
HEADLINES = 0.75
# Sampling: every shingle up to this many, then 1 in 2, 1 in 4, and 1 in 8 of the longest texts. Samples are
# nested (the shingle's own low bits decide), so texts of unlike length are compared on the coarser one.
_KEPT = 96
_COARSEST = 3
# A shingle that this many live texts hold is boilerplate (a footer, a cookie notice): it proves nothing.
_BOILERPLATE = 60
# Fewer shared sampled shingles than this are chance. Below it only an equal title makes a copy.
_LEAST = 4

_WORD = re.compile(r"[㐀-䶿一-鿿豈-﫿぀-ヿ가-힣]|[^\W_㐀-䶿一-鿿豈-﫿぀-ヿ가-힣]+")
_MASK = 0x7FFFFFFF


@dataclass(frozen=True, kw_only=True, slots=True)
class Print:
    """The fingerprint of one text: its sampled shingles (1 in 2**level), and the hash of its title alone, 0 = none."""

    shingles: tuple[int, ...]
    level: int
    title: int
    has_body: bool


@lru_cache(maxsize=131072)
def _code(word: str) -> int:
    return crc32(word.encode())


def shingles(text: str) -> tuple[tuple[int, ...], int]:
    """The distinct shingle hashes of a text and their sampling level (1 in 2**level kept). Equal on every machine.

    A shingle is three words, where a Han or Kana character is a word; case, width and punctuation do not count.
    """
    words = _words(text)
    codes = [_code(word) for word in words]
    found = {
        (a * 0x9E3779B1 + b * 0x85EBCA6B + c) & _MASK for a, b, c in zip(codes, codes[1:], codes[2:], strict=False)
    }
    level = 0
    while len(found) >> level >= _KEPT and level < _COARSEST:
        level += 1
    return _sample(found, level), level


def _words(text: str) -> list[str]:
    return _WORD.findall(plain(text).lower())


def _sample(found: Iterable[int], level: int) -> tuple[int, ...]:
    rest = (1 << level) - 1
    return tuple([shingle for shingle in found if not shingle & rest]) if rest else tuple(found)


def print_of(article: Article) -> Print:
    """The fingerprint of an article."""
    letters = "".join(_words(article.title))
    has_body = bool(article.body.strip())
    text = f"{article.title}\n{article.body}" if has_body else article.title
    found, level = shingles(text)
    return Print(shingles=found, level=level, title=crc32(letters.encode()), has_body=has_body)


def containment(one: Print, other: Print) -> float:
    """The share of the smaller text that the other one holds, 0 to 1, estimated on the coarser sample of the two."""
    level = max(one.level, other.level)
    a, b = set(_sample(one.shingles, level)), set(_sample(other.shingles, level))
    smaller = min(len(a), len(b))
    return len(a & b) / smaller if smaller else 0.0


class Copies:
    """Copy groups of a stream. A group is named after its first article.

    At most `limit` articles are remembered: in a flood the oldest go early, so that memory holds.
    """

    def __init__(self, *, window: timedelta = WINDOW, limit: int = LIMIT) -> None:
        self._window = window.total_seconds()
        self._limit = limit
        self._group: dict[str, str] = {}  # article id -> copy group
        self._texts: dict[str, Print] = {}
        self._order: deque[tuple[float, str]] = deque()
        self._holders: dict[int, list[str]] = {}
        self._titles: dict[int, str] = {}
        self._clock = 0.0

    def __len__(self) -> int:
        return len(self._texts)

    def group_of(self, article: str) -> str | None:
        """The copy group of an article that is still remembered."""
        return self._group.get(article)

    def add(self, article: Article) -> str:
        """The copy group of an article: the id of the first of its near-duplicates, or its own.

        An article without a date is taken as seen with the latest one before it. An id that is already
        known stays in its group: a feed that publishes again says nothing new.
        """
        known = self._group.get(article.id)
        if known is not None:
            return known
        if article.published is not None:
            self._clock = max(self._clock, article.published.timestamp())
        self.forget(self._clock)
        fingerprint = print_of(article)
        group = self._match(fingerprint) or article.id
        self._remember(article.id, group, self._clock, fingerprint)
        return group

    def forget(self, now: float) -> tuple[str, ...]:
        """Drop what is older than the window or over the limit; the ids dropped. `now` in seconds since 1970."""
        gone: list[str] = []
        while self._order and (self._order[0][0] < now - self._window or len(self._order) >= self._limit):
            _, old = self._order.popleft()
            fingerprint = self._texts.pop(old)
            del self._group[old]
            for shingle in fingerprint.shingles:
                holders = self._holders.get(shingle)
                # Oldest first, so the one to drop stands in front, unless the list was full when it came.
                if holders and holders[0] == old:
                    del holders[0]
                    if not holders:
                        del self._holders[shingle]
            if self._titles.get(fingerprint.title) == old:
                del self._titles[fingerprint.title]
            gone.append(old)
        return tuple(gone)

    def set_back(self, now: datetime) -> None:
        """The clock ran ahead and is right again: what was seen at a time that is still to come was seen now."""
        moment = now.timestamp()
        self._clock = min(self._clock, moment)
        self._order = deque((min(seen, moment), article) for seen, article in self._order)

    def _match(self, fingerprint: Print) -> str | None:
        same_title = self._titles.get(fingerprint.title) if fingerprint.title else None
        if same_title is not None and not (fingerprint.has_body and self._texts[same_title].has_body):
            return self._group[same_title]
        shared: dict[str, int] = {}
        usable: list[int] = []
        for shingle in fingerprint.shingles:
            holders = self._holders.get(shingle)
            if holders is not None:
                if len(holders) >= _BOILERPLATE:
                    continue
                for other in holders:
                    shared[other] = shared.get(other, 0) + 1
            usable.append(shingle)
        best, best_share = None, 0.0
        for other, number in shared.items():
            # Samples are nested: what two texts share is already counted on the coarser of both.
            if number < _LEAST:
                continue
            theirs = self._texts[other]
            mine_size, their_size = len(usable), len(theirs.shingles)
            if theirs.level > fingerprint.level:
                mine_size = len(_sample(usable, theirs.level))
            elif theirs.level < fingerprint.level:
                their_size = len(_sample(theirs.shingles, fingerprint.level))
            share = number / max(1, min(mine_size, their_size))
            bar = CONTAINMENT if fingerprint.has_body and theirs.has_body else HEADLINES
            if share >= max(bar, best_share):
                best, best_share = other, share
        return None if best is None else self._group[best]

    def _remember(self, article: str, group: str, seen: float, fingerprint: Print) -> None:
        self._group[article] = group
        self._texts[article] = fingerprint
        self._order.append((seen, article))
        if fingerprint.title:
            self._titles.setdefault(fingerprint.title, article)
        for shingle in fingerprint.shingles:
            holders = self._holders.get(shingle)
            if holders is None:
                self._holders[shingle] = [article]
            elif len(holders) < _BOILERPLATE:
                holders.append(article)

    def dump(self) -> dict[str, Any]:
        """Everything remembered, as JSON-able data."""
        return {
            "window": self._window,
            "limit": self._limit,
            "clock": self._clock,
            "texts": [
                [article, self._group[article], seen, list(text.shingles), text.level, text.title, text.has_body]
                for seen, article in self._order
                for text in (self._texts[article],)
            ],
        }

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> Copies:
        """The memory of an earlier `dump()`; one from before there was a limit names none."""
        copies = cls(window=timedelta(seconds=state["window"]), limit=state.get("limit", LIMIT))
        copies._clock = state["clock"]
        for article, group, seen, found, level, title, has_body in state["texts"]:
            text = Print(shingles=tuple(found), level=level, title=title, has_body=has_body)
            copies._remember(article, group, seen, text)
        return copies


def independent_sources(voices: Iterable[tuple[str, str, datetime | None]]) -> int:
    """How many outlets have a text of their own. `voices`: (outlet, copy group, published), any order.

    Each copy group counts for the outlet that had it first, each outlet once. Undated prints come last.
    """
    first: dict[str, tuple[float, str]] = {}
    for outlet, copy, published in voices:
        at = published.timestamp() if published is not None else float("inf")
        if copy not in first or at < first[copy][0]:
            first[copy] = (at, outlet)
    return len({outlet for _, outlet in first.values()})
