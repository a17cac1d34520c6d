"""What screens count and list."""

from __future__ import annotations

from datetime import datetime, timedelta

from crisis.core.sources import StoredArticle
from crisis.store import records, views
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
