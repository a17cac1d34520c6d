"""A feed as its bytes give it, before anything is judged: what the readers (quick, judge, jsonfeed) hand on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """LISTING is no feed: what `monitors.sources` read of a sitemap, a board, a page, a folder or a mail."""

    RSS = "rss"
    ATOM = "atom"
    RDF = "rdf"
    JSON = "json"
    LISTING = "listing"


class Markup(StrEnum):
    """What a value is: surely HTML, surely text, or either (most titles)."""

    HTML = "html"
    TEXT = "text"
    LOOSE = "loose"


@dataclass(slots=True)
class Value:
    """A piece of content and how to read it."""

    text: str
    markup: Markup


@dataclass(slots=True)
class Entry:
    """One entry while it is collected. Dates are as written; links as written, with their base already applied."""

    title: Value | None = None
    title_depth: int = 1_000
    link: str = ""
    other_link: str = ""
    guid: str = ""
    guid_is_link: bool = False
    published: str = ""
    updated: str = ""
    created: str = ""
    summary: Value | None = None
    contents: list[Value] = field(default_factory=list)
    caption: Value | None = None
    source: str = ""
    lang: str = ""


@dataclass(slots=True)
class Document:
    """A whole feed. `broken` says it was not well-formed; `truncated` that its end is missing.

    Where entries are known by their bytes (`known`): `left_out` are the ids of those that are not among `entries`, by
    place from 1, `marks` are of all entries, and `frame` is what they stand in."""

    kind: Kind
    title: Value | None = None
    link: str = ""
    language: str = ""
    hub: str = ""
    self_url: str = ""
    updated: str = ""
    moved_to: str = ""
    ttl: str = ""
    update_period: str = ""
    update_frequency: str = ""
    entries: list[Entry] = field(default_factory=list)
    broken: bool = False
    truncated: bool = False
    left_out: dict[int, str] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    frame: bytes = b""
