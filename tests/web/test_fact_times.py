"""As of when a fact is known: not of a time that is still to come, and of one long past only when it is meant."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from lxml import html

from crisis.core.fact import Fact
from crisis.core.incident import Incident
from crisis.store import incidents
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import World

TYPED = {
    "form": "new",
    "claim_zh": "两人受伤",
    "source": "医院",
    "status": "confirmed",
    "asking": "林若",
    "is_cause": "1",
}


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.desk)


def ledger(world: World, incident: Incident) -> tuple[Fact, ...]:
    with world.desk.reading() as db:
        return incidents.facts(db, incident.id)


@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        ("2026-05-14T09:07", "This time is still to come."),
        ("2027-05-14T09:00", "This time is still to come."),
        ("2025-05-14T09:00", "This is more than 7 days before the first signal of the incident."),
    ],
)
def test_a_time_that_cannot_be_gets_a_sentence_at_the_field_and_nothing_typed_is_lost(
    world: World, app: Flask, as_of: str, code: str
) -> None:
    incident = world.room()

    answer = Browser(app, world.desk, world.lin).post(f"/i/{incident.key}/facts?lang=en", TYPED | {"as_of": as_of})

    assert answer.status_code == 422
    assert ledger(world, incident) == ()
    page = html.fromstring(answer.text)
    assert page.xpath("//p[@id='new-as_of-e']")[0].text_content().startswith(code)
    (form,) = [form for form in page.forms if form.action == f"/i/{incident.key}/facts"]
    kept = dict(form.form_values())
    assert {name: kept[name] for name in (*TYPED, "as_of")} == TYPED | {"as_of": as_of}


def test_a_time_long_past_is_taken_once_it_is_said_to_be_meant(world: World, app: Flask) -> None:
    incident = world.room()
    browser, typed = Browser(app, world.desk, world.lin), TYPED | {"as_of": "2024-03-01T10:00"}

    assert 'name="sure"' in browser.post(f"/i/{incident.key}/facts", typed).text
    assert browser.post(f"/i/{incident.key}/facts", typed | {"sure": "1"}).status_code == 303

    (fact,) = ledger(world, incident)
    assert fact.as_of == datetime.fromisoformat("2024-03-01T10:00+08:00")


def test_the_evening_before_the_first_signal_is_no_question(world: World, app: Flask) -> None:
    incident = world.room()
    typed = TYPED | {"as_of": "2026-05-13T21:10"}

    assert Browser(app, world.desk, world.lin).post(f"/i/{incident.key}/facts", typed).status_code == 303


def test_being_sure_does_not_help_a_time_that_is_still_to_come(world: World, app: Flask) -> None:
    incident = world.room()
    typed = TYPED | {"as_of": "2026-05-14T12:00", "sure": "1"}

    assert Browser(app, world.desk, world.lin).post(f"/i/{incident.key}/facts", typed).status_code == 422
