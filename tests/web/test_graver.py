"""The room says when a story of the incident suggests more than the incident was set to, until somebody weighs it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from lxml import html

from crisis.core.incident import Incident
from crisis.core.sources import Story
from crisis.flows import incidents, triage
from crisis.store import log, records
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import World, incident_now

NOTICE = 'id="graver"'


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.desk)


def grown(world: World, incident: Incident, severity: int) -> None:
    """A new article makes the story of the incident graver."""
    with world.desk.transaction() as db:
        (story,) = records.find(db, Story, incident_id=incident.id)
        records.save(db, replace(story, severity=severity, reasons=({"code": "death"},)))


def test_a_story_that_grew_graver_is_a_suggestion_with_its_reasons_below_the_decision(world: World, app: Flask) -> None:
    incident = world.incident()
    grown(world, incident, 4)

    page = Browser(app, world.desk, world.lin).get(f"/i/{incident.key}?lang=en").text

    assert "Severity 4 of 5? The machine suggests it; the incident stands at 3 of 5." in page
    assert "Words of a death" in page
    assert page.index('class="decide') < page.index(NOTICE)


def test_raising_it_there_ends_the_question(world: World, app: Flask) -> None:
    incident = world.incident()
    grown(world, incident, 4)
    browser = Browser(app, world.desk, world.lin)

    browser.post(f"/i/{incident.key}/severity", {"form": "raise", "severity": "4", "seen": "4"})

    assert incident_now(world.desk, incident, world.lin).severity == 4
    assert NOTICE not in browser.get(f"/i/{incident.key}").text


def test_leaving_it_needs_a_reason_and_asks_again_only_when_it_grows_further(world: World, app: Flask) -> None:
    incident = world.incident()
    grown(world, incident, 4)
    browser = Browser(app, world.desk, world.lin)
    keep = f"/i/{incident.key}/severity/keep"

    assert browser.post(keep, {"form": "stay", "seen": "4", "reason": " "}).status_code == 422
    assert NOTICE in browser.get(f"/i/{incident.key}").text

    stay = {"form": "stay", "seen": "4", "reason": "The death was of another case"}
    assert browser.post(keep, stay).status_code == 303
    assert NOTICE not in browser.get(f"/i/{incident.key}").text
    with world.desk.reading() as db:
        entry = log.newest_of(db, incident.id, ("severity_kept",))
    assert entry is not None
    assert (entry.args["severity"], entry.args["suggested"]) == (3, 4)

    grown(world, incident, 5)
    assert NOTICE in browser.get(f"/i/{incident.key}").text


def test_a_suggestion_that_was_not_taken_when_declaring_is_not_asked_again(world: World) -> None:
    story = world.story(severity=3)
    incident = triage.declare(world.desk, story.id, by=world.lin, severity=2, regions=[], restricted=False)

    with world.desk.reading() as db:
        assert incidents.graver(db, incident) is None


def hidden(page: str, action: str) -> dict[str, str]:
    """What the first form with this action sends unseen."""
    (form, *_) = html.fromstring(page).xpath(f"//form[@action='{action}'][.//input[@name='seen']]")
    return {field.get("name"): field.get("value") for field in form.xpath(".//input[@type='hidden']")}


@pytest.mark.parametrize("act", ["severity/keep", "severity"])
def test_what_came_up_while_the_page_was_open_was_not_weighed(world: World, app: Flask, act: str) -> None:
    incident = world.incident()
    grown(world, incident, 4)
    browser = Browser(app, world.desk, world.lin)
    place = f"/i/{incident.key}/{act}"
    form = hidden(browser.get(f"/i/{incident.key}").text, place)

    grown(world, incident, 5)

    assert browser.post(place, {**form, "reason": "The death was of another case"}).status_code == 303
    assert NOTICE in browser.get(f"/i/{incident.key}").text


def test_what_came_up_while_somebody_was_declaring_is_asked_about_in_the_room(world: World, app: Flask) -> None:
    story = world.story(severity=2)
    browser = Browser(app, world.desk, world.lin)
    place = f"/inbox/S-{story.id}/declare"
    form = hidden(browser.get(f"/inbox/S-{story.id}").text, place)
    with world.desk.transaction() as db:
        records.save(db, replace(records.get(db, Story, story.id), severity=4))

    room = browser.post(place, {**form, "title": "Fire", "severity": "2"}).headers["Location"]

    assert NOTICE in browser.get(room).text


def test_a_graver_story_that_joins_is_asked_about(world: World) -> None:
    incident = world.incident()
    other = world.story("第二户也发生爆炸，一人死亡", severity=4)

    triage.merge(world.desk, other.id, by=world.lin, incident_key=incident.key)

    with world.desk.reading() as db:
        found = incidents.graver(db, incident_now(world.desk, incident, world.lin))
    assert found is not None
    assert found.id == other.id
