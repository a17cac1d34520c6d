"""Two people with one page open: nobody's words go silently, and the second hears what the first has done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from lxml.html import HtmlElement, document_fromstring
from werkzeug.test import TestResponse

from crisis.core.case import CrisisType, FactStatus
from crisis.core.fact import Fact
from crisis.core.incident import Incident, Task
from crisis.core.people import Person
from crisis.flows import facts, judgement, tasks
from crisis.flows.facts import NewFact
from crisis.store import incidents, records
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import BEGIN, World, incident_now


class Page:
    """What one person has open: a form of it is sent as it stood, whatever has happened since."""

    def __init__(self, app: Flask, world: World, person: Person, url: str) -> None:
        self.browser = Browser(app, world.desk, person)
        self.tree = document_fromstring(self.browser.get(f"{url}?lang=en").data)

    def send(self, form: str, **typed: str) -> TestResponse:
        (sent,) = (found for found in self.tree.forms if dict(found.form_values()).get("form") == form)
        return self.browser.post(f"{sent.action}?lang=en", dict(sent.form_values()) | typed)


def words(answer: TestResponse) -> str:
    return " ".join(document_fromstring(answer.data).text_content().split())


def value(answer: TestResponse, identity: str) -> str:
    field: HtmlElement = document_fromstring(answer.data).get_element_by_id(identity)
    return str(field.value)


@pytest.fixture
def pages(world: World) -> Callable[[str], tuple[Page, Page]]:
    app = create_app(world.desk)
    return lambda url: (Page(app, world, world.lin, url), Page(app, world, world.zhou, url))


def judged(world: World, incident: Incident) -> CrisisType:
    with world.desk.reading() as db:
        standing = judgement.standing(incidents.classifications(db, incident.id))
    assert standing is not None
    return standing.primary


def _fact(world: World, incident: Incident) -> Fact:
    typed = NewFact(claim_zh="两人受伤", source="医院", as_of=BEGIN)
    return facts.add(world.desk, incident.key, typed, by=world.lin)


def test_of_two_who_judge_one_fact_the_second_hears_what_the_first_decided(
    world: World, pages: Callable[[str], tuple[Page, Page]]
) -> None:
    incident = world.room()
    fact = _fact(world, incident)
    first, later = pages(f"/i/{incident.key}/facts")

    first.send("f1", status="confirmed", note="seen the hospital's list")
    answer = later.send("f1", status="disputed", note="a reporter says three")

    assert answer.status_code == 409
    assert "seen the hospital's list" in words(answer) and world.lin.name in words(answer)
    assert value(answer, "f1-note") == "a reporter says three"
    with world.desk.reading() as db:
        assert records.get(db, Fact, fact.id).status is FactStatus.CONFIRMED
    (again, _) = pages(f"/i/{incident.key}/facts")
    assert again.send("f1", status="disputed", note="a reporter says three").status_code == 303


def test_who_replaces_a_fact_that_was_judged_meanwhile_is_asked_once_more(
    world: World, pages: Callable[[str], tuple[Page, Page]]
) -> None:
    incident = world.room()
    _fact(world, incident)
    first, later = pages(f"/i/{incident.key}/facts")

    first.send("f1", status="withheld", note="the family asks for it")
    answer = later.send("s1", claim_zh="三人受伤", source="记者")

    assert answer.status_code == 409
    assert "the family asks for it" in words(answer)
    assert value(answer, "s1-claim_zh") == "三人受伤"


def test_of_two_who_finish_one_task_the_second_reads_how_it_was_done_and_keeps_the_own_words(
    world: World, pages: Callable[[str], tuple[Page, Page]]
) -> None:
    incident = world.room()
    task = tasks.add(world.desk, incident.key, by=world.lin, title="Call the hospital", due_at=None)
    first, later = pages(f"/i/{incident.key}")

    first.send(f"task{task.id}", act="done", note="spoke to Dr Chen, both stable")
    answer = later.send(f"task{task.id}", act="drop", note="nobody answers there")

    assert answer.status_code == 409
    assert "spoke to Dr Chen, both stable" in words(answer) and world.lin.name in words(answer)
    assert "nobody answers there" in words(answer)


def test_a_task_that_was_given_away_meanwhile_is_not_given_to_another_one_silently(
    world: World, pages: Callable[[str], tuple[Page, Page]]
) -> None:
    incident = world.room()
    task = tasks.add(world.desk, incident.key, by=world.lin, title="Call the hospital", due_at=None)
    first, later = pages(f"/i/{incident.key}")

    first.send(f"task{task.id}", act="take", owner=str(world.zhou.id))
    answer = later.send(f"task{task.id}", act="take", owner=str(world.lin.id))

    assert answer.status_code == 409
    assert f"Somebody has given it to{world.zhou.name}" in words(answer)
    with world.desk.reading() as db:
        assert records.get(db, Task, task.id).owner_id == world.zhou.id


def test_two_answers_about_one_audience_are_both_shown(world: World, pages: Callable[[str], tuple[Page, Page]]) -> None:
    incident = world.incident()
    first, later = pages(f"/i/{incident.key}/audiences/customers")

    first.send("four", know="What they may still use")
    answer = later.send("four", know="Whether it is safe")

    assert answer.status_code == 409
    assert "What they may still use" in words(answer)
    assert value(answer, "four-know") == "Whether it is safe"


def test_two_titles_of_one_statement_are_both_shown(world: World, pages: Callable[[str], tuple[Page, Page]]) -> None:
    incident = world.incident()
    statement = world.draft(incident)
    first, later = pages(f"/i/{incident.key}/statements/{statement.number}")
    url = f"/i/{incident.key}/statements/{statement.number}?lang=en"
    form = {"form": "edit", "revision": str(statement.revision), "text": world.text_of(statement)}
    form |= {"channels": "newsroom"}

    first.browser.post(url, form | {"title": "First title"})
    answer = later.browser.post(url, form | {"title": "Second title"})

    assert answer.status_code == 409
    assert "First title" in words(answer) and world.lin.name in words(answer)
    assert value(answer, "edit-title") == "Second title"


def test_of_two_who_change_the_type_the_second_hears_whose_type_it_is_and_why(
    world: World, pages: Callable[[str], tuple[Page, Page]]
) -> None:
    incident = world.incident()
    first, later = pages(f"/i/{incident.key}")

    first.send("type", primary="matrix", reason="the hose, the gas and the use share it")
    answer = later.send("type", primary="credit", reason="they ask who pays")

    assert answer.status_code == 409
    assert "the hose, the gas and the use share it" in words(answer) and world.lin.name in words(answer)
    assert "press again if yours is meant" in words(answer)
    assert (value(answer, "type-primary"), value(answer, "type-reason")) == ("credit", "they ask who pays")
    assert judged(world, incident) is CrisisType.MATRIX
    (again, _) = pages(f"/i/{incident.key}")
    assert again.send("type", primary="credit", reason="they ask who pays").status_code == 303
    assert judged(world, incident) is CrisisType.CREDIT


def test_a_correction_that_came_back_stands_above_the_rows(world: World) -> None:
    incident = world.incident()
    browser = Browser(create_app(world.desk), world.desk, world.lin)

    refused = browser.post(f"/i/{incident.key}/type?lang=en", {"form": "type", "primary": "matrix", "reason": " "})

    assert refused.status_code == 422
    shown = words(refused)
    assert shown.index("Write a reason: others will read it in the log. ") < shown.index("The type is a hypothesis")


def test_of_two_who_set_the_severity_the_second_hears_the_reason_of_the_first(
    world: World, pages: Callable[[str], tuple[Page, Page]]
) -> None:
    incident = world.room()
    first, later = pages(f"/i/{incident.key}")

    first.send("severity", severity="5", reason="a death in Wenzhou")
    answer = later.send("severity", severity="2", reason="nobody is hurt any more")

    assert answer.status_code == 409
    assert "Severity 3/5 → 5/5 a death in Wenzhou" in words(answer) and world.lin.name in words(answer)
    assert (value(answer, "severity-severity"), value(answer, "severity-reason")) == ("2", "nobody is hurt any more")
    assert incident_now(world.desk, incident, world.lin).severity == 5


def test_who_raises_what_somebody_has_raised_meanwhile_is_told_unless_both_meant_the_same(
    world: World, pages: Callable[[str], tuple[Page, Page]]
) -> None:
    incident = world.room()
    first, later = pages(f"/i/{incident.key}")
    first.send("raise")

    assert later.send("raise").status_code == 303
    assert incident_now(world.desk, incident, world.lin).severity == 4

    first, later = pages(f"/i/{incident.key}")
    first.send("severity", severity="2", reason="it was a neighbour's stove")
    answer = later.send("raise")
    assert answer.status_code == 409 and "it was a neighbour's stove" in words(answer)
    assert incident_now(world.desk, incident, world.lin).severity == 2


def test_who_leaves_a_severity_that_was_set_meanwhile_reads_that_and_keeps_the_own_words(world: World) -> None:
    incident = world.room()
    app = create_app(world.desk)
    Browser(app, world.desk, world.zhou).post(f"/i/{incident.key}/severity", {"form": "raise", "severity": "5"})

    kept = {"form": "stay", "seen": "4", "since": "0", "reason": "the hospital sent all home"}
    answer = Browser(app, world.desk, world.lin).post(f"/i/{incident.key}/severity/keep?lang=en", kept)

    assert answer.status_code == 409
    assert "Somebody has set the severity" in words(answer) and "the hospital sent all home" in words(answer)


def test_of_two_who_open_the_fault_gate_the_second_hears_counsel_as_the_first_heard_it(
    world: World, pages: Callable[[str], tuple[Page, Page]]
) -> None:
    incident = world.room()
    first, later = pages(f"/i/{incident.key}")

    first.send("gate-fault_gate_open", reason="counsel Hu, by phone at nine")
    answer = later.send("gate-fault_gate_open", reason="counsel Hu wrote it")

    assert answer.status_code == 409
    assert "counsel Hu, by phone at nine" in words(answer) and world.lin.name in words(answer)
    assert value(answer, "gate-fault_gate_open-reason") == "counsel Hu wrote it"
    # Who presses again means what was pressed first, and not the opposite.
    assert "Set to “yes”" in words(answer)


def test_a_gate_is_no_conflict_with_another_gate(world: World, pages: Callable[[str], tuple[Page, Page]]) -> None:
    incident = world.room()
    first, later = pages(f"/i/{incident.key}")

    first.send("gate-injury", reason="the hospital called")

    assert later.send("gate-fault_gate_open", reason="counsel Hu wrote it").status_code == 303


def test_of_two_who_change_who_may_see_it_the_second_sees_members_and_regions_of_the_first(
    world: World, pages: Callable[[str], tuple[Page, Page]]
) -> None:
    incident = world.room(regions=["杭州"])
    first, later = pages(f"/i/{incident.key}")

    first.send("visibility", regions="杭州, 温州", members=str(world.he.id))
    answer = later.send("visibility", regions="宁波")

    assert answer.status_code == 409
    assert f"{world.he.name}" in words(answer) and "Regions: 杭州, 温州" in words(answer)
    assert value(answer, "visibility-regions") == "宁波"
    assert incident_now(world.desk, incident, world.lin).regions == ("杭州", "温州")


def test_an_incident_that_was_handed_over_meanwhile_is_not_handed_on_silently(
    world: World, pages: Callable[[str], tuple[Page, Page]]
) -> None:
    incident = world.room()
    first, later = pages(f"/i/{incident.key}")

    first.send("owner", owner=str(world.zhou.id), reason="ring the hospital at ten")
    answer = later.send("owner", owner=str(world.wu.id), reason="the dealer waits")

    assert answer.status_code == 409
    assert "ring the hospital at ten" in words(answer) and value(answer, "owner-reason") == "the dealer waits"
    assert incident_now(world.desk, incident, world.lin).owner_id == world.zhou.id


def test_a_wrong_field_does_not_hide_what_was_set_meanwhile(
    world: World, pages: Callable[[str], tuple[Page, Page]]
) -> None:
    incident = world.room()
    first, later = pages(f"/i/{incident.key}")
    refused = later.send("gate-injury", reason=" ")
    first.send("gate-injury", reason="the hospital called")

    assert refused.status_code == 422
    form = next(found for found in document_fromstring(refused.data).forms if dict(found.form_values()).get("gate"))
    answer = later.browser.post(f"{form.action}?lang=en", dict(form.form_values()) | {"reason": "a neighbour says so"})
    assert answer.status_code == 409 and "the hospital called" in words(answer)


def test_an_incident_is_closed_and_opened_again_each_with_its_reason(world: World) -> None:
    incident = world.incident()
    browser = Browser(create_app(world.desk), world.desk, world.lin)
    room = f"/i/{incident.key}"

    browser.post(f"{room}/close", {"form": "close", "reason": "quiet since Monday"})
    closed = words(browser.get(f"{room}?lang=en"))
    refused = browser.post(f"{room}/reopen?lang=en", {"form": "reopen", "reason": " "})
    browser.post(f"{room}/reopen", {"form": "reopen", "reason": "a third family has called"})

    assert "Nothing is released while it is closed." in closed
    assert refused.status_code == 422 and "Write why it is opened again" in words(refused)
    log = words(browser.get(f"{room}/log?lang=en"))
    assert "Incident opened again" in log and "a third family has called" in log and "quiet since Monday" in log
    assert "Nothing is released while it is closed." not in words(browser.get(f"{room}?lang=en"))


def test_nothing_of_a_closed_incident_is_late_or_next(world: World) -> None:
    incident = world.incident()
    browser = Browser(create_app(world.desk), world.desk, world.lin)
    due = "//*[contains(@class,'due over') or contains(@class,'tick late') or contains(@class,'tick next')]"
    due += "|//*[contains(@class,'clk over') or contains(@class,'clk soon') or contains(@class,'hotrow')]"
    places = [f"/i/{incident.key}{place}?lang=en" for place in ("", "/audiences", "/promises", "/statements")]
    world.clock.at += timedelta(hours=5)
    before = [len(document_fromstring(browser.get(place).data).xpath(due)) for place in places]

    browser.post(f"/i/{incident.key}/close", {"form": "close", "reason": "a mistake"})
    world.clock.at += timedelta(hours=5)

    assert all(before)
    for place in places:
        tree = document_fromstring(browser.get(place).data)
        assert not tree.xpath(due), place
        assert "closed T+5h" in tree.xpath("string(//nav[contains(@class,'rail')])"), place


def test_the_second_who_opens_it_again_hears_that_it_is_open(
    world: World, pages: Callable[[str], tuple[Page, Page]]
) -> None:
    incident = world.incident()
    Browser(create_app(world.desk), world.desk, world.lin).post(
        f"/i/{incident.key}/close", {"form": "close", "reason": "too early"}
    )
    first, later = pages(f"/i/{incident.key}")

    first.send("reopen", reason="a third family has called")
    answer = later.send("reopen", reason="the paper prints it again")

    assert answer.status_code == 409
    assert "open already" in words(answer) and "the paper prints it again" in words(answer)
