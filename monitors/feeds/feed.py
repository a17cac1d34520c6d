"""What a parsed feed is: its articles, what it says about itself, and what was wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitors.article import Article

from .document import Kind
from .known import Known


class NotAFeed(ValueError):
    """The bytes are no feed. `code` says what they are instead, `str()` is the sentence for a log.

    Codes: empty, too_large, not_text, html_page, sitemap, opml, other_xml, other_json, broken_json, unreadable.
    """

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something about the feed an operator may want to know; `entry` is its place from 1, or 0 for the whole feed.

    Codes: empty_entry (dropped), unreadable_entry (dropped), too_many_entries (the rest dropped), title_cut, body_cut,
    bad_date, shared_id, not_well_formed, truncated, damaged_text.
    """

    code: str
    entry: int = 0
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A feed at one moment.

    `articles` keep the order of the feed. `hub` is its WebSub hub, `self_url` the address it gives itself, `moved_to`
    the address it says it moved to, each "" if it does not say. `ttl` and `update_every` are how often the source
    says it is worth asking (RSS ttl; syndication module). `updated` as stated. `encoding` is the one that was used.
    `truncated` says that the end is missing; the articles are those that were there. `known` are the ids of entries
    that it lists too, and that whoever asked had already: they are no articles here. `marks` and `frame` are those of
    `known.Known`.
    """

    kind: Kind
    title: str
    link: str = ""
    language: str = ""
    hub: str = ""
    self_url: str = ""
    moved_to: str = ""
    updated: datetime | None = None
    ttl: timedelta | None = None
    update_every: timedelta | None = None
    encoding: str = ""
    truncated: bool = False
    articles: tuple[Article, ...] = ()
    known: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    frame: str = ""

    @property
    def listed(self) -> tuple[str, ...]:
        """The ids of all its entries."""
        return (*self.known, *(article.id for article in self.articles))

    def known_next(self, most: int) -> Known:
        """What need not be read again next time: its entries, at most so many."""
        return Known({identity: self.marks.get(identity, "") for identity in self.listed[:most]}, self.frame)
