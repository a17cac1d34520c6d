"""A regional office whose regions nothing touches reads what it will see, when, and whom to ask."""

from __future__ import annotations

import pytest
from flask import Flask

from crisis.web.app import create_app
from tests.web.browsers import Browser, spoken
from tests.world import World


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.desk)


@pytest.mark.parametrize(
    ("path", "what", "when"),
    [
        ("/i", "No incident touches your regions: 温州, 宁波.", "As soon as headquarters declares one"),
        (
            "/inbox",
            "Nothing from your regions is waiting: 温州, 宁波.",
            "until headquarters declares, joins or dismisses it",
        ),
        ("/complaints", "No complaint from your regions: 温州, 宁波.", "as soon as somebody enters it"),
    ],
)
def test_an_office_without_anything_reads_what_will_stand_there_and_whom_to_ask(
    world: World, app: Flask, path: str, what: str, when: str
) -> None:
    world.room(regions=["杭州"])

    page = spoken(Browser(app, world.desk, world.he).get(f"{path}?lang=en").text)

    assert what in page
    assert when in page
    assert "Whom to ask: 林若, 周晓 (PR officers)." in page
    assert "?form=hand#by-hand" in page


def test_with_an_incident_of_its_region_the_office_sees_it(world: World, app: Flask) -> None:
    incident = world.room(regions=["温州"])

    page = Browser(app, world.desk, world.he).get("/i").text

    assert incident.key in page
    assert "Whom to ask" not in page


def test_whoever_reads_every_region_is_not_told_about_regions(world: World, app: Flask) -> None:
    assert "No incident was declared." in Browser(app, world.desk, world.lin).get("/i?lang=en").text
