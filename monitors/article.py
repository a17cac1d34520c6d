"""An article: one entry of one source, as the ear sees it. The shape every analytical command reads.

Bytes of a feed become articles in `monitors.feeds`; from here on nothing knows what a feed is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


class BadField(ValueError):
    """A field of an incoming line cannot be used; `str()` is `field: what is wrong`."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field}: {problem}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """One published text.

    `published` is aware, or None when the source gives no usable date: a missing date is never
    "now". `source` is the name of the outlet or board. `body` may be empty (headline only).
    `rank` is the place on a board, 1 is the top.
    """

    id: str
    title: str
    published: datetime | None = None
    source: str = ""
    body: str = ""
    url: str = ""
    lang: str = ""
    rank: int | None = None


# Outside lies the zero of some program, and what no clock can count from.
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


def parse_time(text: object, *, field: str = "published") -> datetime:
    """An aware time from ISO 8601 text. A time without an offset is read as UTC. Raises BadField."""
    if not isinstance(text, str):
        raise BadField(field, "not a date")
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadField(field, "not a date") from None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise BadField(field, "not a date")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(line: Mapping[str, Any], field: str) -> str:
    value = line.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadField(field, "not a text")
    return value


def article_of(line: Mapping[str, Any]) -> Article:
    """The article of one NDJSON object. Unknown fields are ignored. Raises BadField."""
    identity = line.get("id")
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)
    if not isinstance(identity, str) or not identity:
        raise BadField("id", "missing")
    rank = line.get("rank")
    if rank is not None and (isinstance(rank, bool) or not isinstance(rank, int)):
        raise BadField("rank", "not a whole number")
    published = line.get("published")
    return Article(
        id=identity,
        title=_text(line, "title"),
        published=None if published is None else parse_time(published),
        source=_text(line, "source"),
        body=_text(line, "body"),
        url=_text(line, "url"),
        lang=_text(line, "lang"),
        rank=rank,
    )


def as_line(article: Article) -> dict[str, Any]:
    """The NDJSON object of an article: empty optional fields are left out."""
    line: dict[str, Any] = {"id": article.id}
    if article.published is not None:
        line["published"] = article.published.isoformat()
    line["source"] = article.source
    line["title"] = article.title
    for name in ("body", "url", "lang", "rank"):
        value = getattr(article, name)
        if value not in ("", None):
            line[name] = value
    return line
