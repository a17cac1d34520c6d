"""A page asks the database as often for a thousand mentions as for a few: no question per row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from crisis.core.incident import Incident
from crisis.core.sources import Source, StoredArticle, StoredMention, Story
from crisis.store import records
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import BEGIN, World, add_source

PAGES = {
    "inbox": "/inbox",
    "triage": "/inbox/S-{story}",
    "incidents": "/i",
    "room": "/i/{key}",
    "sources": "/sources",
    "search": "/search?q=星炉",
}


def hear(world: World, stories: list[Story], source: Source, *, each: int) -> None:
    """Add articles with a mention to each story, some of them copies."""
    with world.desk.transaction() as db:
        made = records.add_all(
            db,
            [
                StoredArticle(
                    source_id=source.id,
                    key=f"{story.id}-{source.id}-{number}",
                    outlet=f"晚报{number}",
                    title=f"星炉灶具起火 {number}",
                    body="星炉灶具起火，两人受伤。",
                    url=f"https://paper.example/{story.id}/{source.id}/{number}",
                    lang="zh",
                    published_at=BEGIN,
                    fetched_at=BEGIN,
                    story_id=story.id,
                )
                for story in stories
                for number in range(each)
            ],
        )
        records.add_all(
            db,
            [
                StoredMention(
                    article_id=article.id,
                    story_id=article.story_id or 0,
                    watch="organisation",
                    spans=({"start": 0, "end": 2, "field": "title"},),
                    negative=0.7,
                    risk={"reasons": []},
                    at=BEGIN,
                )
                for article in made
            ],
        )


def told(world: World, incident: Incident, count: int, *, source: Source) -> list[Story]:
    """Open stories, and as many that belong to the incident."""
    with world.desk.transaction() as db:
        return records.add_all(
            db,
            [
                Story(
                    key=f"s{source.id}-{number}",
                    title=f"星炉灶具起火 {number}",
                    first_at=BEGIN,
                    found_at=BEGIN,
                    last_at=BEGIN + timedelta(minutes=number),
                    articles=1,
                    mentions=1,
                    voices=1,
                    severity=3,
                    **({} if number % 2 else {"state": "declared", "incident_id": incident.id}),  # type: ignore[arg-type]
                )
                for number in range(count)
            ],
        )


@pytest.fixture
def incident(world: World) -> Incident:
    return world.incident()


def asked(world: World, app: Flask, incident: Incident, stories: list[Story]) -> dict[str, int]:
    """How often each page asks the database."""
    browser = Browser(app, world.desk, world.lin)
    counted: list[str] = []
    event.listen(
        world.desk.database.engine, "before_cursor_execute", lambda *given: counted.append(str(given[2])), named=False
    )
    found = {}
    waits = next(story for story in stories if story.incident_id is None)
    for name, url in PAGES.items():
        place = url.format(story=waits.id, key=incident.key)
        browser.get(place)  # What is read once per process, or written at the first sight, is not counted.
        counted.clear()
        assert browser.get(place).status_code == 200, place
        found[name] = len(counted)
    return found


def test_a_page_asks_as_often_for_several_hundred_mentions_as_for_a_few(world: World, incident: Incident) -> None:
    app = create_app(world.desk)
    few_from, many_from = (add_source(world.desk, f"https://{name}.example/feed") for name in ("few", "many"))
    few = told(world, incident, 6, source=few_from)
    hear(world, few, few_from, each=2)
    before = asked(world, app, incident, few)

    many = told(world, incident, 40, source=many_from)
    hear(world, [*few, *many], many_from, each=8)
    for number in range(20):
        add_source(world.desk, f"https://more{number}.example/feed")

    assert asked(world, app, incident, few) == before
    assert max(before.values()) <= 60, before
