"""Visibility is one condition: members, roles, regions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crisis.core.incident import Incident
from crisis.core.people import Person, Role
from crisis.core.sources import Story
from crisis.errors import NotFound
from crisis.flows import incidents as flow
from crisis.store import incidents, records, views, visible
from tests.world import World


def keys(world: World, person: Person) -> set[str]:
    with world.desk.reading() as db:
        listed = {incident.title for incident in incidents.listed(db, person=person)}
        counted = incidents.open_count(db, person=person)
        assert counted == len(listed) == views.open_incidents(db, person=person)
        return listed


def test_each_role_lists_and_counts_exactly_what_it_may_know_of(world: World) -> None:
    world.room("open")
    world.room("in Wenzhou", regions=["温州"])
    world.room("in Hangzhou", regions=["杭州"])
    world.room("hidden", restricted=True, regions=["温州"])
    everything = {"open", "in Wenzhou", "in Hangzhou"}

    assert keys(world, world.lin) == everything | {"hidden"}
    for person in (world.zhou, world.shen, world.wang, world.li, world.wu, world.anna):
        assert keys(world, person) == everything, person.name
    assert keys(world, world.he) == {"in Wenzhou"}


def test_a_regional_office_without_regions_and_a_person_without_roles_see_nothing(world: World) -> None:
    world.room("open", regions=["温州"])

    assert keys(world, replace(world.he, regions=())) == set()
    assert keys(world, replace(world.anna, roles=())) == set()


def test_a_member_sees_a_restricted_incident_whatever_the_role(world: World) -> None:
    hidden = world.room("hidden", restricted=True)
    flow.set_visibility(
        world.desk,
        hidden.key,
        by=world.lin,
        restricted=True,
        member_ids=[world.he.id, world.li.id],
        regions=[],
        since=0,
    )

    assert keys(world, world.he) == keys(world, world.li) == {"hidden"}
    assert keys(world, world.shen) == set()


def test_who_restricts_an_incident_and_its_owner_stay_members(world: World) -> None:
    incident = world.room("open")
    flow.set_visibility(world.desk, incident.key, by=world.zhou, restricted=True, member_ids=[], regions=[], since=0)

    with world.desk.reading() as db:
        assert {person.id for person in incidents.members(db, incident.id)} == {world.lin.id, world.zhou.id}


def test_an_unknown_member_is_refused_and_nothing_changes(world: World) -> None:
    incident = world.room("open")

    with pytest.raises(NotFound):
        flow.set_visibility(
            world.desk, incident.key, by=world.lin, restricted=True, member_ids=[999], regions=[], since=0
        )

    with world.desk.reading() as db:
        assert not records.get(db, Incident, incident.id).restricted


def test_the_story_of_a_restricted_incident_is_hidden_with_it(world: World) -> None:
    hidden = world.incident("hidden", restricted=True)

    with world.desk.reading() as db:
        for person in world.everybody:
            seen = records.find(db, Story, visible.stories(person), incident_id=hidden.id)
            assert bool(seen) == (person == world.lin), person.name


@pytest.mark.parametrize("role", list(Role))
def test_waiting_stories_are_counted_as_they_are_listed(world: World, role: Role) -> None:
    world.story("one", region="温州")
    world.story("two", region="杭州")
    person = replace(world.anna, roles=(role,), regions=("温州",))

    with world.desk.reading() as db:
        assert views.waiting_stories(db, person=person) == len(views.triage(db, person=person))
