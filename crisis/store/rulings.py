"""Questions about rulings: which stand for a story, what they hold together or apart, and what moves with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, cast, func, insert, literal, select, update

from crisis.core.people import Person
from crisis.core.ruling import Link, Ruling, RulingKind, Side
from crisis.core.sources import Story
from crisis.store import records, schema, visible

_AT_ONCE = 500


def mark(db: Connection) -> int:
    """A mark that every ruling changes: the number of the newest, 0 before the first."""
    return int(db.execute(select(func.coalesce(func.max(schema.ruling.c.id), 0))).scalar_one())


def add(db: Connection, ruling: Ruling, articles: Mapping[Side, Sequence[int]]) -> Ruling:
    """The ruling with its number, kept with the articles of both stories."""
    made = records.add(db, ruling)
    rows = [
        {"ruling_id": made.id, "article_id": article, "side": side}
        for side, found in articles.items()
        for article in found
    ]
    db.execute(insert(schema.ruled), rows)
    return made


def articles(db: Connection, ruling_id: int) -> dict[Side, tuple[int, ...]]:
    """The articles of both stories as they stood at a ruling."""
    table = schema.ruled
    query = select(table.c.article_id, table.c.side).where(table.c.ruling_id == ruling_id).order_by(table.c.article_id)
    found: dict[Side, list[int]] = {Side.STORY: [], Side.OTHER: []}
    for row in db.execute(query):
        found[row.side].append(row.article_id)
    return {side: tuple(ids) for side, ids in found.items()}


def _stands(*kinds: RulingKind) -> ColumnElement[bool]:
    """Nobody has taken the ruling back."""
    table = schema.ruling
    undone = select(table.c.undoes).where(table.c.undoes.is_not(None))
    return (table.c.kind.in_(kinds)) & table.c.id.not_in(undone)


_HELD = (RulingKind.JOIN, RulingKind.PART, RulingKind.APART)
_AWAY = (RulingKind.PART, RulingKind.APART)


def _counts() -> ColumnElement[bool]:
    """The article is still of the side on which it was ruled: it was not taken out of its story by a later ruling."""
    ruled, later = schema.ruled, schema.ruled.alias("later")
    taken = select(schema.ruling.c.id).where(_stands(RulingKind.PART))
    return ~(
        select(later.c.ruling_id)
        .where(
            later.c.article_id == ruled.c.article_id,
            later.c.ruling_id > ruled.c.ruling_id,
            later.c.side == Side.OTHER,
            later.c.ruling_id.in_(taken),
        )
        .correlate(ruled)
        .exists()
    )


def newest(db: Connection, story_id: int) -> int:
    """The newest ruling about an article that the story holds, 0 without one."""
    ruled, article = schema.ruled, schema.article
    query = select(func.coalesce(func.max(ruled.c.ruling_id), 0)).join(article, article.c.id == ruled.c.article_id)
    return int(db.execute(query.where(article.c.story_id == story_id)).scalar_one())


def is_undone(db: Connection, ruling_id: int) -> bool:
    return records.first(db, Ruling, undoes=ruling_id) is not None


def is_last(db: Connection, ruling_id: int) -> bool:
    """Whether no later ruling that stands is about one of the articles that this one brought elsewhere."""
    ruled, ruling = schema.ruled, schema.ruling
    moving = select(ruled.c.article_id).where(
        ruled.c.ruling_id == ruling_id,
        ruled.c.side == Side.OTHER,
        ruled.c.ruling_id.in_(select(ruling.c.id).where(ruling.c.kind != RulingKind.APART)),
    )
    query = select(ruled.c.ruling_id).where(
        ruled.c.ruling_id > ruling_id,
        ruled.c.article_id.in_(moving),
        ruled.c.ruling_id.in_(select(ruling.c.id).where(_stands(*_HELD))),
    )
    return db.execute(query.limit(1)).first() is None


def away_from(db: Connection, story_id: int) -> dict[int, int]:
    """The stories that officers keep apart from this one, each with the newest ruling that says so."""
    ruled, ruling, article = schema.ruled, schema.ruling, schema.article
    own = db.execute(
        select(ruled.c.ruling_id, ruled.c.side)
        .join(ruling, ruling.c.id == ruled.c.ruling_id)
        .join(article, article.c.id == ruled.c.article_id)
        .where(article.c.story_id == story_id, _stands(*_AWAY), _counts())
        .distinct()
        .order_by(ruled.c.ruling_id)
    ).all()
    found: dict[int, int] = {}
    for ruling_id, side in own:
        rows = db.execute(
            select(article.c.story_id)
            .join(ruled, ruled.c.article_id == article.c.id)
            .where(ruled.c.ruling_id == ruling_id, ruled.c.side != side, article.c.story_id.is_not(None), _counts())
            .distinct()
        )
        found.update({row.story_id: ruling_id for row in rows})
    found.pop(story_id, None)
    return found


def apart_among(db: Connection, story_ids: Iterable[int]) -> frozenset[tuple[int, int]]:
    """Which of these stories officers keep apart from each other, each pair once, the smaller number first."""
    ruled, ruling, article = schema.ruled, schema.ruling, schema.article
    rows = db.execute(
        select(ruled.c.ruling_id, ruled.c.side, article.c.story_id)
        .join(ruling, ruling.c.id == ruled.c.ruling_id)
        .join(article, article.c.id == ruled.c.article_id)
        .where(article.c.story_id.in_(tuple(story_ids)), _stands(*_AWAY), _counts())
        .distinct()
    )
    return _pairs((row.ruling_id, row.side, row.story_id) for row in rows)


def contradicted(db: Connection, story_id: int) -> bool:
    """Whether a story holds articles that a ruling keeps apart."""
    ruled, ruling, article = schema.ruled, schema.ruling, schema.article
    query = (
        select(ruled.c.ruling_id)
        .join(ruling, ruling.c.id == ruled.c.ruling_id)
        .join(article, article.c.id == ruled.c.article_id)
        .where(article.c.story_id == story_id, _stands(*_AWAY), _counts())
        .group_by(ruled.c.ruling_id)
        .having(func.count(ruled.c.side.distinct()) > 1)
    )
    return db.execute(query.limit(1)).first() is not None


def _pairs(sides: Iterable[tuple[int, Side, int]]) -> frozenset[tuple[int, int]]:
    by_ruling: dict[int, dict[Side, set[int]]] = {}
    for ruling_id, side, story_id in sides:
        by_ruling.setdefault(ruling_id, {}).setdefault(side, set()).add(story_id)
    return frozenset(
        (min(one, other), max(one, other))
        for both in by_ruling.values()
        for one in both.get(Side.STORY, ())
        for other in both.get(Side.OTHER, ())
        if one != other
    )


@dataclass(frozen=True, kw_only=True)
class Held:
    """What rulings say about stories as they stand now: of which one any ruling speaks, which are held together, which
    pairs are kept apart."""

    touched: frozenset[int]
    together: frozenset[int]
    apart: frozenset[tuple[int, int]]


def held(db: Connection, *, least: int) -> Held:
    """What rulings say about the stories that hold an article of this number or a later one."""
    ruled, ruling, article = schema.ruled, schema.ruling, schema.article
    living = select(article.c.story_id).where(article.c.id >= least, article.c.story_id.is_not(None))
    rows = db.execute(
        select(ruled.c.ruling_id, article.c.story_id)
        .join(article, article.c.id == ruled.c.article_id)
        .where(article.c.story_id.in_(living))
        .distinct()
    ).all()
    standing = {row.id for row in db.execute(select(ruling.c.id).where(_stands(*_HELD)))}
    touched = frozenset(row.story_id for row in rows)
    return Held(
        touched=touched,
        together=frozenset(row.story_id for row in rows if row.ruling_id in standing),
        apart=apart_among(db, touched),
    )


def of_story(db: Connection, story_id: int) -> tuple[tuple[Ruling, Ruling | None], ...]:
    """The rulings about articles that the story holds now, newest first, each with the one that took it back."""
    ruled, article = schema.ruled, schema.article
    about = select(ruled.c.ruling_id).join(article, article.c.id == ruled.c.article_id)
    table = schema.ruling
    found = records.find(
        db,
        Ruling,
        table.c.id.in_(about.where(article.c.story_id == story_id).distinct()),
        order=(table.c.id.desc(),),
    )
    ends = {
        ruling.undoes: ruling for ruling in records.find(db, Ruling, table.c.undoes.in_([item.id for item in found]))
    }
    return tuple((ruling, ends.get(ruling.id)) for ruling in found if ruling.kind is not RulingKind.UNDO)


def move(db: Connection, article_ids: Sequence[int], to_id: int) -> None:
    """Put articles into a story, with what names us in them and the alarms that they raised."""
    article, mention, alarm = schema.article, schema.mention, schema.alarm
    moved = set(article_ids)
    left: set[int] = set()
    for begin in range(0, len(article_ids), _AT_ONCE):
        part = tuple(article_ids[begin : begin + _AT_ONCE])
        left.update(row.story_id for row in db.execute(select(article.c.story_id).where(article.c.id.in_(part))))
        db.execute(update(article).where(article.c.id.in_(part)).values(story_id=to_id))
        db.execute(update(mention).where(mention.c.article_id.in_(part)).values(story_id=to_id))
    raised = db.execute(select(alarm.c.id, alarm.c.articles).where(alarm.c.story_id.in_(left))).all()
    # An alarm stands where the article stands that raised it: the first one of its list.
    taken = [row.id for row in raised if row.articles[:1] and row.articles[0] in moved]
    db.execute(update(alarm).where(alarm.c.id.in_(taken)).values(story_id=to_id))


def current(db: Connection, story_id: int) -> int:
    """The story that a story is part of now: itself, or the one it went into."""
    return went_into(db, [story_id]).get(story_id, story_id)


def went_into(db: Connection, story_ids: Iterable[int]) -> dict[int, int]:
    """Where each of these stories is now, as far as it is part of another."""
    table = schema.story
    into: dict[int, int] = {}
    asked = frozenset(story_ids)
    while asked:
        query = select(table.c.id, table.c.into_id).where(table.c.id.in_(asked), table.c.into_id.is_not(None))
        more = {row.id: row.into_id for row in db.execute(query)}
        into |= more
        asked = frozenset(more.values()) - into.keys()
    return {story_id: _end(into, story_id) for story_id in into}


def _end(into: Mapping[int, int], story_id: int) -> int:
    seen = {story_id}
    while (more := into.get(story_id)) is not None and more not in seen:
        seen.add(more)
        story_id = more
    return story_id


def parts_within(db: Connection, story_ids: Iterable[int]) -> frozenset[int]:
    """Every story that has become part of one of these, also by way of others."""
    table = schema.story
    found = frozenset[int]()
    asked = frozenset(story_ids)
    while asked:
        more = frozenset(row.id for row in db.execute(select(table.c.id).where(table.c.into_id.in_(asked))))
        asked = more - found
        found |= more
    return found


def parts_of(db: Connection, story_id: int, *, person: Person) -> tuple[Story, ...]:
    """The stories that have become part of this one, as far as this person may know of them."""
    return records.find(db, Story, visible.stories(person), into_id=story_id)


def known_of(db: Connection, story_ids: Iterable[int], *, person: Person) -> frozenset[int]:
    """Those of these stories that this person may know of."""
    table = schema.story
    query = select(table.c.id).where(table.c.id.in_(tuple(story_ids)), visible.stories(person))
    return frozenset(row.id for row in db.execute(query))


def stories_of(db: Connection, article_ids: Sequence[int]) -> dict[int, int]:
    """In which story each of these articles stands; those that stand in none are left out."""
    table = schema.article
    found: dict[int, int] = {}
    for begin in range(0, len(article_ids), _AT_ONCE):
        part = tuple(article_ids[begin : begin + _AT_ONCE])
        query = select(table.c.id, table.c.story_id).where(table.c.id.in_(part), table.c.story_id.is_not(None))
        found.update({row.id: row.story_id for row in db.execute(query)})
    return found


def placed(db: Connection, *, least: int) -> dict[int, list[int]]:
    """The articles of this number and later ones by the story in which they stand, in order."""
    table = schema.article
    query = select(table.c.id, table.c.story_id).where(table.c.id >= least, table.c.story_id.is_not(None))
    found: dict[int, list[int]] = {}
    for row in db.execute(query.order_by(table.c.id)):
        found.setdefault(row.story_id, []).append(row.id)
    return found


def keys(db: Connection, story_ids: Iterable[int]) -> dict[int, str]:
    """The ear's names of these stories."""
    table = schema.story
    wanted, found = tuple(story_ids), dict[int, str]()
    for begin in range(0, len(wanted), _AT_ONCE):
        query = select(table.c.id, table.c.key).where(table.c.id.in_(wanted[begin : begin + _AT_ONCE]))
        found.update({row.id: row.key for row in db.execute(query)})
    return found


def rename(db: Connection, names: Mapping[int, str]) -> None:
    """Give stories the names that the ear has for them. A story outside of these that has such a name loses it."""
    table = schema.story
    wanted = tuple(names.values())
    for begin in range(0, len(wanted), _AT_ONCE):
        part = wanted[begin : begin + _AT_ONCE]
        free = literal("over-") + cast(table.c.id, table.c.key.type)
        db.execute(update(table).where(table.c.key.in_(part)).values(key=free))
    for story_id, name in names.items():
        db.execute(update(table).where(table.c.id == story_id).values(key=name))


def articles_of(db: Connection, story_id: int) -> dict[int, int | None]:
    """The articles of a story, each with the one whose copy it is."""
    table = schema.article
    query = select(table.c.id, table.c.copy_id).where(table.c.story_id == story_id).order_by(table.c.id)
    return {row.id: row.copy_id for row in db.execute(query)}


def links_of(db: Connection, story_ids: Iterable[int]) -> tuple[Link, ...]:
    """What was proposed about these stories, the likeliest first."""
    table = schema.link
    ids = tuple(story_ids)
    return records.find(
        db, Link, table.c.story_id.in_(ids) | table.c.other_id.in_(ids), order=(table.c.likeness.desc(), table.c.id)
    )
