"""The link between a complaint and an incident: changed by those who may see it, told in the logs of both."""

from __future__ import annotations

import pytest

from crisis.core.complaint import Complaint
from crisis.core.people import Person
from crisis.errors import NotPermitted
from crisis.flows import complaints
from crisis.store import complaints as store
from crisis.store import log
from tests.world import World


def received(world: World, by: Person) -> Complaint:
    typed = {"received_by": "x", "unit": "x", "customer_name": "陈", "details": "x", "region": "温州"}
    return complaints.receive(world.desk, typed, by=by)


def verbs(world: World, incident_id: int) -> list[str]:
    with world.desk.reading() as db:
        return [entry.verb for entry in log.of_incident(db, incident_id) if entry.verb.startswith("complaint")]


@pytest.mark.parametrize("to", ["", "other", "same"])
def test_a_link_that_one_cannot_see_cannot_be_changed(world: World, to: str) -> None:
    hidden, other = world.room(restricted=True), world.room()
    complaint = received(world, world.lin)
    complaints.link(world.desk, complaint.key, by=world.lin, incident_key=hidden.key)

    with pytest.raises(Exception) as refused:
        key = {"": "", "other": other.key, "same": hidden.key}[to]
        complaints.link(world.desk, complaint.key, by=world.li, incident_key=key)

    if to != "same":
        assert isinstance(refused.value, NotPermitted)
    with world.desk.reading() as db:
        assert store.by_key(db, complaint.key, person=world.li).incident_id == hidden.id
    assert verbs(world, hidden.id) == ["complaint_linked"] and verbs(world, other.id) == []


def test_both_incidents_tell_of_a_link_that_moved(world: World) -> None:
    first, second = world.room(), world.room()
    complaint = received(world, world.li)
    complaints.link(world.desk, complaint.key, by=world.li, incident_key=first.key)
    complaints.link(world.desk, complaint.key, by=world.li, incident_key=second.key)
    complaints.link(world.desk, complaint.key, by=world.li, incident_key="")

    assert verbs(world, first.id) == verbs(world, second.id) == ["complaint_unlinked", "complaint_linked"]


def test_a_link_that_is_there_already_is_not_told_again(world: World) -> None:
    incident = world.room()
    complaint = received(world, world.li)
    for _ in range(2):
        complaints.link(world.desk, complaint.key, by=world.li, incident_key=incident.key)

    assert verbs(world, incident.id) == ["complaint_linked"]


def test_a_handing_over_stands_in_the_log_of_the_incident(world: World) -> None:
    incident = world.room()
    complaint = received(world, world.li)
    complaints.link(world.desk, complaint.key, by=world.li, incident_key=incident.key)
    complaints.hand_over(world.desk, complaint.key, by=world.li, owner_id=world.lin.id, reason="holiday")

    assert verbs(world, incident.id)[0] == "complaint_handed_over"
