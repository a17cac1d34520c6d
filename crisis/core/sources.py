"""Sources as the desk keeps them, and what the ear brought home: articles, stories, mentions, alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Form(StrEnum):
    """What a source is, and so how it is read. FOLDER and MAILBOX lie with us: nothing is fetched for them."""

    FEED = "feed"
    SITEMAP = "sitemap"
    HOTLIST = "hotlist"
    PAGE = "page"
    FOLDER = "folder"
    MAILBOX = "mailbox"


# Forms that are asked over the web like a feed; the others are looked into on this machine.
FETCHED = frozenset({Form.FEED, Form.SITEMAP, Form.HOTLIST, Form.PAGE})


@dataclass(frozen=True, kw_only=True)
class Source:
    """One place that is polled. `reach` 1..5, `kind` an outlet kind of `crisis.core.case`.

    `form` says how it is read, `options` what is special about this one: `full_text` (fetch the page of each new
    article), the shape of a hot list, the server and account of a mailbox. `health` is the state of
    `monitors.cadence` as a record; `interval_s` overrides the adaptive cadence.
    """

    id: int = 0
    name: str
    url: str
    form: Form = Form.FEED
    options: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "online"
    reach: int = 3
    lang: str = ""
    region: str = ""
    active: bool = True
    interval_s: int | None = None
    health: Mapping[str, Any]
    due_at: datetime
    polled_at: datetime | None = None
    added_at: datetime
    version: int = 1


# How often what lies with us is looked into, unless a person says otherwise: looking costs nobody anything.
_LOOKED_INTO_EVERY = {Form.FOLDER: timedelta(minutes=1), Form.MAILBOX: timedelta(minutes=5)}


def fixed_interval(source: Source) -> timedelta | None:
    """The interval that a person fixed, or that fits the form; None where the source's own rhythm decides."""
    if source.interval_s:
        return timedelta(seconds=source.interval_s)
    return _LOOKED_INTO_EVERY.get(source.form)


@dataclass(frozen=True, kw_only=True)
class StoredArticle:
    """An article in the desk. `key` is the entry's id within its source; `copy_id` is the first of its copies.

    `evidence_id` names the kept bytes of the document that it was read from, when those were kept.
    """

    id: int = 0
    source_id: int
    key: str
    outlet: str
    title: str
    body: str = ""
    url: str = ""
    lang: str = ""
    published_at: datetime | None = None
    fetched_at: datetime
    copy_id: int | None = None
    story_id: int | None = None
    evidence_id: int | None = None


class StoryState(StrEnum):
    OPEN = "open"
    DECLARED = "declared"
    MERGED = "merged"
    DISMISSED = "dismissed"


@dataclass(frozen=True, kw_only=True)
class Story:
    """What several articles tell together, as it waits in triage.

    `mentions` counts articles that name us, `voices` the independent ones (copies folded). `risk` 0..1.
    `severity` 1..5 is a suggestion; `reasons` say why it is here. `key` is the id of the ear. `into_id` is the story
    that it has become part of, with all its articles.
    """

    id: int = 0
    key: str
    title: str
    title_outside: bool = True
    first_at: datetime
    found_at: datetime
    last_at: datetime
    articles: int = 0
    mentions: int = 0
    voices: int = 0
    risk: float = 0.0
    severity: int = 1
    level: str = ""
    origin: str = "media"
    region: str = ""
    reasons: tuple[Mapping[str, Any], ...] = ()
    state: StoryState = StoryState.OPEN
    incident_id: int | None = None
    decided_by: int | None = None
    decided_at: datetime | None = None
    reason: str = ""
    into_id: int | None = None
    version: int = 1

    @property
    def is_folded(self) -> bool:
        """Whether all of it stands in another story now."""
        return self.into_id is not None


@dataclass(frozen=True, kw_only=True)
class StoredMention:
    """One (article, watch): spans count characters of the article's original text; `risk` keeps its reasons."""

    id: int = 0
    article_id: int
    story_id: int
    watch: str
    spans: tuple[Mapping[str, Any], ...]
    negative: float
    risk: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """The ear woke somebody: why, and with which articles."""

    id: int = 0
    story_id: int
    at: datetime
    level: str
    reasons: tuple[Mapping[str, Any], ...]
    articles: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """An entry or a poll that was not taken in, and why. Nothing is dropped in silence."""

    id: int = 0
    source_id: int
    at: datetime
    key: str
    why: str


@dataclass(frozen=True, kw_only=True)
class StoredWatch:
    """A watch beyond those that are made from the organisation's own names."""

    id: int = 0
    name: str
    query: str
    active: bool = True
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Bytes as they were fetched, of a document that is cited. `hash` is their SHA-256 in hex, `at` when they came."""

    id: int = 0
    source_id: int
    at: datetime
    hash: str
    body: bytes
    content_type: str = ""
    url: str = ""
