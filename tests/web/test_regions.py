"""A regional office reads and enters what belongs to its own regions, whatever other roles it has."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml.html import document_fromstring

from crisis.core.people import Action, Person, Role, demand_in, regions_for
from crisis.errors import NotPermitted
from crisis.flows import responses, triage
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import World


def somebody(*roles: Role) -> Person:
    return Person(id=1, name="x", email="x@desk.example", roles=roles, regions=("温州",))


@pytest.mark.parametrize(
    "more", [(), (Role.HANDLER,), (Role.VIEWER,), (Role.PUBLISHER,), (Role.ADMINISTRATOR,)], ids=str
)
def test_who_may_respond_only_as_a_regional_office_does_so_in_its_regions(more: tuple[Role, ...]) -> None:
    person = somebody(Role.REGIONAL, *more)

    assert regions_for(person, Action.RESPOND) == ("温州",)
    demand_in(person, Action.RESPOND, "温州")
    for elsewhere in ("杭州", ""):
        with pytest.raises(NotPermitted):
            demand_in(person, Action.RESPOND, elsewhere)


def test_a_role_that_may_do_it_everywhere_lifts_the_limit() -> None:
    assert regions_for(somebody(Role.REGIONAL, Role.OFFICER), Action.RESPOND) is None
    assert regions_for(somebody(Role.REGIONAL, Role.HANDLER), Action.COMPLAIN) is None
    assert regions_for(somebody(Role.HANDLER), Action.RESPOND) == ()


def test_a_regional_office_that_is_also_a_handler_enters_nothing_for_other_regions(world: World) -> None:
    both = replace(world.he, roles=(Role.REGIONAL, Role.HANDLER))
    incident = world.room(regions=["杭州", "温州"])

    with pytest.raises(NotPermitted):
        responses.enter(world.desk, incident.key, by=both, audience="customers", region="杭州", stance=-1, said="x")
    assert responses.enter(
        world.desk, incident.key, by=both, audience="customers", region="温州", stance=-1, said="x"
    ).region
    told = triage.log_by_hand(
        world.desk, by=both, title="x", details="x", severity=2, origin="region", region="温州", at=None
    )
    assert told.region == "温州"
    with pytest.raises(NotPermitted):
        triage.log_by_hand(
            world.desk, by=both, title="x", details="x", severity=2, origin="region", region="杭州", at=None
        )


def test_pages_and_exports_show_a_regional_office_the_stances_of_its_own_regions(world: World) -> None:
    incident = world.incident(regions=["温州", "杭州"])
    for region, stance in (("杭州", -2), ("杭州", -2), ("温州", 1)):
        responses.enter(
            world.desk, incident.key, by=world.lin, audience="customers", region=region, stance=stance, said="话"
        )
    app = create_app(world.desk)
    office, officer = Browser(app, world.desk, world.he), Browser(app, world.desk, world.lin)

    for page in ("", "/log", "/log.csv", "/brief"):
        text = office.get(f"/i/{incident.key}{page}").get_data(as_text=True)
        assert "−2" not in text and "stance -2" not in text, page
    assert "−2" in officer.get(f"/i/{incident.key}/log").get_data(as_text=True)
    assert "−2" not in office.get(f"/i/{incident.key}/log").get_data(as_text=True)
    own = office.get(f"/i/{incident.key}/audiences/customers").get_data(as_text=True)
    assert "<b>+1" in own
    mean = officer.get(f"/i/{incident.key}/audiences/customers").get_data(as_text=True)
    assert "<b>−1" in mean


def test_a_regional_office_finds_its_own_form_and_board_before_the_plan_of_all(world: World) -> None:
    incident = world.incident(regions=["温州", "杭州"])
    app = create_app(world.desk)

    (listed,) = {
        link.get("href")
        for link in document_fromstring(Browser(app, world.desk, world.he).get("/i").data).xpath("//main//td/a")
    }
    tree = document_fromstring(Browser(app, world.desk, world.he).get(f"{listed}?lang=en").data)
    of_all = document_fromstring(Browser(app, world.desk, world.lin).get(f"{listed}?lang=en").data)

    assert listed == f"/i/{incident.key}/audiences"
    assert "Report what people say in 温州, 宁波" in tree.xpath("string(//section[contains(@class,'decide')])")
    titles = tree.xpath("//main//section[contains(@class,'panel')]/header/h2/text()")
    assert (titles[0], titles[-2:]) == ("Enter a response", ["Audience plan", "Coverage"])
    titles = of_all.xpath("//main//section[contains(@class,'panel')]/header/h2/text()")
    assert (titles[:2], titles[-1]) == (["Audience plan", "Coverage"], "Enter a response")
