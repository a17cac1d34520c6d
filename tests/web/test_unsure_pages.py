"""While the type is a guess nobody waits for it: what every type asks for, and a text that fits every type."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from crisis.core.incident import Incident
from crisis.core.statement import Statement
from crisis.store import incidents, records
from crisis.store import statements as texts
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import World

NOTICE = 'id="unsure"'


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.desk)


def judged(world: World, incident: Incident, confidence: float) -> None:
    """The machine's judgement with this confidence."""
    with world.desk.transaction() as db:
        newest = incidents.classifications(db, incident.id)[0]
        records.add(db, replace(newest, id=0, confidence=confidence, at=world.clock()))


def test_below_the_threshold_of_the_content_the_room_says_it_is_a_guess(world: World, app: Flask) -> None:
    incident = world.incident()
    browser = Browser(app, world.desk, world.lin)
    settled_from = world.desk.content.rules.unsure.settled_from

    judged(world, incident, settled_from - 0.01)
    assert NOTICE in browser.get(f"/i/{incident.key}").text
    assert NOTICE in browser.get(f"/i/{incident.key}/statements").text

    judged(world, incident, settled_from)
    assert NOTICE not in browser.get(f"/i/{incident.key}").text


def test_with_people_hurt_the_steps_for_them_stand_first(world: World, app: Flask) -> None:
    incident = world.incident("杭州一户人家星炉灶具爆炸，两人受伤")
    judged(world, incident, 0.4)

    page = Browser(app, world.desk, world.lin).get(f"/i/{incident.key}?lang=en").text
    notice = page[page.index(NOTICE) :]

    # A story that was logged by hand names nobody hurt: the gate says it.
    steps = [notice.index(f">{step}<") for step in ("K02", "K03")]
    assert steps == sorted(steps)


def test_the_neutral_holding_statement_names_no_type(world: World, app: Flask) -> None:
    incident = world.incident()
    judged(world, incident, 0.4)
    form = {"form": "neutral", "audience": "public", "kind": "holding", "lang": "zh"}

    assert Browser(app, world.desk, world.lin).post(f"/i/{incident.key}/statements", form).status_code == 303

    with world.desk.reading() as db:
        statement = records.first(db, Statement, incident_id=incident.id)
        assert statement is not None
        text = texts.revision(db, statement.id, statement.revision).text
    assert "发生了什么、原因是什么、影响到谁，尚未查明。" in text
    assert "下一次通报时间" in text


def test_an_officers_type_is_no_guess(world: World, app: Flask) -> None:
    incident = world.incident()
    with world.desk.transaction() as db:
        newest = incidents.classifications(db, incident.id)[0]
        own = replace(newest, id=0, confidence=0.3, by=world.lin.id, reason="seen it", at=world.clock())
        records.add(db, own)

    assert NOTICE not in Browser(app, world.desk, world.lin).get(f"/i/{incident.key}").text
