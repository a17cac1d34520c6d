"""What screens show: counts and joined rows, always scoped to the person who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select, tuple_

from crisis.core.complaint import ComplaintState
from crisis.core.incident import IncidentState
from crisis.core.people import Person
from crisis.core.release import DeliveryState
from crisis.core.sources import Alarm, Source, StoredArticle, StoredMention, Story, StoryState
from crisis.store import records, schema, visible


def waiting_stories(db: Connection, *, person: Person) -> int:
    """How many stories wait in triage."""
    query = select(func.count()).where(visible.stories(person), schema.story.c.state == StoryState.OPEN)
    return int(db.execute(query.select_from(schema.story)).scalar_one())


def open_incidents(db: Connection, *, person: Person) -> int:
    query = select(func.count()).where(visible.incidents(person), schema.incident.c.state == IncidentState.OPEN)
    return int(db.execute(query.select_from(schema.incident)).scalar_one())


def open_complaints(db: Connection, *, person: Person) -> int:
    table = schema.complaint
    query = select(func.count()).where(
        visible.complaints(person), table.c.state.in_((ComplaintState.OPEN, ComplaintState.SOLVED))
    )
    return int(db.execute(query.select_from(table)).scalar_one())


def left_building(db: Connection) -> int:
    """How many deliveries reached people outside: mail that was sent. In a drill it stays 0."""
    table = schema.delivery
    query = select(func.count()).where(
        table.c.channel == "email",
        table.c.state.in_((DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.UNCERTAIN)),
    )
    return int(db.execute(query.select_from(table)).scalar_one())


def triage(db: Connection, *, person: Person, origin: str = "", limit: int = 100) -> tuple[Story, ...]:
    """Stories that wait, the gravest first, then the newest."""
    table = schema.story
    conditions = [visible.stories(person), table.c.state == StoryState.OPEN]
    if origin:
        conditions.append(table.c.origin == origin)
    return records.find(
        db,
        Story,
        *conditions,
        order=(table.c.severity.desc(), table.c.risk.desc(), table.c.last_at.desc(), table.c.id),
        limit=limit,
    )


def decided_last(db: Connection, *, person: Person) -> Story | None:
    """The story that somebody decided about last; None before the first one."""
    decided_at = schema.story.c.decided_at
    conditions = (visible.stories(person), decided_at.is_not(None))
    found = records.find(db, Story, *conditions, order=(decided_at.desc(),), limit=1)
    return found[0] if found else None


@dataclass(frozen=True, kw_only=True)
class MentionRow:
    """One article of a story that names us, with its source and the copies that were folded into it."""

    article: StoredArticle
    source: Source
    mentions: tuple[StoredMention, ...]
    copies: int


def mention_rows(db: Connection, story_id: int, *, limit: int = 40) -> tuple[MentionRow, ...]:
    """The story's articles that name us (all, when none does), one per voice, oldest first; copies are counted, not
    listed. A crisis has thousands of articles: no more than `limit` are read."""
    table, mention = schema.article, schema.mention
    voices = (table.c.story_id == story_id, table.c.copy_id.is_(None))
    naming = table.c.id.in_(select(mention.c.article_id).where(mention.c.story_id == story_id))
    order = (table.c.published_at.nulls_last(), table.c.id)
    articles = records.find(db, StoredArticle, *voices, naming, order=order, limit=limit)
    articles = articles or records.find(db, StoredArticle, *voices, order=order, limit=limit)
    return _rows(db, articles)


def first_mention_rows(db: Connection, story_ids: Sequence[int], *, limit: int) -> tuple[MentionRow, ...]:
    """The first articles of several stories together, as `mention_rows` has them of each. It asks as often for a
    hundred stories as for one: a crisis has many."""
    table, mention = schema.article, schema.mention
    voices = (table.c.story_id.in_(story_ids), table.c.copy_id.is_(None))
    naming = tuple_(table.c.id, table.c.story_id).in_(
        select(mention.c.article_id, mention.c.story_id).where(mention.c.story_id.in_(story_ids))
    )
    named = select(table.c.story_id).where(*voices, naming)
    order = (func.coalesce(table.c.published_at, table.c.fetched_at), table.c.story_id, table.c.id)
    telling = or_(naming, table.c.story_id.not_in(named))
    return _rows(db, records.find(db, StoredArticle, *voices, telling, order=order, limit=limit))


def with_voices(db: Connection, story_ids: Sequence[int]) -> frozenset[int]:
    """Those of the stories that an article tells which is no copy."""
    table = schema.article
    query = select(table.c.story_id).where(table.c.story_id.in_(story_ids), table.c.copy_id.is_(None)).distinct()
    return frozenset(row.story_id for row in db.execute(query))


def _rows(db: Connection, articles: Sequence[StoredArticle]) -> tuple[MentionRow, ...]:
    table, mention = schema.article, schema.mention
    story_of = {article.id: article.story_id for article in articles}
    ids = list(story_of)
    found: dict[int, list[StoredMention]] = {}
    for item in records.find(db, StoredMention, mention.c.article_id.in_(ids)):
        if item.story_id == story_of[item.article_id]:
            found.setdefault(item.article_id, []).append(item)
    wanted = {article.source_id for article in articles}
    sources = {source.id: source for source in records.find(db, Source, schema.source.c.id.in_(wanted))}
    count = select(table.c.copy_id, table.c.story_id, func.count().label("n")).where(table.c.copy_id.in_(ids))
    copies = {
        row.copy_id: row.n
        for row in db.execute(count.group_by(table.c.copy_id, table.c.story_id))
        if row.story_id == story_of[row.copy_id]
    }
    return tuple(
        MentionRow(
            article=article,
            source=sources[article.source_id],
            mentions=tuple(found.get(article.id, ())),
            copies=copies.get(article.id, 0),
        )
        for article in articles
    )


def reprinted_by(db: Connection, article_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Who printed copies of these articles, each outlet once, by article."""
    table = schema.article
    query = select(table.c.copy_id, table.c.outlet).where(table.c.copy_id.in_(article_ids)).order_by(table.c.id)
    found: dict[int, dict[str, None]] = {}
    for row in db.execute(query):
        found.setdefault(row.copy_id, {})[row.outlet] = None
    return {article_id: tuple(outlets) for article_id, outlets in found.items()}


def alarms(db: Connection, story_id: int) -> tuple[Alarm, ...]:
    return records.find(db, Alarm, story_id=story_id, order=(schema.alarm.c.id.desc(),))


def volume(
    db: Connection, story_ids: Sequence[int], *, until: datetime, step: timedelta, slots: int
) -> dict[int, tuple[int, ...]]:
    """Articles per slot of time for each story, oldest slot first; the last slot ends at `until`."""
    counts = {story_id: [0] * slots for story_id in story_ids}
    begin = until - step * slots
    table = schema.article
    query = select(table.c.story_id, table.c.published_at, table.c.fetched_at).where(
        table.c.story_id.in_(story_ids), table.c.fetched_at >= begin
    )
    for row in db.execute(query):
        at = row.published_at or row.fetched_at
        # Rounded down, so that what is older than the first slot does not fall into it.
        slot = (at - begin) // step
        if 0 <= slot < slots:
            counts[row.story_id][slot] += 1
    return {story_id: tuple(values) for story_id, values in counts.items()}


@dataclass(frozen=True, kw_only=True)
class SourceCount:
    """How many sources are polled, how many of them are well, and the newest poll."""

    all: int
    well: int
    polled_at: datetime | None


def source_count(db: Connection) -> SourceCount:
    sources = records.find(db, Source, active=True)
    well = sum(1 for source in sources if source.health.get("state", "fresh") in ("fresh", "ok"))
    polled = [source.polled_at for source in sources if source.polled_at is not None]
    return SourceCount(all=len(sources), well=well, polled_at=max(polled, default=None))


def names(db: Connection) -> dict[int, str]:
    """Names of everybody, by id; 0 is the desk itself."""
    table = schema.person
    return {row.id: row.name for row in db.execute(select(table.c.id, table.c.name))}
