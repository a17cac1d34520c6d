"""From an answer of a source to stories in triage: one transaction per answer.

    fetched, parsed            outside of it
    -> new articles, their copies and stories, mentions with spans, risk with reasons
    -> stories in triage with severity and reasons, alarms, the source's health and next time, log entries

Articles and the source's validators are saved together: a process that is killed in the middle of a poll has
neither lost nor doubled an entry.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from crisis.core.sources import (
    FETCHED,
    Dropped,
    Form,
    Source,
    StoredArticle,
    StoredMention,
    Story,
    fixed_interval,
)
from crisis.core.subscription import POLLED_EVERY, Push
from crisis.flows import ear as ears
from crisis.flows import evidence, hubs, links, waiting
from crisis.flows.desk import Desk, acting, note
from crisis.flows.ear import Ear
from crisis.store import records, rulings, sources
from monitors.alert import Alert
from monitors.article import Article
from monitors.cadence import next_due
from monitors.feeds import Feed, NotAFeed
from monitors.fetch import Body, Fetched, Robots
from monitors.health import Health, health_from, health_record, noticed
from monitors.hosts import HostHealth, fell_away_together, host_from, host_record
from monitors.matcher import Mention
from monitors.poller import host_of
from monitors.reading import health_after
from monitors.risk import assess
from monitors.stories import Placement

MOST_BODY = 20_000
MOST_KEY = 500
MOST_LANG = 8
MOST_OUTLET = 200


@dataclass(frozen=True, kw_only=True)
class TakenIn:
    """What one answer brought: new articles, how many name us, stories touched, alarms raised.

    `articles` are the ids of the new ones; `naming` the id of each that names us, by the id it had at its source.
    """

    new: int = 0
    mentions: int = 0
    stories: tuple[int, ...] = ()
    alerts: int = 0
    articles: tuple[int, ...] = ()
    naming: Mapping[str, int] = field(default_factory=dict)


def take_in(
    desk: Desk,
    ear: Ear | None,
    source_id: int,
    fetched: Fetched,
    feed: Feed | NotAFeed | None,
    *,
    jitter: float,
    kept: Mapping[str, Any] | None = None,
    pages: Mapping[str, Body] | None = None,
) -> TakenIn:
    """Take in one answer of a source. `jitter` 0..1 spreads the next visits.

    `kept` is what the source shall remember until then (None: what it remembered before); `pages` are the pages of
    articles, by the id of the article, from which their full text was read.
    """
    with acting(desk) as (db, now):
        source = records.get(db, Source, source_id)
        articles: tuple[Article, ...] = feed.articles if isinstance(feed, Feed) else ()
        host = _host(db, source, fetched, now)
        result = _entries(desk, db, ear, source, articles, now=now) if articles and ear else TakenIn()
        health = health_after(health_from(dict(source.health)), fetched, feed, new=result.new, now=now)
        if isinstance(fetched, Body) and isinstance(feed, Feed):
            _drops(db, source, feed, now)
            _cited(db, source, result, fetched, pages or {}, now)
            hubs.discovered(desk, db, source, fetched, feed)
        # Without an ear nothing was heard: a source that remembered the visit would never tell it again.
        if kept is not None and ear is not None:
            sources.keep(db, source.id, kept)
        health, notice = noticed(health, now)
        if notice is not None:
            verb = "source_recovered" if notice.code in ("source_recovered", "source_heard_again") else "source_failed"
            problem = dict(notice.args).get("problem", notice.code)
            note(db, verb, at=now, source=source.name, why=problem)
        speaks = hubs.speaks(db, source, now)
        records.save(db, _planned(source, health, host, now=now, jitter=jitter, speaks=speaks))
        _told_of(db, source, result, now)
        if ear is not None:
            ears.save(ear, db)
        return result


def take_pushed(desk: Desk, ear: Ear, push: Push, feed: Feed | NotAFeed) -> TakenIn:
    """Take in a document that a hub has pushed. It waits no longer; the rhythm of its source stays as it is."""
    with acting(desk) as (db, now):
        hubs.heard(db, push)
        source = records.get(db, Source, push.source_id)
        if isinstance(feed, NotAFeed):
            dropped = Dropped(source_id=source.id, at=now, key="", why=f"{feed.code} {source.url}")
            sources.drop_entries(db, [dropped])
            return TakenIn()
        result = _entries(desk, db, ear, source, feed.articles, now=now) if feed.articles else TakenIn()
        _drops(db, source, feed, now)
        body = Body(
            url=source.url,
            final_url=source.url,
            at=push.at,
            body=push.body,
            body_hash=hashlib.sha256(push.body).hexdigest(),
            content_type=push.content_type,
        )
        _cited(db, source, result, body, {}, now)
        health = health_from(dict(source.health))
        if result.new:
            health = health.heard(new=result.new, seen=len(feed.articles), now=now)
            records.save(db, replace(source, health=health_record(health)))
        _told_of(db, source, result, now)
        ears.save(ear, db)
        return result


def unknown(desk: Desk, source_id: int, articles: Iterable[Article]) -> tuple[Article, ...]:
    """The articles of a source that the desk has not yet, in their order."""
    listed = tuple(articles)
    with desk.reading() as db:
        known = sources.known_keys(db, source_id, {_key(article) for article in listed})
    return tuple(article for article in listed if _key(article) not in known)


def _cited(
    db: Connection, source: Source, result: TakenIn, body: Body, pages: Mapping[str, Body], now: datetime
) -> None:
    """Keep the document when an article of it names us, and the page of each such article that was read in full."""
    if not result.mentions:
        return
    evidence.keep_cited(db, source, body, result.articles, now)
    for name, article_id in result.naming.items():
        if name in pages:
            evidence.keep_cited(db, source, pages[name], [article_id], now)


def _told_of(db: Connection, source: Source, result: TakenIn, now: datetime) -> None:
    if result.new:
        note(db, "articles_taken_in", at=now, source=source.name, new=result.new, mentions=result.mentions)


def could_not(desk: Desk, source_id: int, problem: str) -> None:
    """An answer that could not be taken in: its source is shown as failing and asked again like any other."""
    with acting(desk) as (db, now):
        source = records.get(db, Source, source_id)
        # Visited, or a source that was never asked before would be due at once, for ever.
        health = replace(health_from(dict(source.health)).unreadable("not_taken_in", now), visited_at=now)
        sources.drop_entries(db, [Dropped(source_id=source.id, at=now, key="", why=f"not_taken_in {problem}")])
        host = host_from(dict(sources.hosts(db, [host_of(source.url)]).get(host_of(source.url)) or {}))
        records.save(db, _planned(source, health, host, now=now, jitter=0.5))


def put_off(desk: Desk, waits: Mapping[int, timedelta]) -> None:
    """Sources (by id) that are asked later, and nothing is held against them: their turn has not come, or it was our
    own network that was away."""
    with acting(desk) as (db, now):
        for source_id, wait in waits.items():
            source = records.get(db, Source, source_id)
            records.save(db, replace(source, due_at=now + wait))


def ask_who_fell_away_with(desk: Desk, before: Health) -> int:
    """A source that could not be reached is heard again: those that fell away with it are due now, however long they
    would wait for their next try. How many there were."""
    with acting(desk) as (db, now):
        waiting_for = [
            source
            for source in sources.listed(db)
            if source.active and source.due_at > now and fell_away_together(before, health_from(dict(source.health)))
        ]
        for source in waiting_for:
            records.save(db, replace(source, due_at=now))
        return len(waiting_for)


def keep_robots(desk: Desk, name: str, robots: Robots | None) -> None:
    """What the robots.txt of a host asks for; None keeps what was known."""
    with acting(desk) as (db, now):
        record = sources.hosts(db, [name]).get(name)
        host = host_from(dict(record)) if record else HostHealth()
        sources.keep_host(db, name, host_record(host.with_robots(robots, now)))


def _planned(
    source: Source, health: Health, host: HostHealth, *, now: datetime, jitter: float, speaks: bool = False
) -> Source:
    every = fixed_interval(source)
    if speaks:
        # The hub tells us; asking again is only for the day on which it forgets.
        every = max(every or POLLED_EVERY, POLLED_EVERY)
    due = next_due(health, now=now, jitter=jitter, host=host, every=every)
    return replace(source, health=health_record(health), polled_at=now, due_at=max(due, now))


def _host(db: Connection, source: Source, fetched: Fetched, now: datetime) -> HostHealth:
    if source.form not in FETCHED:
        return HostHealth()
    name = host_of(source.url)
    record = sources.hosts(db, [name]).get(name)
    before = host_from(dict(record)) if record else HostHealth()
    after = before.after(fetched, now)
    if after != before or record is None:
        sources.keep_host(db, name, host_record(after))
    return after


def _drops(db: Connection, source: Source, feed: Feed, now: datetime) -> None:
    """A ledger row for every entry that was dropped and why."""
    lost = {"empty_entry", "unreadable_entry", "too_many_entries", "left_out"}
    sources.drop_entries(
        db,
        [
            Dropped(
                source_id=source.id,
                at=now,
                key=str(problem.entry or ""),
                why=f"{problem.code} {problem.detail}".strip(),
            )
            for problem in feed.problems
            if problem.code in lost
        ],
    )


def _entries(
    desk: Desk, db: Connection, ear: Ear, source: Source, articles: Iterable[Article], *, now: datetime
) -> TakenIn:
    fresh: dict[str, Article] = {}
    for article in articles:
        fresh.setdefault(_key(article), article)
    known = sources.known_keys(db, source.id, fresh)
    new = [article for key, article in fresh.items() if key not in known]
    if not new:
        return TakenIn()
    ears.obey(ear, db)
    # Oldest first, so that of two copies the earlier one speaks; without a date last.
    new.sort(key=lambda item: item.published or now)
    stored = sources.add_articles(
        db,
        [
            StoredArticle(
                source_id=source.id,
                key=_key(article),
                outlet=_outlet(article, source),
                title=article.title,
                body=article.body[:MOST_BODY],
                url=_link(article.url),
                lang=_lang(article.lang or source.lang),
                published_at=article.published,
                fetched_at=now,
            )
            for article in new
        ],
    )
    touched: dict[int, list[Alert]] = {}
    naming: dict[str, int] = {}
    alerts = 0
    names = {_key(article): article.id for article in new}
    heard = [_hear(ear, item, now=now) for item in stored]
    stories = sources.story_ids(db, {item.story for item in heard})
    into = rulings.went_into(db, stories.values())
    stories = {key: into.get(story_id, story_id) for key, story_id in stories.items()}
    for item in heard:
        if not item.mentions and item.alert is None and item.story not in stories:
            continue
        story_id = _into_story(desk, db, ear, source, item, stories, now=now)
        if item.mentions:
            naming[names[item.stored.key]] = item.stored.id
        alerts += item.alert is not None
        touched.setdefault(story_id, []).extend([item.alert] if item.alert else [])
    ear.upto = stored[-1].id
    ear.unsaved += len(stored)
    for story_id, raised in touched.items():
        waiting.told(desk, db, story_id, raised, now=now)
    waiting.join(desk, db, ear, now=now)
    links.propose(db, ear, touched, now=now)
    return TakenIn(
        new=len(stored),
        mentions=len(naming),
        stories=tuple(touched),
        alerts=alerts,
        articles=tuple(item.id for item in stored),
        naming=naming,
    )


def _outlet(article: Article, source: Source) -> str:
    """Who published it. A feed, a board and a page are one outlet; the others carry articles of many."""
    one = source.form in (Form.FEED, Form.HOTLIST, Form.PAGE)
    return (source.name if one else article.source or source.name)[:MOST_OUTLET]


def _link(url: str) -> str:
    """The address of an article when a browser may be led there, else nothing: a feed may say `javascript:`."""
    return url if url.lower().startswith(("http://", "https://")) else ""


def _lang(tag: str) -> str:
    """A language as it is kept: a tag that is longer than the column (`zh-Hans-CN`) by its first part."""
    return tag if len(tag) <= MOST_LANG else tag.split("-")[0][:MOST_LANG]


def _key(article: Article) -> str:
    """The name of an entry within its source; a very long one keeps its beginning and a hash of the whole."""
    if len(article.id) <= MOST_KEY:
        return article.id
    return f"{article.id[: MOST_KEY - 65]}#{hashlib.sha256(article.id.encode()).hexdigest()}"


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """One article as the ear heard it: where it went, which watches caught it, whom it woke."""

    stored: StoredArticle
    placement: Placement | None
    story: str
    mentions: tuple[Mention, ...]
    alert: Alert | None


def _hear(ear: Ear, stored: StoredArticle, *, now: datetime) -> _Heard:
    article = ears.article_for(stored)
    alert = ear.listener.hear(article, now=now)
    placement = ear.listener.placed(article.id)
    key = ear.listener.stories.current(placement.story) if placement else f"single-{stored.id}"
    return _Heard(stored=stored, placement=placement, story=key, mentions=ear.matcher.match(article), alert=alert)


def _story_that_goes_on(db: Connection, ear: Ear, source: Source, heard: _Heard, *, now: datetime) -> int:
    """The story of the desk for one that the ear names anew: an ear that was told again may part what it had together
    before, and what was shown goes on. Else a new one, with what the ear had heard of it before it concerned us."""
    stored = heard.stored
    earlier = [int(name) for name in ear.listener.stories.articles_of(heard.story) if name != str(stored.id)]
    if standing := Counter(rulings.stories_of(db, earlier).values()):
        return max(standing, key=lambda known: (standing[known], -known))
    story = records.add(
        db,
        Story(
            key=heard.story,
            title=stored.title,
            first_at=waiting.begun(stored.published_at, now),
            found_at=now,
            last_at=now,
            region=source.region,
        ),
    )
    sources.place(db, earlier, story.id)
    note(db, "story_found", at=now, title=story.title, story=story.id)
    return story.id


def _into_story(
    desk: Desk,
    db: Connection,
    ear: Ear,
    source: Source,
    heard: _Heard,
    stories: dict[str, int],
    *,
    now: datetime,
) -> int:
    """Put an article that concerns us into its story, with its mentions and their risk; the story's id."""
    stored, placement, found = heard.stored, heard.placement, heard.mentions
    story_id = stories.get(heard.story)
    if story_id is None:
        story_id = stories[heard.story] = _story_that_goes_on(db, ear, source, heard, now=now)
    copy_of = int(placement.copy) if placement and placement.copy != str(stored.id) else None
    sources.hear_as(db, stored.id, story_id=story_id, copy_id=copy_of)
    if found:
        risk = assess(
            f"{stored.title}\n{stored.body}"[:4000],
            ear.names,
            desk.content.lexicon,
            title_end=len(stored.title),
        )
        ours = max((blame.score for blame in risk.blamed), default=risk.negative)
        record: dict[str, Any] = {
            "negative": round(risk.negative, 3),
            "harms": [str(harm) for harm in risk.harms],
            "reasons": [
                {
                    "span": list(reason.span),
                    "word": reason.word,
                    "kind": str(reason.kind),
                    "weight": round(reason.weight, 2),
                    "changes": [str(change) for change in reason.changes],
                }
                for reason in risk.reasons[:20]
            ],
        }
        sources.add_mentions(
            db,
            [
                StoredMention(
                    article_id=stored.id,
                    story_id=story_id,
                    watch=mention.watch,
                    spans=tuple(
                        {"field": str(span.field), "start": span.start, "end": span.end, "term": span.term}
                        for span in mention.spans
                    ),
                    negative=round(max(ours, risk.negative if risk.harms[:1] else ours), 3),
                    risk=record,
                    at=min(stored.published_at or now, now),
                )
                for mention in found
            ],
        )
    return story_id
