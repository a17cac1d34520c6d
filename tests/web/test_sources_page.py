"""The sources page says what an added address came to, what was dropped, and only what it knows of a host."""

from __future__ import annotations

import re

from crisis.core.sources import Dropped
from crisis.store import records
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import BEGIN, World, add_source

FEED = "https://new.example/feed"


def admin(world: World) -> Browser:
    return Browser(create_app(world.desk), world.desk, world.wu)


def test_adding_says_how_many_sources_are_new_and_an_address_that_is_there_is_named(world: World) -> None:
    browser = admin(world)

    once = browser.post("/sources", {"form": "src", "url": FEED, "kind": "online"}, follow_redirects=True)
    again = browser.post("/sources?lang=en", {"form": "src", "url": FEED, "kind": "online"})
    many = browser.post("/sources", {"form": "src", "urls": f"{FEED}\nhttps://b.example/f"}, follow_redirects=True)
    none = browser.post("/sources", {"form": "src", "urls": FEED}, follow_redirects=True)

    assert "加了 1 个监测源" in once.text
    assert again.status_code == 422 and 'id="src-url-e"' in again.text and FEED in again.text
    assert "1 source added. It is asked at once." in many.text
    assert "Nothing was added: these sources are there already." in none.text


def test_a_source_shows_how_many_of_its_entries_were_dropped_and_leads_to_why(world: World) -> None:
    source = add_source(world.desk)
    with world.desk.transaction() as db:
        records.add(db, Dropped(source_id=source.id, key="a", why="too_old", at=BEGIN))

    shown = admin(world).get("/sources?lang=en").text

    assert f'href="/sources/{source.id}#dropped">1 entry dropped</a>' in shown
    assert 'id="dropped"' in admin(world).get(f"/sources/{source.id}").text


def test_a_host_that_nobody_has_asked_yet_is_not_said_to_answer(world: World) -> None:
    add_source(world.desk, url=FEED)

    hosts = admin(world).get("/sources?lang=en").text.partition(">Hosts<")[2].partition("</section>")[0]

    row = re.search(r"new\.example.*?</tr>", hosts, re.S)
    assert row and "not asked yet" in row[0] and "answers" not in row[0]
