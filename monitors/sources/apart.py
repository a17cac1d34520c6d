"""Reading other sources than feeds as a feed is read: in a process of its own, with the outcome as a `Feed`.

What `monitors.reading.Readers.run` calls in another process lies here: functions that are found by their names, whose
answers find their way back (an exception with two arguments does not).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from monitors import fulltext
from monitors.article import Article
from monitors.feeds import Feed, Kind, NotAFeed, Problem
from monitors.feeds.plain import scrubbed
from monitors.sources import page
from monitors.sources.listing import Listing, NotASource


def listing_or_why(read: Callable[..., Listing], *args: Any, **more: Any) -> Listing | tuple[str, str]:
    """What `read` (a function of `monitors.sources`) finds, or code and sentence of NotASource."""
    try:
        listing = read(*args, **more)
    except NotASource as wrong:
        return wrong.code, str(wrong)
    return replace(listing, articles=tuple(map(_storable, listing.articles)))


def _storable(article: Article) -> Article:
    """The article without control characters and halves of characters, which databases refuse: one in a file of
    thousands would hold up all of them, at every visit again."""
    texts = {name: getattr(article, name) for name in ("id", "title", "source", "body", "url", "lang")}
    sound: dict[str, Any] = {name: scrubbed(text).encode("utf-8", "replace").decode() for name, text in texts.items()}
    return article if sound == texts else replace(article, **sound)


def page_of(data: bytes, url: str, content_type: str, *, main: bool) -> page.Snapshot:
    """The words of a page; with `main` those of its article, without menus, if one is found."""
    found = fulltext.extract(data, url=url, content_type=content_type) if main else None
    return page.snapshot(data, content_type=content_type, main_text=found.text if found else "")


def full_text_of(data: bytes, url: str, content_type: str) -> fulltext.FullText | None:
    """The article of a page, or None."""
    return fulltext.extract(data, url=url, content_type=content_type)


def feed_of(listing: Listing, *, title: str = "") -> Feed:
    """A listing as the desk takes it in: what was left out stands in `problems` as left_out."""
    problems = tuple(Problem(code="left_out", detail=sentence[:500]) for sentence in listing.problems)
    return Feed(kind=Kind.LISTING, title=title, articles=listing.articles, problems=problems)


def not_a_feed(why: tuple[str, str]) -> NotAFeed:
    """Code and sentence of a NotASource as the health of a source takes them."""
    return NotAFeed(*why)
