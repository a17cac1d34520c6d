"""Questions about sources, what they brought, and what the ear has to be told again after a restart."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, func, or_, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite

from crisis.core.people import Person
from crisis.core.sources import Dropped, Evidence, Source, StoredArticle, StoredMention, Story, StoryState
from crisis.store import records, schema, visible
from monitors.cadence import FURTHEST

_TELLING = 2


def due(db: Connection, *, now: datetime, limit: int = 500, besides: Collection[int] = ()) -> tuple[Source, ...]:
    """Active sources whose time has come, the longest overdue first, without those (by id) named as `besides`.

    A time further away than any plan was written by a clock that was wrong: such a source is due.
    """
    table = schema.source
    come = or_(table.c.due_at <= now, table.c.due_at > now + FURTHEST)
    others = table.c.id.not_in(tuple(besides))
    return records.find(
        db, Source, table.c.active.is_(True), come, others, order=(table.c.due_at, table.c.id), limit=limit
    )


def watches_mark(db: Connection) -> tuple[int, int, int]:
    """A mark that every change of a watch changes: how many there are, the newest, the sum of their versions."""
    table = schema.watch
    row = db.execute(
        select(
            func.count(),
            func.coalesce(func.max(table.c.id), 0),
            func.coalesce(func.sum(table.c.version), 0),
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def ask_all(db: Connection, *, at: datetime) -> None:
    """Every source is due at this time."""
    db.execute(update(schema.source).values(due_at=at))


def listed(db: Connection) -> tuple[Source, ...]:
    """Every source by name."""
    return records.find(db, Source, order=(schema.source.c.name, schema.source.c.id))


def hosts(db: Connection, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Health records of hosts by name."""
    table = schema.host
    rows = db.execute(select(table.c.name, table.c.health).where(table.c.name.in_(names)))
    return {row.name: row.health for row in rows}


def all_hosts(db: Connection) -> dict[str, Mapping[str, Any]]:
    """Health records of every host that was ever asked, by name."""
    table = schema.host
    return {
        row.name: row.health or {} for row in db.execute(select(table.c.name, table.c.health).order_by(table.c.name))
    }


def keep_host(db: Connection, name: str, health: Mapping[str, Any]) -> None:
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    query = dialect.insert(schema.host).values(name=name, health=health)
    db.execute(query.on_conflict_do_update(index_elements=["name"], set_={"health": query.excluded.health}))


def known_keys(db: Connection, source_id: int, keys: Iterable[str]) -> set[str]:
    """Which of these entries of a source are in the desk already."""
    table = schema.article
    asked, found = tuple(keys), set[str]()
    for begin in range(0, len(asked), 500):
        part = asked[begin : begin + 500]
        query = select(table.c.key).where(table.c.source_id == source_id, table.c.key.in_(part))
        found.update(row.key for row in db.execute(query))
    return found


def add_articles(db: Connection, articles: Sequence[StoredArticle]) -> list[StoredArticle]:
    """The articles with their ids, in the same order."""
    return records.add_all(db, articles)


def articles_after(db: Connection, article_id: int, *, since: datetime, at_once: int = 500) -> Iterator[StoredArticle]:
    """Articles that came after one, in the order in which they came: what the ear is told again.

    So many are in memory at once: after a change of name it is told all of three days.
    """
    table = schema.article
    while True:
        found = records.find(db, StoredArticle, table.c.id > article_id, table.c.fetched_at >= since, limit=at_once)
        yield from found
        if len(found) < at_once:
            return
        article_id = found[-1].id


def place(db: Connection, article_ids: Sequence[int], story_id: int) -> None:
    """Put articles that stand in no story yet into one."""
    table = schema.article
    for begin in range(0, len(article_ids), 500):
        part = tuple(article_ids[begin : begin + 500])
        db.execute(update(table).where(table.c.id.in_(part), table.c.story_id.is_(None)).values(story_id=story_id))


def hear_as(db: Connection, article_id: int, *, story_id: int, copy_id: int | None) -> None:
    """Put an article into its story, and under the article whose copy it is (None: it speaks for itself)."""
    table = schema.article
    db.execute(update(table).where(table.c.id == article_id).values(story_id=story_id, copy_id=copy_id))


def move_story(db: Connection, from_id: int, to_id: int) -> None:
    """Everything of one story belongs to another from now on."""
    for table in (schema.article, schema.mention, schema.alarm):
        db.execute(update(table).where(table.c.story_id == from_id).values(story_id=to_id))


def story_by_key(db: Connection, key: str) -> Story | None:
    return records.first(db, Story, key=key)


def story_ids(db: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Ids of the stories with these keys of the ear."""
    table = schema.story
    return {row.key: row.id for row in db.execute(select(table.c.key, table.c.id).where(table.c.key.in_(tuple(keys))))}


def live_stories(db: Connection, *, since: datetime) -> tuple[Story, ...]:
    """Stories of the ear that moved lately."""
    table = schema.story
    return records.find(db, Story, table.c.last_at >= since, table.c.key.not_like("hand-%"))


def moving_stories(db: Connection, *, since: datetime, limit: int, person: Person | None = None) -> tuple[Story, ...]:
    """Stories that moved lately and hold articles, the newest first: those that nobody has dismissed, with `person`
    those only that they may know of."""
    table = schema.story
    moving: list[ColumnElement[bool]] = [
        table.c.last_at >= since,
        table.c.articles > 0,
        table.c.state != StoryState.DISMISSED,
    ]
    if person is not None:
        moving.append(visible.stories(person))
    return records.find(db, Story, *moving, table.c.into_id.is_(None), order=(table.c.id.desc(),), limit=limit)


def stories_by_id(db: Connection, story_ids: Iterable[int], *, person: Person | None = None) -> tuple[Story, ...]:
    """These stories, without those that are part of another; with `person` those only that they may know of."""
    table = schema.story
    conditions: list[ColumnElement[bool]] = [table.c.id.in_(tuple(story_ids)), table.c.into_id.is_(None)]
    if person is not None:
        conditions.append(visible.stories(person))
    return records.find(db, Story, *conditions)


def tellers(db: Connection, story_ids: Sequence[int]) -> tuple[StoredArticle, ...]:
    """The article that says most of each story: the longer of the first two that name us, the first of equals."""
    mention, article = schema.mention, schema.article
    named = select(mention.c.story_id, mention.c.article_id).where(mention.c.story_id.in_(story_ids)).distinct()
    rows = named.subquery()
    place = func.row_number().over(partition_by=rows.c.story_id, order_by=rows.c.article_id).label("place")
    ranked = select(rows.c.article_id, place).subquery()
    chosen = select(ranked.c.article_id).where(ranked.c.place <= _TELLING)
    best: dict[int | None, StoredArticle] = {}
    for item in records.find(db, StoredArticle, article.c.id.in_(chosen)):
        known = best.get(item.story_id)
        if known is None or len(item.title) + len(item.body) > len(known.title) + len(known.body):
            best[item.story_id] = item
    return tuple(best.values())


def add_mentions(db: Connection, mentions: Sequence[StoredMention]) -> None:
    records.add_all(db, mentions)


def voices_of(db: Connection, story_id: int) -> tuple[list[tuple[str, str, datetime | None]], int, int]:
    """(outlet, copy group, published) of the story's articles that name us (of all, when none does); how many
    articles it has; how many of them name us."""
    table = schema.article
    naming = {
        row.article_id
        for row in db.execute(
            select(schema.mention.c.article_id).where(schema.mention.c.story_id == story_id).distinct()
        )
    }
    rows = db.execute(
        select(table.c.id, table.c.outlet, table.c.copy_id, table.c.published_at).where(table.c.story_id == story_id)
    ).all()
    groups = {row.id: row.copy_id or row.id for row in rows}
    ours = {groups[article] for article in naming if article in groups}
    voices = [(row.outlet, str(groups[row.id]), row.published_at) for row in rows if not ours or groups[row.id] in ours]
    return voices, len(rows), len(naming)


def first_since(db: Connection, since: datetime) -> int:
    """The number of the first article that came since then; beyond the newest when none did."""
    table = schema.article
    first = db.execute(select(func.min(table.c.id)).where(table.c.fetched_at >= since)).scalar_one()
    return int(first) if first is not None else int(db.execute(select(func.max(table.c.id))).scalar_one() or 0) + 1


def titles_of(db: Connection, story_id: int, *, most: int = 200) -> tuple[str, ...]:
    """The titles of the story's articles that name us, then of the others, each in the order in which they came."""
    article, mention = schema.article, schema.mention
    named = article.c.id.in_(select(mention.c.article_id).where(mention.c.story_id == story_id))
    query = select(article.c.title).where(article.c.story_id == story_id).order_by(named.desc(), article.c.id)
    return tuple(dict.fromkeys(row.title for row in db.execute(query.limit(most))))


def reach_of(db: Connection, story_id: int) -> int:
    """The widest reach of a source whose article of the story names us; 0 when none does."""
    source, article, mention = schema.source, schema.article, schema.mention
    query = (
        select(func.max(source.c.reach))
        .join_from(mention, article, article.c.id == mention.c.article_id)
        .join(source, source.c.id == article.c.source_id)
        .where(mention.c.story_id == story_id)
    )
    return int(db.execute(query).scalar() or 0)


def gravest_of(db: Connection, story_id: int) -> tuple[float, frozenset[str]]:
    """The greatest risk of the story's mentions, 0 without one; every kind of harm that one of them names.

    The database looks, and hands over kinds: a crisis has thousands of mentions, each with its reasons.
    """
    table = schema.mention
    if db.dialect.name == "postgresql":
        harms: ColumnElement[Any] = type_coerce(table.c.risk, postgresql.JSONB)["harms"]
    else:
        harms = func.json_extract(type_coerce(table.c.risk, Text), "$.harms")
    risk = db.execute(select(func.max(table.c.negative)).where(table.c.story_id == story_id)).scalar_one()
    lists = db.execute(select(harms).where(table.c.story_id == story_id).distinct()).scalars()
    found = (json.loads(item) if isinstance(item, str) else item for item in lists)
    return float(risk or 0.0), frozenset(harm for kinds in found for harm in kinds or ())


def drop_entries(db: Connection, dropped: Sequence[Dropped]) -> None:
    """Write down what was not taken in, and why."""
    records.add_all(db, dropped)


def dropped(db: Connection, source_id: int, *, limit: int = 50) -> tuple[Dropped, ...]:
    return records.find(db, Dropped, source_id=source_id, order=(schema.dropped.c.id.desc(),), limit=limit)


def article_counts(db: Connection) -> dict[int, int]:
    """How many articles each source has brought."""
    table = schema.article
    return {
        row.source_id: row.n
        for row in db.execute(select(table.c.source_id, func.count().label("n")).group_by(table.c.source_id))
    }


def dropped_counts(db: Connection) -> dict[int, int]:
    """How many entries of each source were dropped, of those whose rows are still kept."""
    table = schema.dropped
    return {
        row.source_id: row.n
        for row in db.execute(select(table.c.source_id, func.count().label("n")).group_by(table.c.source_id))
    }


def keep_evidence(
    db: Connection, *, source_id: int, at: datetime, hash: str, body: bytes, content_type: str, url: str
) -> int:
    """Keep the bytes of a document that is cited; the same bytes are kept once. The id of the row that holds them."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    query = dialect.insert(schema.evidence).values(
        source_id=source_id, at=at, hash=hash, body=body, content_type=content_type[:200], url=url
    )
    db.execute(query.on_conflict_do_nothing(index_elements=["hash"]))
    return int(db.execute(select(schema.evidence.c.id).where(schema.evidence.c.hash == hash)).scalar_one())


def cite(db: Connection, article_ids: Sequence[int], evidence_id: int) -> None:
    """These articles were read from a document that is kept."""
    table = schema.article
    for begin in range(0, len(article_ids), 500):
        part = tuple(article_ids[begin : begin + 500])
        db.execute(update(table).where(table.c.id.in_(part)).values(evidence_id=evidence_id))


def evidence_of(db: Connection, evidence_id: int) -> Evidence:
    """The kept bytes. Raises NotFound."""
    return records.get(db, Evidence, evidence_id)


@dataclass(frozen=True, kw_only=True)
class EvidenceFacts:
    """What is known of kept bytes without reading them."""

    id: int
    at: datetime
    hash: str
    size_bytes: int
    content_type: str
    url: str


def evidence_facts(db: Connection, evidence_id: int) -> EvidenceFacts | None:
    table = schema.evidence
    size = func.length(table.c.body).label("size_bytes")
    query = select(table.c.id, table.c.at, table.c.hash, size, table.c.content_type, table.c.url)
    row = db.execute(query.where(table.c.id == evidence_id)).first()
    return EvidenceFacts(**row._mapping) if row is not None else None


def recent_articles(
    db: Connection, *, since: datetime, limit: int, visible: ColumnElement[bool] | None = None
) -> tuple[StoredArticle, ...]:
    """The newest articles since a time (when they were published; without a date when they came), newest first.

    `visible` is a condition on `story` rows (`crisis.store.visible`): articles of a story that is hidden are left out.
    """
    table = schema.article
    seen = func.coalesce(table.c.published_at, table.c.fetched_at)
    conditions = [seen >= since]
    if visible is not None:
        conditions.append(
            or_(table.c.story_id.is_(None), table.c.story_id.in_(select(schema.story.c.id).where(visible)))
        )
    return records.find(db, StoredArticle, *conditions, order=(seen.desc(), table.c.id.desc()), limit=limit)


def kept(db: Connection, source_ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """What sources remember between two visits, by source; those that remember nothing are left out."""
    table = schema.source_kept
    query = select(table.c.source_id, table.c.kept).where(table.c.source_id.in_(tuple(source_ids)))
    return {row.source_id: row.kept for row in db.execute(query)}


def keep(db: Connection, source_id: int, kept: Mapping[str, Any]) -> None:
    """Remember for a source until its next visit."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    query = dialect.insert(schema.source_kept).values(source_id=source_id, kept=kept)
    db.execute(query.on_conflict_do_update(index_elements=["source_id"], set_={"kept": query.excluded.kept}))
