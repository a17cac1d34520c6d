"""Whoever is switched off is made the owner of nothing: they would never hear of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from crisis.core.incident import Incident
from crisis.core.log import LogEntry
from crisis.errors import Invalid
from crisis.flows import complaints, incidents, people, responses, tasks
from crisis.store import records
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import BEGIN, World

GIVEN: dict[str, Callable[[World, Incident], object]] = {
    "incident": lambda world, incident: incidents.set_owner(
        world.desk, incident.key, by=world.lin, owner_id=world.zhou.id, since=0
    ),
    "new task": lambda world, incident: tasks.add(
        world.desk, incident.key, by=world.lin, title="Call them", due_at=None, owner_id=world.zhou.id
    ),
    "task": lambda world, incident: give_a_task(world, incident),
    "promise": lambda world, incident: responses.promise(
        world.desk,
        incident.key,
        by=world.lin,
        text="more at six",
        due_at=BEGIN + timedelta(hours=2),
        owner_id=world.zhou.id,
    ),
    "complaint": lambda world, incident: hand_a_complaint_over(world),
}


def give_a_task(world: World, incident: Incident) -> object:
    task = tasks.add(world.desk, incident.key, by=world.lin, title="Call them", due_at=None)
    return tasks.take(world.desk, incident.key, task.id, by=world.lin, owner_id=world.zhou.id, seen=task.version)


def hand_a_complaint_over(world: World) -> object:
    typed = {"received_by": "x", "unit": "x", "customer_name": "陈", "details": "x", "region": "温州"}
    made = complaints.receive(world.desk, typed, by=world.li)
    return complaints.hand_over(world.desk, made.key, by=world.li, owner_id=world.zhou.id, reason="holiday")


@pytest.mark.parametrize("what", GIVEN)
def test_nothing_is_given_to_somebody_who_is_switched_off(world: World, what: str) -> None:
    incident = world.room()
    people.set_active(world.desk, world.zhou.id, active=False, by=world.wu)

    with pytest.raises(Invalid) as refused:
        GIVEN[what](world, incident)

    assert (refused.value.field, refused.value.code) == ("owner", "owner_inactive")
    with world.desk.reading() as db:
        assert not [entry for entry in records.find(db, LogEntry) if entry.args.get("owner") == world.zhou.name]


def test_an_open_page_says_in_a_sentence_who_was_switched_off_meanwhile(world: World) -> None:
    incident = world.room()
    browser = Browser(create_app(world.desk), world.desk, world.lin)
    people.set_active(world.desk, world.zhou.id, active=False, by=world.wu)

    answer = browser.post(
        f"/i/{incident.key}/owner?lang=en", {"form": "owner", "owner": str(world.zhou.id), "since": "0"}
    )

    assert answer.status_code == 422
    assert "is switched off and would not be told" in answer.text
