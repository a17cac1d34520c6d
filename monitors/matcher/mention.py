"""A mention: one article that a watch has caught, and the words it was caught by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from monitors.query.tree import Place


class Span(NamedTuple):
    """Where a word of a watch stands: characters of the original field, start to end. `term` as the watch writes it.

    A tuple, because a busy matcher makes hundreds of them for one article.
    """

    field: Place
    start: int
    end: int
    term: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """An article caught by a watch. `spans` are in order of title, body, source, url, then place, without repeats."""

    article: str
    watch: str
    spans: tuple[Span, ...]


def as_line(mention: Mention) -> dict[str, Any]:
    """The NDJSON object of a mention."""
    spans = [
        {"field": str(span.field), "start": span.start, "end": span.end, "term": span.term} for span in mention.spans
    ]
    return {"article": mention.article, "watch": mention.watch, "spans": spans}
