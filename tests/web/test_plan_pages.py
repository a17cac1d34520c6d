"""The audience plan and its form for responses: each answer says what it answers, and nothing is chosen beforehand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from lxml.html import HtmlElement, document_fromstring

from crisis.core.classify.likeness import HAD_TO_TELL
from crisis.core.incident import Incident
from crisis.core.response import Response
from crisis.flows import facts
from crisis.flows.facts import NewFact
from crisis.store import records
from crisis.web.app import create_app
from tests.readers import ReadsCases
from tests.web.browsers import Browser
from tests.world import World

SAID = "楼下店里问：到底哪一批？"


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.desk)


def tree(answer: Any) -> HtmlElement:
    return document_fromstring(answer.data)


def chosen(form: HtmlElement, name: str) -> list[str]:
    """What a browser would send of a list or of its radio buttons."""
    return form.xpath(f".//select[@name='{name}']/option[@selected]/@value | .//input[@name='{name}'][@checked]/@value")


def say(page: HtmlElement) -> HtmlElement:
    (form,) = page.xpath("//form[@id='say']")
    return form


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_where_the_heads_of_the_plan_are_hidden_each_answer_says_what_it_answers(
    world: World, app: Flask, lang: str
) -> None:
    incident = world.incident()

    page = tree(Browser(app, world.desk, world.lin).get(f"/i/{incident.key}/audiences?lang={lang}"))

    heads = [" ".join(head.text_content().split()) for head in page.xpath("//table[@class='mx']//th")][2:]
    for row in page.xpath("//table[@class='mx']//tr[td]"):
        assert row.xpath("td[position()>2]/@data-l") == heads


def test_nothing_of_a_response_is_chosen_for_the_officer(world: World, app: Flask) -> None:
    incident = world.incident(regions=("杭州", "温州"))

    form = say(tree(Browser(app, world.desk, world.lin).get(f"/i/{incident.key}/audiences")))

    assert form.xpath("string(.//select[@name='audience']/option[1]/@value)") == ""
    assert chosen(form, "audience") == [""]
    assert chosen(form, "region") == ["?"]
    assert chosen(form, "stance") == []


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("audience", "Choose an audience."),
        ("region", "Choose where it was heard, or “elsewhere”."),
        ("stance", "Choose a stance from −2 to +2."),
    ],
)
def test_a_missing_choice_gets_a_sentence_and_nothing_typed_is_lost(
    world: World, app: Flask, missing: str, sentence: str
) -> None:
    incident = world.incident(regions=("杭州", "温州"))
    typed = {"form": "say", "audience": "customers", "region": "温州", "stance": "-2", "said": SAID, "question": "1"}
    sent = {**typed, missing: "?" if missing == "region" else ""}

    answer = Browser(app, world.desk, world.lin).post(f"/i/{incident.key}/audiences/responses?lang=en", sent)

    form = say(tree(answer))
    assert answer.status_code == 422
    assert [" ".join(said.text_content().split()) for said in form.xpath(".//*[@class='msg-e']")] == [sentence]
    assert form.xpath(f".//*[@id='say-{missing}'][@aria-describedby='say-{missing}-e']")
    for name in {"audience", "region", "stance"} - {missing}:
        assert chosen(form, name) == [typed[name]]
    assert form.xpath("string(.//textarea)").strip() == SAID
    assert chosen(form, "question") == ["1"]
    assert responses(world, incident) == ()


def test_what_was_heard_elsewhere_belongs_to_no_region(world: World, app: Flask) -> None:
    incident = world.incident(regions=("杭州",))

    Browser(app, world.desk, world.lin).post(
        f"/i/{incident.key}/audiences/responses", {"audience": "customers", "region": "", "stance": "0", "said": SAID}
    )

    assert [(item.region, item.stance) for item in responses(world, incident)] == [("", 0)]


def responses(world: World, incident: Incident) -> tuple[Response, ...]:
    with world.desk.reading() as db:
        return records.find(db, Response, incident_id=incident.id)


def test_a_guess_about_an_audience_looks_like_one_and_is_opened(world: World) -> None:
    content = world.desk.content
    audiences = replace(content.audiences, reader=ReadsCases({f"{HAD_TO_TELL}victims": 0.5}))
    desk = replace(world.desk, content=replace(content, audiences=audiences))
    incident = replace(world, desk=desk).incident()

    page = tree(Browser(create_app(desk), desk, world.lin).get(f"/i/{incident.key}/audiences/victims?lang=en"))

    (block,) = page.xpath("//section[contains(@class,'decide')]")
    (guess,) = block.xpath(".//details[not(@open)][summary[contains(@class,'infer')]]")
    assert "a case of" in guess.xpath("string(div)")
    assert "a case of" not in "".join(block.xpath(".//h2/text() | .//p[not(ancestor::details)]//text()"))


@pytest.mark.parametrize("place", ["facts", "publish"])
def test_what_loses_its_heads_on_a_phone_says_itself_what_it_is(world: World, app: Flask, place: str) -> None:
    incident = world.incident()
    typed = NewFact(claim_zh="两人受伤", source="李蓝", as_of=world.clock())
    facts.add(world.desk, incident.key, typed, by=world.lin)
    world.released(incident)

    page = tree(Browser(app, world.desk, world.lin).get(f"/i/{incident.key}/{place}?lang=en"))

    table = page.xpath("//table[contains(@class,'stack')][thead]")[0]
    heads = [" ".join(head.text_content().split()) for head in table.xpath("thead//th")]
    labels = table.xpath("(.//tr[td])[1]/td/@data-l")
    assert labels
    assert labels == heads[-len(labels) :]
