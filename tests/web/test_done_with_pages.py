"""“Done with statement 1”: from the room and from the release, without script, to the form that was there already."""

from __future__ import annotations

import pytest
from flask import Flask
from lxml import html

from crisis.core.incident import Incident, Task, TaskState
from crisis.store import records
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import World


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.desk)


@pytest.fixture
def lin(world: World, app: Flask) -> Browser:
    return Browser(app, world.desk, world.lin)


def step(world: World, incident: Incident) -> Task:
    with world.desk.reading() as db:
        return next(task for task in records.find(db, Task, incident_id=incident.id) if task.step_id == "K11")


def form_of(page: html.HtmlElement, task: Task) -> html.HtmlElement:
    return page.xpath(f"//tr[@id='t{task.id}']//form")[0]


def test_one_press_opens_the_form_with_the_release_as_its_evidence(world: World, lin: Browser) -> None:
    incident = world.incident()
    world.released(incident)
    task = step(world, incident)
    room = html.fromstring(lin.get(f"/i/{incident.key}?lang=en").text)

    (offer,) = room.xpath(f"//tr[@id='t{task.id}']//a[contains(@href, 'with=1')]")
    assert offer.text_content() == "Done with statement 1"
    opened = html.fromstring(lin.get(offer.get("href")).text)

    assert opened.xpath(f"//tr[@id='t{task.id}']//details/@open")
    form = form_of(opened, task)
    assert form.xpath(".//input[@name='with']/@value") == ["1"]
    assert form.xpath(".//input[@name='note']/@value") == [""]
    assert form.xpath(".//button[@value='done']")[0].text_content() == "Done with statement 1"
    assert "致公众" in form.text_content()
    assert not opened.xpath("//meta[@name='renew']"), "what is typed here must not be loaded away"


def test_the_release_leads_to_the_same_form_in_chinese_too(world: World, lin: Browser) -> None:
    incident = world.incident()
    world.released(incident)
    task = step(world, incident)

    page = html.fromstring(lin.get(f"/i/{incident.key}/publish?lang=zh").text)

    (link,) = page.xpath(f"//section[starts-with(@id, 'r')]//a[contains(@href, 'form=task{task.id}&')]")
    assert link.text_content() == "完成：以第 1 号声明"
    assert form_of(html.fromstring(lin.get(link.get("href")).text), task).xpath(".//input[@name='with']")


def test_without_words_the_gate_holds_and_the_evidence_stays_in_the_form(world: World, lin: Browser) -> None:
    incident = world.incident()
    world.released(incident)
    task = step(world, incident)

    answer = lin.post(f"/i/{incident.key}/tasks/{task.id}", {"form": f"task{task.id}", "with": "1", "act": "done"})

    assert answer.status_code == 422
    form = form_of(html.fromstring(answer.text), task)
    assert form.xpath(".//input[@name='with']/@value") == ["1"]
    assert form.xpath(".//input[@name='note']/@aria-invalid") == ["true"]


def test_the_second_of_two_is_told_that_it_is_done_and_keeps_what_they_wrote(
    world: World, app: Flask, lin: Browser
) -> None:
    incident = world.incident()
    world.released(incident)
    task, zhou = step(world, incident), Browser(app, world.desk, world.zhou)
    typed = {"form": f"task{task.id}", "with": "1", "act": "done", "note": "counsel read it at 09:05"}

    first = lin.post(f"/i/{incident.key}/tasks/{task.id}", typed)
    second = zhou.post(f"/i/{incident.key}/tasks/{task.id}?lang=en", typed)

    assert (first.status_code, second.status_code) == (303, 409)
    assert "Somebody has already finished this task." in second.text
    assert "counsel read it at 09:05" in second.text
    late = zhou.get(f"/i/{incident.key}?form=task{task.id}&with=1")
    assert late.status_code == 200
    assert "Somebody has already finished this task." in late.text
    assert step(world, incident).state is TaskState.DONE


def test_the_room_and_the_log_say_with_which_statement_it_was_done(world: World, lin: Browser) -> None:
    incident = world.incident()
    release = world.released(incident)
    task = step(world, incident)
    lin.post(f"/i/{incident.key}/tasks/{task.id}", {"with": "1", "act": "done", "note": "counsel read it"})

    room = html.fromstring(lin.get(f"/i/{incident.key}?lang=en").text)

    (evidence,) = room.xpath(f"//section[@id='tasks']//li/a[contains(@href, '#r{release.id}')]")
    assert evidence.text_content() == "with statement 1"
    assert "Done with statement 1: Publish the holding statement" in lin.get(f"/i/{incident.key}/log").text


def test_to_whoever_may_not_say_it_nothing_is_offered(world: World, app: Flask) -> None:
    incident = world.incident()
    world.released(incident)
    anna = Browser(app, world.desk, world.anna)

    assert "with=1" not in anna.get(f"/i/{incident.key}").text
    assert "with=1" not in anna.get(f"/i/{incident.key}/publish").text


@pytest.mark.parametrize("query", ["form=task999999&with=1", "form=task&with=x", "form=other", "with=1"])
def test_an_address_that_names_nothing_opens_the_room(world: World, lin: Browser, query: str) -> None:
    incident = world.incident()

    assert lin.get(f"/i/{incident.key}?{query}").status_code == 200
