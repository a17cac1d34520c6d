"""Who to call: the numbers of people stand in the brief, the owner's first; each gives their own."""

from __future__ import annotations

import pytest
from lxml import html

from crisis.core.people import Person
from crisis.errors import Invalid, NotPermitted
from crisis.flows import people
from crisis.store import records
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import World


def _called(world: World, person: Person, key: str) -> list[tuple[str, str, str]]:
    """Name, number as shown and number as dialled, in the order of the brief."""
    page = Browser(create_app(world.desk), world.desk, person).get(f"/i/{key}/brief?lang=en")
    rows = html.fromstring(page.data).xpath("//h2[text()='Who to call']/following-sibling::table[1]//tr")
    return [
        (row.xpath("string(td[1])"), row.xpath("string(td[2]/*[1])"), row.xpath("string(td[2]/a/@href)"))
        for row in rows
    ]


def test_the_brief_says_whom_to_call_and_at_which_number(world: World) -> None:
    incident = world.room()
    people.set_phone(world.desk, world.lin.id, "+86 571 8000 1234转5", by=world.lin)
    people.set_phone(world.desk, world.wang.id, "(0571) 8000-9999", by=world.wu)

    found = _called(world, world.lin, incident.key)

    assert found[0] == ("林若", "+86 571 8000 1234转5", "tel:+8657180001234,5")
    assert [name for name, _, _ in found] == ["林若", "王珏", "沈立", "周晓"]
    assert _called(world, world.shen, incident.key)[0] == found[0]


def test_of_a_restricted_incident_the_brief_names_its_members_only(world: World) -> None:
    incident = world.room(restricted=True)

    assert [name for name, _, _ in _called(world, world.lin, incident.key)] == ["林若"]


def test_where_no_number_is_known_the_brief_says_so_and_leads_its_owner_to_give_it(world: World) -> None:
    incident = world.room()

    assert ("周晓", "no number yet", "") in _called(world, world.lin, incident.key)
    assert _called(world, world.lin, incident.key)[0] == ("林若", "Give your number", "/me")
    assert _called(world, world.zhou, incident.key)[0] == ("林若", "no number yet", "")


def test_a_person_gives_a_number_on_their_own_page_and_the_log_does_not_keep_it(world: World) -> None:
    browser = Browser(create_app(world.desk), world.desk, world.he)

    wrong = browser.post("/me/phone?lang=en", {"form": "phone", "phone": "ask Lin"})
    right = browser.post("/me/phone", {"form": "phone", "phone": " 0577  8000 1 "})

    assert wrong.status_code == 422
    tree = html.fromstring(wrong.data)
    assert "cannot be dialled" in tree.xpath("string(//*[@id='phone-phone-e'])")
    assert tree.xpath("string(//*[@id='phone-phone']/@value)") == "ask Lin"
    assert right.status_code == 303
    with world.desk.reading() as db:
        assert records.get(db, Person, world.he.id).phone == "0577 8000 1"
    log = Browser(create_app(world.desk), world.desk, world.wu).get("/setup?lang=en").get_data(as_text=True)
    assert "0577 8000 1" in log


@pytest.mark.parametrize("number", ["12", "call me", "+86 571 8000 <b>", "1" * 60])
def test_what_cannot_be_dialled_is_no_number(world: World, number: str) -> None:
    with pytest.raises(Invalid) as raised:
        people.set_phone(world.desk, world.lin.id, number, by=world.lin)
    assert raised.value.code == "phone_wrong"


def test_nobody_but_an_administrator_gives_the_number_of_somebody_else(world: World) -> None:
    with pytest.raises(NotPermitted):
        people.set_phone(world.desk, world.lin.id, "0571 8000", by=world.zhou)
