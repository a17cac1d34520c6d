"""From what a reader found to values: texts made plain, dates read, ids made stable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from hashlib import blake2b
from itertools import count
from typing import NamedTuple

from monitors.article import Article
from monitors.dates import parse_date, zone_of_language

from .document import Document, Entry, Kind, Markup, Value
from .feed import Feed, Problem
from .known import Known, NotAsBefore
from .plain import one_line, text_of_html, text_of_loose, text_of_text
from .quick import join

LONGEST_TITLE = 2_000
LONGEST_BODY = 1_000_000
"""Characters. Longer ones are cut, and reported."""
MOST_ENTRIES = 50_000
_MOST_PROBLEMS = 1_000

_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}


def feed_of(document: Document, *, url: str, encoding: str, replaced: int, known: Known | None = None) -> Feed:
    """The feed with its articles; entries that hold nothing are dropped and named in `problems`. Entries whose id is
    `known` are not read. Raises NotAsBefore if entries were left out of the document that have to be read."""
    problems: list[Problem] = []
    if document.truncated:
        problems.append(Problem(code="truncated", detail="the end of the feed is missing"))
    elif document.broken:
        problems.append(Problem(code="not_well_formed", detail="not well-formed XML, read tolerantly"))
    if replaced:
        problems.append(Problem(code="damaged_text", detail=f"{replaced} characters could not be read as {encoding}"))
    title = one_line(plain(document.title))[:LONGEST_TITLE]
    language = document.language.strip().replace("_", "-")[:35]
    zone = zone_of_language(language)
    link = join(url, document.link)
    base = url or next((own for own in (document.self_url, link) if own.startswith(("http://", "https://"))), "")
    drafts: list[_Draft] = []
    if len(document.entries) > MOST_ENTRIES:
        problems.append(Problem(code="too_many_entries", detail=f"{len(document.entries)}, read are {MOST_ENTRIES}"))
    entries = document.entries[:MOST_ENTRIES]
    scope = _scope(title, link)
    placed = dict(zip(_places(document), entries, strict=False))
    heard = _Heard() if known is None else _heard(document, placed, base, scope, known)
    for place, entry in placed.items():
        if place in heard.ids:
            continue
        try:
            draft = _draft(entry, place, base, title, language, zone, problems)
        except (ValueError, OverflowError, RecursionError, LookupError, TypeError) as error:
            # One bad entry never costs its feed.
            problems.append(Problem(code="unreadable_entry", entry=place, detail=type(error).__name__))
            continue
        if draft:
            drafts.append(draft)
        else:
            problems.append(Problem(code="empty_entry", entry=place, detail="no title, no text and no link"))
    return Feed(
        kind=document.kind,
        title=title,
        link=link,
        language=language,
        hub=document.hub,
        self_url=document.self_url,
        moved_to=document.moved_to.strip(),
        updated=parse_date(document.updated, assume=zone) if document.updated else None,
        ttl=_minutes(document.ttl),
        update_every=_period(document.update_period, document.update_frequency),
        encoding=encoding,
        truncated=document.truncated,
        articles=_identified(drafts, scope, problems, heard.by_name),
        known=tuple(heard.ids.values()),
        problems=tuple(problems[:_MOST_PROBLEMS]),
        marks=heard.marks,
        frame=heard.frame,
    )


def plain(value: Value | None) -> str:
    """What a reader sees of a value."""
    if value is None:
        return ""
    if value.markup is Markup.HTML:
        return text_of_html(value.text)
    return text_of_loose(value.text) if value.markup is Markup.LOOSE else text_of_text(value.text)


class _Draft(NamedTuple):
    """An article before its id can be told, which depends on what else is in the feed."""

    place: int
    guid: str
    title: str
    published: datetime | None
    source: str
    body: str
    url: str
    lang: str


def _draft(
    entry: Entry, place: int, base: str, outlet: str, language: str, zone: tzinfo, problems: list[Problem]
) -> _Draft | None:
    title, body = one_line(plain(entry.title)), _body(entry)
    link = _link(entry, base)
    if not (title or body or link or _says_something(entry)):
        return None
    if len(title) > LONGEST_TITLE:
        problems.append(Problem(code="title_cut", entry=place, detail=f"{len(title)} characters"))
        title = title[:LONGEST_TITLE]
    if len(body) > LONGEST_BODY:
        problems.append(Problem(code="body_cut", entry=place, detail=f"{len(body)} characters"))
        body = body[:LONGEST_BODY]
    published = _published(entry, zone)
    if published is None and (entry.published or entry.updated or entry.created):
        written = (entry.published or entry.updated or entry.created)[:60]
        problems.append(Problem(code="bad_date", entry=place, detail=written))
    source = one_line(text_of_loose(entry.source)) if entry.source else ""
    return _Draft(place, entry.guid.strip(), title, published, source or outlet, body, link, entry.lang or language)


def _says_something(entry: Entry) -> bool:
    """Whether it has an id, a date or content without words (a picture)."""
    values = (entry.guid, entry.published, entry.updated, entry.created)
    return any(values) or any(value and value.text.strip() for value in (entry.title, entry.summary, *entry.contents))


def _body(entry: Entry) -> str:
    """The longest of what the entry tells: feeds put the story now into the summary, now into the content, and
    captions of pictures beside either."""
    if not entry.contents:
        return plain(entry.summary) or plain(entry.caption)
    values = entry.contents if entry.summary is None else [*entry.contents, entry.summary]
    longest = ""
    for value in sorted(values, key=lambda value: -len(value.text)):
        # Plain text is never longer than its markup.
        if len(value.text) > len(longest):
            longest = max(longest, plain(value), key=len)
    return longest or plain(entry.caption)


def _published(entry: Entry, zone: tzinfo) -> datetime | None:
    """First publication if stated; a changed article is not a new one."""
    for written in (entry.published, entry.updated, entry.created):
        moment = parse_date(written, assume=zone) if written else None
        if moment:
            return moment
    return None


def _link(entry: Entry, base: str) -> str:
    link = entry.link or (entry.guid if entry.guid_is_link else "") or entry.other_link
    if not link and entry.guid.startswith(("http://", "https://")):
        link = entry.guid
    link = "".join(link.split()) if "\n" in link else link.strip()
    return join(base, link) if link else ""


def _places(document: Document) -> Iterator[int]:
    """The places of the entries of a document, from 1, in the feed that it is of."""
    return (place for place in count(1) if place not in document.left_out)


def _scope(title: str, link: str) -> bytes:
    """What the ids of a feed's entries have in common."""
    return f"{title}\n{link.partition('://')[2].rstrip('/')}\n".encode("utf-8", "replace")


def _id(scope: bytes, name: str) -> str:
    return blake2b(scope + name.encode("utf-8", "replace"), digest_size=10).hexdigest()


class _Heard(NamedTuple):
    """What is known of a feed: ids of entries that are not read, by place, and what all will be known by next time.
    `by_name` are ids that were worked out."""

    ids: Mapping[int, str] = {}
    marks: Mapping[str, str] = {}
    frame: str = ""
    by_name: Mapping[str, str] = {}


def _heard(document: Document, places: Mapping[int, Entry], base: str, scope: bytes, known: Known) -> _Heard:
    """Only entries that have a guid or a link of their own are known: what others are called depends on their texts."""
    names = {place: entry.guid.strip() or _link(entry, base) for place, entry in places.items()}
    counts = Counter(names.values())
    ids = {name: _id(scope, name) for name in counts if name}
    around = scope + base.encode("utf-8", "replace") + document.frame
    frame = blake2b(around, digest_size=8).hexdigest() if document.frame else ""
    left_out = document.left_out
    if left_out and (frame != known.frame or not set(left_out.values()).isdisjoint(ids.values())):
        raise NotAsBefore
    own = {place: ids[name] for place, name in names.items() if name and counts[name] == 1}
    heard = left_out | {place: identity for place, identity in own.items() if identity in known.marks}
    marked = (own | left_out).items() if frame else ()
    marks = {identity: mark for place, identity in marked if (mark := document.marks[place - 1])}
    return _Heard(dict(sorted(heard.items())), marks, frame, ids)


def _identified(
    drafts: list[_Draft], scope: bytes, problems: list[Problem], by_name: Mapping[str, str]
) -> tuple[Article, ...]:
    """The articles with ids: of feed and guid, else link, else text. The same entry has the same id next time, no two
    entries of a feed share one, and neither place in the feed nor the address it was fetched from matter."""
    names = [draft.guid or draft.url or _words(draft) for draft in drafts]
    shared = {name for name, times in Counter(names).items() if times > 1}
    given: Counter[str] = Counter()
    articles = []
    for draft, name in zip(drafts, names, strict=True):
        if name in shared:
            # Some feeds give all entries the same guid, or the link of the front page.
            problems.append(Problem(code="shared_id", entry=draft.place, detail=name[:200]))
            name = f"{name}\n{draft.url}\n{_words(draft)}"
        given[name] += 1
        if given[name] > 1:
            name = f"{name}\n{given[name]}"
        articles.append(
            Article(
                id=by_name.get(name) or _id(scope, name),
                title=draft.title,
                published=draft.published,
                source=draft.source,
                body=draft.body,
                url=draft.url,
                lang=draft.lang,
            )
        )
    return tuple(articles)


def _words(draft: _Draft) -> str:
    when = draft.published.isoformat() if draft.published else ""
    return f"{draft.title}\n{when}\n{draft.body[:500] if not draft.title else ''}"


def _minutes(text: str) -> timedelta | None:
    text = text.strip()
    minutes = int(text) if text.isdecimal() and len(text) < 7 else 0
    return timedelta(minutes=minutes) if minutes else None


def _period(period: str, frequency: str) -> timedelta | None:
    length = _PERIODS.get(period.strip().lower())
    if length is None:
        return None
    times = int(frequency) if frequency.strip().isdecimal() and len(frequency) < 6 else 1
    return length / max(1, times)


__all__ = ["Kind", "feed_of", "plain"]
