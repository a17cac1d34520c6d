"""All watches against one article at a time. A watch that is added, changed or removed counts from the next article on.

The bulk of the watches lies in large segments that are compiled once. What changes goes into a small
segment on top, which is compiled again with each change, and what is gone is only struck out. `merge`
makes one segment of all: call it in the background, matching goes on meanwhile.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from monitors.article import Article
from monitors.folding import fold
from monitors.matcher.mention import Mention
from monitors.matcher.reading import BORDER, Reading
from monitors.matcher.segment import Compiled, Segment
from monitors.query import QueryInvalid, read
from monitors.watch import Watch

_TOP = 32  # watches in the small segment: it compiles in about a millisecond
_REMEMBERED = 256  # folded texts kept to tell rare words from common ones when segments are merged


@dataclass(frozen=True, slots=True)
class _State:
    """What is matched now. Replaced as a whole, so that an article sees all of a change or nothing of it."""

    segments: tuple[tuple[Segment, frozenset[str]], ...]
    top: tuple[Compiled, ...]
    top_segment: Segment | None


class Matcher:
    """Watches by id. `match` may be called from many threads while watches change in others."""

    def __init__(
        self,
        watches: Iterable[Watch] = (),
        *,
        sample: Iterable[Article] = (),
        left_out: Callable[[Watch, QueryInvalid], None] | None = None,
    ) -> None:
        """`sample`: ordinary articles, which tell common words from rare ones (speed only).

        A watch that cannot be read is told to `left_out` and left out; raises QueryInvalid where there is none.
        """
        self._lock = threading.Lock()
        self._next = 0
        self._where: dict[str, Compiled] = {}
        self._recent: deque[str] = deque(maxlen=_REMEMBERED)
        for article in sample:
            self._recent.append(fold(f"{article.title}{BORDER}{article.body}").text)
        for watch in watches:
            try:
                self._where[watch.id] = self._compiled(watch)
            except QueryInvalid as wrong:
                if left_out is None:
                    raise
                left_out(watch, wrong)
        bulk = tuple(self._where.values())
        segments = ((Segment(bulk, self._recent), frozenset[str]()),) if bulk else ()
        self._state = _State(segments, (), None)

    def __len__(self) -> int:
        return len(self._where)

    def __contains__(self, watch: str) -> bool:
        return watch in self._where

    def match(self, article: Article) -> tuple[Mention, ...]:
        """The mentions of an article, in the order in which the watches were added."""
        state = self._state
        reading = Reading(article)
        self._recent.append(reading.text)
        found: list[tuple[int, Mention]] = []
        for segment, removed in state.segments:
            found += segment.match(reading, removed)
        if state.top_segment is not None:
            found += state.top_segment.match(reading, frozenset())
        return tuple(mention for _, mention in sorted(found, key=lambda item: item[0]))

    def add(self, watch: Watch) -> None:
        """Watch from the next article on. Raises QueryInvalid, and KeyError when the id is watched already."""
        if watch.id in self._where:
            raise KeyError(watch.id)
        self.replace(watch)

    def replace(self, watch: Watch) -> None:
        """Watch this instead of what had the id, or newly. Raises QueryInvalid; the old watch then stays."""
        query = read(watch.query)
        with self._lock:
            before = self._where.get(watch.id)
            compiled = Compiled(watch.id, query, self._next if before is None else before.order)
            self._next += before is None
            self._where[watch.id] = compiled
            self._change(watch.id, compiled)

    def remove(self, watch: str) -> None:
        """Watch no longer. Raises KeyError."""
        with self._lock:
            del self._where[watch]
            self._change(watch, None)

    def merge(self) -> None:
        """Make one segment of all, with anchors chosen by the articles seen lately. Takes seconds for many watches."""
        with self._lock:
            bulk = tuple(self._where.values())
        segment = Segment(bulk, self._recent.copy())
        with self._lock:
            # What changed while the segment was built is put on top of it.
            now = {compiled.id: compiled for compiled in self._where.values()}
            then = {compiled.id: compiled for compiled in bulk}
            gone = frozenset(key for key, compiled in then.items() if now.get(key) is not compiled)
            top = tuple(compiled for key, compiled in now.items() if then.get(key) is not compiled)
            segments = ((segment, gone),) if bulk else ()
            self._state = _State(segments, top, Segment(top) if top else None)

    @property
    def wants_merge(self) -> bool:
        """Have so many watches changed that `merge` would make matching faster?"""
        segments = self._state.segments
        return len(segments) > 2 or sum(len(removed) for _, removed in segments) > len(self._where) // 4

    def _compiled(self, watch: Watch) -> Compiled:
        compiled = Compiled(watch.id, read(watch.query), self._next)
        self._next += 1
        return compiled

    def _change(self, identity: str, compiled: Compiled | None) -> None:
        state = self._state
        top = tuple(item for item in state.top if item.id != identity)
        if len(top) == len(state.top):
            segments = tuple(
                (segment, removed | {identity} if identity in segment.ids else removed)
                for segment, removed in state.segments
            )
        else:
            segments = state.segments
        if compiled is not None:
            top = (*top, compiled)
        top_segment = Segment(top) if top else None
        if len(top) >= _TOP and top_segment is not None:
            segments, top, top_segment = (*segments, (top_segment, frozenset[str]())), (), None
        self._state = _State(segments, top, top_segment)
