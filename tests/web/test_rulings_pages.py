"""Joining and parting stories on the page: by plain forms, for officers, with a sentence for whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from lxml.html import document_fromstring
from werkzeug.test import TestResponse

from crisis.core.sources import StoredArticle, Story, StoryState
from crisis.flows import ingest, rulings, triage
from crisis.store import log, records
from crisis.web.app import create_app
from tests.flows.test_ingest import body, feed, opened
from tests.web.browsers import Browser
from tests.web.test_two_at_once import Page, value, words
from tests.world import BEGIN, World, add_source

MILD = ("m", "星炉发布新款双环Q5灶具，价格公布", "星炉炊具公布了双环Q5的价格。")
GRAVE = ("g", "杭州一家人家中星炉燃气灶爆炸，两人死亡", "消防称两人死亡，星炉燃气灶发生爆炸。")
BOTH = ("b", "星炉燃气灶在杭州爆炸两人死亡，邻居讲述当时情形", "邻居说，当时听到一声巨响，窗玻璃全碎了。")
ENGLISH = (
    "e",
    "Starhearth gas stove explosion: two dead in kitchen blast",
    "Police investigate the gas explosion. Two dead.",
)


@pytest.fixture
def hear(world: World) -> Callable[..., Story]:
    """Hears an entry and gives the story that it stands in."""
    source = add_source(world.desk)

    def heard(entry: tuple[str, str, str]) -> Story:
        world.clock.pass_by(timedelta(minutes=1))
        found = feed(entry, at=world.clock.at)
        taken = ingest.take_in(world.desk, opened(world.desk), source.id, body(), found, jitter=0.5)
        return story_now(world, taken.stories[0])

    return heard


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.desk)


def story_now(world: World, story_id: int) -> Story:
    with world.desk.reading() as db:
        return records.get(db, Story, story_id)


def article_of(world: World, key: str) -> StoredArticle:
    with world.desk.reading() as db:
        (found,) = records.find(db, StoredArticle, key=key)
    return found


def url(story: Story) -> str:
    return f"/inbox/S-{story.id}"


def follow(page: Page, answer: TestResponse) -> TestResponse:
    assert answer.status_code == 303, words(answer)
    return page.browser.get(f"{answer.location}?lang=en")


def test_two_stories_that_an_officer_joins_are_one_at_once_and_the_old_address_leads_to_it(
    world: World, app: Flask, hear: Callable[..., Story]
) -> None:
    mild, grave = hear(MILD), hear(GRAVE)
    page = Page(app, world, world.lin, url(grave))

    shown = follow(page, page.send("join", other=str(mild.id), reason="one press release"))

    assert "one press release" in words(shown) and f"S-{grave.id} → S-{mild.id}" in words(shown)
    assert (story_now(world, mild.id).articles, story_now(world, grave.id).into_id) == (2, mild.id)
    moved = page.browser.get(url(grave))
    assert moved.status_code == 303 and moved.location.endswith(url(mild))
    with world.desk.reading() as db:
        told = [entry for entry in log.entries(db) if entry.verb == "stories_joined"]
    assert [(entry.by, entry.note) for entry in told] == [(world.lin.id, "one press release")]

    back = follow(page, Page(app, world, world.zhou, url(mild)).send("undo"))

    assert f"taken back by {world.zhou.name}" in words(back)
    assert story_now(world, grave.id).state is StoryState.OPEN
    assert [story_now(world, story.id).articles for story in (mild, grave)] == [1, 1]


def test_mentions_that_are_ticked_become_a_story_of_their_own_that_waits(
    world: World, app: Flask, hear: Callable[..., Story]
) -> None:
    grave = hear(GRAVE)
    assert hear(BOTH).id == grave.id
    triage.declare(world.desk, grave.id, by=world.lin)
    page = Page(app, world, world.lin, url(grave))

    shown = follow(page, page.send("part", article=str(article_of(world, "b").id), reason="another stove"))

    made = article_of(world, "b").story_id
    assert made is not None and made != grave.id
    assert story_now(world, made).state is StoryState.OPEN and BOTH[1] in words(shown)
    rest = story_now(world, grave.id)
    assert (rest.articles, rest.state) == (1, StoryState.DECLARED)
    assert hear(("b2", BOTH[1] + "！", BOTH[2])).id == made, "its reprint is heard as part of it"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("act", "form", "said"),
    [
        ("part", {"reason": "x"}, {"zh": "请先勾选", "en": "Tick the mentions"}),
        ("part", {"article": "all", "reason": "x"}, {"zh": "至少一条", "en": "at least one stays"}),
        ("part", {"article": "b"}, {"zh": "理由", "en": "Write a reason"}),
        ("part", {"article": "999999", "reason": "x"}, {"zh": "移动了其中", "en": "has moved some"}),
        ("part", {"article": "x", "reason": "x"}, {"zh": "整数", "en": "whole number"}),
        ("join", {"reason": "x"}, {"zh": "请选择", "en": "Choose the story"}),
        ("join", {"other": "own", "reason": "x"}, {"zh": "同一条", "en": "same story already"}),
        ("join", {"other": "hand", "reason": "x"}, {"zh": "手工登记", "en": "logged by hand"}),
        ("join", {"other": "999999", "reason": "x"}, {"zh": "S-999999", "en": "no story S-999999"}),
        ("join", {"other": "mild"}, {"zh": "理由", "en": "Write a reason"}),
    ],
)
def test_wrong_input_gets_a_sentence_and_changes_nothing(
    world: World,
    app: Flask,
    hear: Callable[..., Story],
    act: str,
    form: dict[str, str],
    said: dict[str, str],
    lang: str,
) -> None:
    mild, grave = hear(MILD), hear(GRAVE)
    hear(BOTH)
    numbers: dict[str, list[int]] = {
        "all": [article_of(world, "g").id, article_of(world, "b").id],
        "b": [article_of(world, "b").id],
        "own": [grave.id],
        "mild": [mild.id],
        "hand": [world.story().id],
    }
    sent = {name: numbers.get(typed, typed) for name, typed in form.items()}

    answer = Browser(app, world.desk, world.lin).post(f"{url(grave)}/{act}?lang={lang}", {"form": act, **sent})

    assert answer.status_code in (409, 422) and said[lang] in words(answer), words(answer)[:3000]
    assert (story_now(world, grave.id).articles, story_now(world, mild.id).articles) == (2, 1)
    if act == "part" and sent.get("article") == numbers["b"]:
        (box,) = document_fromstring(answer.data).xpath(f"//input[@name='article'][@value='{numbers['b'][0]}']")
        assert box.get("checked") is not None, "what was ticked is ticked"


def test_of_two_officers_who_rule_about_one_story_the_second_hears_what_the_first_decided(
    world: World, app: Flask, hear: Callable[..., Story]
) -> None:
    mild, grave = hear(MILD), hear(GRAVE)
    hear(BOTH)
    first, later = Page(app, world, world.lin, url(grave)), Page(app, world, world.zhou, url(grave))

    first.send("part", article=str(article_of(world, "b").id), reason="another stove")
    answer = later.send("join", other=str(mild.id), reason="one press release")

    assert answer.status_code == 409
    assert "another stove" in words(answer) and world.lin.name in words(answer)
    assert value(answer, "join-reason") == "one press release"
    assert story_now(world, mild.id).articles == 1


def test_who_may_not_decide_in_triage_reads_what_was_decided_and_finds_no_form(
    world: World, app: Flask, hear: Callable[..., Story]
) -> None:
    mild, grave = hear(MILD), hear(GRAVE)
    rulings.keep_apart(world.desk, grave.id, by=world.lin, other_id=mild.id, reason="not ours")

    page = Browser(app, world.desk, world.anna).get(f"{url(grave)}?lang=en")

    assert f"S-{grave.id} ≠ S-{mild.id}" in words(page) and "not ours" in words(page)
    actions = [form.action or "" for form in document_fromstring(page.data).forms]
    assert not [action for action in actions if action.endswith(("/join", "/part", "/apart", "/undo"))]


def test_a_proposal_looks_like_a_guess_and_does_not_come_back_once_refused(
    world: World, app: Flask, hear: Callable[..., Story]
) -> None:
    grave, english = hear(GRAVE), hear(ENGLISH)
    assert english.id != grave.id
    page = Page(app, world, world.lin, url(grave))
    said = " ".join(page.tree.text_content().split())
    assert "A guess" in said and "爆炸 = explosion" in said and f"Same as S-{grave.id}?" in said

    shown = follow(page, page.send("apart"))

    assert "A guess" not in words(shown) and "not the same story" in words(shown)
    hear(("e2", ENGLISH[1] + " again", ENGLISH[2]))
    again = words(page.browser.get(f"{url(english)}?lang=en"))
    assert "A guess" not in again and "Same as" not in again
    assert "A guess" in words(follow(page, Page(app, world, world.lin, url(grave)).send("undo")))


def test_a_proposal_that_is_taken_makes_one_story_of_two_languages(
    world: World, app: Flask, hear: Callable[..., Story]
) -> None:
    grave, english = hear(GRAVE), hear(ENGLISH)
    page = Page(app, world, world.lin, url(english))

    shown = follow(page, page.send("proposal"))

    assert "爆炸 = explosion" in words(shown), "the proposal is the reason"
    assert story_now(world, grave.id).articles == 2
    later = hear(("e3", "Starhearth stove blast kills two, police say after kitchen explosion", ENGLISH[2]))
    assert later.id == grave.id
    assert later.first_at == BEGIN + timedelta(minutes=1)
