"""What is typed or pasted into a form: signs of the other keyboard, of a word processor, and none that anybody sees."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from lxml import etree

from crisis.core.incident import Task
from crisis.core.statement import Statement
from crisis.jobs.worker import run_until_idle
from crisis.store import records
from crisis.store import statements as texts
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import World, incident_now


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.desk)


@pytest.mark.parametrize("typed", ["19:20", "19：20", "2026-05-14 19：20", "2026-05-14T19:20"])
def test_a_time_may_be_typed_with_the_colon_of_either_keyboard(world: World, app: Flask, typed: str) -> None:
    incident = world.room()

    answer = Browser(app, world.desk, world.lin).post(f"/i/{incident.key}/tasks", {"title": "回电", "due_at": typed})

    assert answer.status_code == 303
    with world.desk.reading() as db:
        (task,) = records.find(db, Task, incident_id=incident.id)
    assert task.due_at == datetime.fromisoformat("2026-05-14T19:20+08:00")


def test_line_ends_of_a_word_processor_are_line_ends_and_what_nobody_sees_is_left_out(world: World, app: Flask) -> None:
    incident = world.room()
    statement = world.draft(incident)
    form = {"text": "一。\x0b二\x08。\u2028三。", "title": "致\x07公\x0b众", "revision": "2", "channels": "newsroom"}

    answer = Browser(app, world.desk, world.lin).post(f"/i/{incident.key}/statements/{statement.number}", form)

    assert answer.status_code == 303
    with world.desk.reading() as db:
        saved = records.get(db, Statement, statement.id)
        assert texts.revision(db, saved.id, saved.revision).text == "一。\n二。\n三。\n"
    assert saved.title == "致公 众"


def test_the_feed_of_the_newsroom_is_sound_whatever_a_text_holds(world: World, app: Flask) -> None:
    incident = world.room()
    world.released(incident, text="我们在现场\x08。\x0b第二行 <b> & \ufffe。\n", title="致\x01公众")
    run_until_idle(world.desk)

    feed = etree.fromstring(Browser(app, world.desk).get("/newsroom/feed.zh.atom").data)

    (title,), (text,) = (feed.findall(f"{{*}}entry/{{*}}{name}") for name in ("title", "content"))
    assert (title.text, text.text) == ("致公众", "我们在现场。第二行 <b> & 。\n")


def test_a_region_or_a_member_that_cannot_be_is_said_at_its_field_and_nothing_is_changed(
    world: World, app: Flask
) -> None:
    incident = world.room(regions=["杭州"])
    browser = Browser(app, world.desk, world.lin)

    for field, typed in (("regions", "汉" * 81), ("members", "9" * 30), ("members", "9" * 5000)):
        answer = browser.post(f"/i/{incident.key}/visibility", {"regions": "温州", "since": "0", field: typed})
        assert answer.status_code == 422, field

    assert incident_now(world.desk, incident, world.lin).regions == ("杭州",)
