"""What screens count and list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event

from crisis.core.sources import StoredArticle, StoredMention
from crisis.flows import waiting
from crisis.store import records, sources, views
from tests.world import BEGIN, World, add_source

SLOT = timedelta(minutes=5)


def article(world: World, story_id: int, key: str, published: datetime | None) -> None:
    with world.desk.reading() as db:
        source = views.source_count(db).all
    made = add_source(world.desk, f"https://paper.example/{source}")
    with world.desk.transaction() as db:
        records.add(
            db,
            StoredArticle(
                source_id=made.id,
                key=key,
                outlet="x",
                title=key,
                published_at=published,
                fetched_at=BEGIN,
                story_id=story_id,
            ),
        )


def test_what_is_older_than_the_first_slot_falls_into_no_slot(world: World) -> None:
    story = world.story()
    begin = BEGIN - 3 * SLOT
    for name, published in (("before", begin - timedelta(minutes=1)), ("first", begin), ("last", BEGIN - SLOT / 2)):
        article(world, story.id, name, published)

    with world.desk.reading() as db:
        assert views.volume(db, [story.id], until=BEGIN, step=SLOT, slots=3) == {story.id: (1, 0, 1)}


def test_an_article_without_a_date_stands_last(world: World) -> None:
    story = world.story()
    for name, published in (("undated", None), ("late", BEGIN), ("early", BEGIN - SLOT)):
        article(world, story.id, name, published)

    with world.desk.reading() as db:
        rows = views.mention_rows(db, story.id)
    assert [row.article.title for row in rows] == ["early", "late", "undated"]


def printed(
    world: World, story_id: int, *, outlet: str, copy_of: int | None = None, harms: tuple[str, ...] = ()
) -> int:
    """An article of the story, a mention of ours when it names harms; its id."""
    source = add_source(world.desk, f"https://paper.example/{outlet}", name=outlet)
    with world.desk.transaction() as db:
        made = records.add(
            db,
            StoredArticle(
                source_id=source.id,
                key=outlet,
                outlet=outlet,
                title=outlet,
                published_at=BEGIN,
                fetched_at=BEGIN,
                story_id=story_id,
                copy_id=copy_of,
            ),
        )
        if harms:
            risk = {"harms": list(harms), "reasons": []}
            negative = len(harms) / 10
            sources.add_mentions(
                db,
                [
                    StoredMention(
                        article_id=made.id,
                        story_id=story_id,
                        watch="name",
                        spans=(),
                        negative=negative,
                        risk=risk,
                        at=BEGIN,
                    )
                ],
            )
        return made.id


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    engine = world.desk.database.engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def test_of_a_story_the_voices_that_name_us_stand_with_their_copies_counted(world: World) -> None:
    story = world.story()
    first = printed(world, story.id, outlet="晚报", harms=("injury",))
    for outlet in ("甲", "乙"):
        printed(world, story.id, outlet=outlet, copy_of=first, harms=("injury",))
    printed(world, story.id, outlet="不提我们")
    printed(world, story.id, outlet="日报", harms=("injury", "regulator"))

    with world.desk.reading() as db:
        rows = views.mention_rows(db, story.id)
        reprints = views.reprinted_by(db, [first])
        newest_only = views.mention_rows(db, story.id, limit=1)

    assert [(row.article.outlet, row.copies, len(row.mentions), row.source.name) for row in rows] == [
        ("晚报", 2, 1, "晚报"),
        ("日报", 0, 1, "日报"),
    ]
    assert reprints == {first: ("甲", "乙")}
    assert [row.article.outlet for row in newest_only] == ["晚报"]


def test_the_first_voices_of_several_stories_are_those_of_each(world: World) -> None:
    named, unnamed, silent = world.story(), world.story(), world.story()
    first = printed(world, named.id, outlet="晚报", harms=("injury",))
    printed(world, named.id, outlet="甲", copy_of=first, harms=("injury",))
    printed(world, named.id, outlet="不提我们")
    printed(world, unnamed.id, outlet="日报")

    with world.desk.reading() as db:
        each = [row for story in (named, unnamed, silent) for row in views.mention_rows(db, story.id)]
        together = views.first_mention_rows(db, [named.id, unnamed.id, silent.id], limit=10)
        voiced = views.with_voices(db, [named.id, unnamed.id, silent.id])

    assert list(together) == each and len(each) == 2
    assert voiced == {named.id, unnamed.id}


def test_a_story_takes_its_risk_and_its_harms_from_all_its_mentions_without_reading_them(world: World) -> None:
    story, other = world.story(), world.story()
    printed(world, story.id, outlet="晚报", harms=("injury",))
    printed(world, story.id, outlet="日报", harms=("injury", "regulator"))

    with statements(world) as asked, world.desk.transaction() as db:
        assert sources.gravest_of(db, story.id) == (0.2, {"injury", "regulator"})
        assert sources.gravest_of(db, other.id) == (0.0, frozenset())
        told = waiting.told(world.desk, db, story.id, (), now=BEGIN)

    assert (told.risk, told.severity, told.mentions) == (0.2, 3, 2)
    assert not [statement for statement in asked if "mention.spans" in statement]


def test_what_the_ear_is_told_again_comes_in_parts_and_in_order(world: World) -> None:
    story = world.story()
    ids = [printed(world, story.id, outlet=outlet) for outlet in "abcde"]

    with world.desk.reading() as db:
        for at_once in (1, 2, 5, 9):
            again = [item.id for item in sources.articles_after(db, ids[0], since=BEGIN, at_once=at_once)]
            assert again == ids[1:]
        assert list(sources.articles_after(db, 0, since=BEGIN + SLOT)) == []
