"""Hot lists and boards that answer in JSON: what is being searched or read right now, with a rank.

Every board has its own JSON. A `Shape` says where the items and their fields lie; without one the list is found and
its fields are recognised by the names that boards use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

import orjson

from monitors.article import Article
from monitors.dates import parse_date
from monitors.encoding import decode
from monitors.feeds.plain import one_line, scrubbed, text_of_loose
from monitors.feeds.quick import join
from monitors.sources.listing import Listing, NotASource, identity

_MOST = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """Where things lie. Paths are names and numbers joined by dots, as in `data.cards.0.content`; "" finds them.
    `link` may be a template with `{field}` in braces, for boards that give an id instead of an address."""

    items: str = ""
    title: str = ""
    link: str = ""
    body: str = ""
    published: str = ""
    rank: str = ""


_TITLES = (
    "title",
    "word",
    "note",
    "name",
    "desc",
    "query",
    "keyword",
    "Title",
    "hotword",
    "target.title",
    "card_title",
)
_LINKS = (
    "url",
    "link",
    "href",
    "mobileUrl",
    "mobile_url",
    "scheme",
    "Url",
    "share_url",
    "target.url",
    "rawUrl",
    "appUrl",
)
_BODIES = ("summary", "excerpt", "description", "digest", "abstract", "target.excerpt", "content", "desc", "intro")
_DATES = (
    "published",
    "pubDate",
    "publish_time",
    "created_at",
    "ctime",
    "time",
    "onboard_time",
    "target.created",
    "date",
)
_RANKS = ("rank", "index", "position", "realpos", "order", "no")


def read(
    data: bytes,
    *,
    source: str,
    url: str = "",
    shape: Shape | None = None,
    at: datetime | None = None,
    assume: tzinfo = UTC,
) -> Listing:
    """The items of a board from its top, `rank` from 1. Raises NotASource.

    `source` is the name of the board. `at` (aware) is the moment of the snapshot: an item without a date of its own is
    dated by it, since it was public then; without `at` it has none. `assume` is the zone of dates without one.
    """
    shape = shape or Shape()
    try:
        found = orjson.loads(decode(data).text.lstrip("\ufeff \r\n\t"))
    except ValueError:
        raise NotASource("not_json", "not JSON") from None
    items = _at(found, shape.items) if shape.items else _longest_list(found)
    if not isinstance(items, list):
        raise NotASource("no_items", f"no list at {shape.items!r}" if shape.items else "no list of titles in it")
    articles: dict[str, Article] = {}
    problems = []
    for place, item in enumerate(items[:_MOST], 1):
        article = _article(item, place, shape, source, url, at, assume)
        if article is None:
            problems.append(f"item {place}: no title")
        else:
            articles.setdefault(article.id, article)
    return Listing(articles=tuple(articles.values()), problems=tuple(problems))


def _article(
    item: Any, place: int, shape: Shape, source: str, url: str, at: datetime | None, assume: tzinfo
) -> Article | None:
    if isinstance(item, str):
        item = {"title": item}
    if not isinstance(item, dict):
        return None
    title = one_line(text_of_loose(_field(item, shape.title, _TITLES)))
    if not title:
        return None
    link = _template(item, shape.link) if "{" in shape.link else _field(item, shape.link, _LINKS)
    body = text_of_loose(_field(item, shape.body, _BODIES))
    written = _field(item, shape.published, _DATES)
    rank = _field(item, shape.rank, _RANKS)
    return Article(
        id=identity(source, title),
        title=title,
        published=(parse_date(written, assume=assume, now=at) if written else None) or at,
        source=source,
        body="" if body == title else body,
        url=join(url, link) if link else "",
        rank=int(rank) if shape.rank and rank.isdecimal() and len(rank) < 6 else place,
    )


def _field(item: Mapping[str, Any], path: str, usual: tuple[str, ...]) -> str:
    for candidate in (path,) if path else usual:
        value = _at(item, candidate)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return scrubbed(str(value)).strip()
    return ""


def _template(item: Mapping[str, Any], template: str) -> str:
    link = template
    for part in template.split("{")[1:]:
        name = part.partition("}")[0]
        link = link.replace("{" + name + "}", _field(item, name, ()))
    return link


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _longest_list(found: Any) -> list[Any] | None:
    best: list[Any] = []
    for candidate in _lists(found, depth=0):
        titled = sum(bool(isinstance(item, dict) and _field(item, "", _TITLES)) for item in candidate[:_MOST])
        if titled * 2 > len(candidate) and len(candidate) > len(best):
            best = candidate
    return best or None


def _lists(value: Any, *, depth: int) -> Iterator[list[Any]]:
    if depth > 6:
        return
    if isinstance(value, list):
        yield value
        for item in value[:50]:
            yield from _lists(item, depth=depth + 1)
    elif isinstance(value, dict):
        for item in list(value.values())[:200]:
            yield from _lists(item, depth=depth + 1)
