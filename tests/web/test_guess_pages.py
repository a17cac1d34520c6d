"""A guess looks like a guess wherever it is shown: in the studio, in the list of statements, to those who approve."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from crisis.web.app import create_app
from tests.readers import reading_like
from tests.web.browsers import Browser
from tests.world import World

ODD = "A teaspoon of attention would have spared everybody this."
TEXT = (
    "We are sorry for what this family went through.\n"
    "A stove exploded in a home in Gongshu; what caused it is not known yet.\n"
    "Please stop using the stove and call Zhou Xiao on 400-820-0000. You can choose a refund or a replacement.\n"
    f"{ODD}\n"
    "We will say more here at 18:00 today.\nStarhearth\n"
)


@pytest.fixture
def guessing(world: World) -> World:
    """The world with a reader to whom a teaspoon reads like blame."""
    words = {"teaspoon": {"SC15": 0.9}, "18:00": {"SC06": 1.0}}
    return replace(world, desk=replace(world.desk, content=reading_like(world.desk.content, words)))


@pytest.fixture
def app(guessing: World) -> Flask:
    return create_app(guessing.desk)


def test_the_studio_shows_a_guess_apart_with_its_smaller_share_and_offers_no_waiver(
    guessing: World, app: Flask
) -> None:
    incident = guessing.incident()
    statement = guessing.draft(incident, text=TEXT, lang="en")

    page = (
        Browser(app, guessing.desk, guessing.lin).get(f"/i/{incident.key}/statements/{statement.number}?lang=en").text
    )

    assert f'<u class="q">{ODD}</u>' in page
    assert "1 guess" in page and "a guess, it costs half</span></td><td>7<" in page
    shown = page[page.index('<div class="find-i guess"') :]
    shown = shown[: shown.index("<footer>") if "<footer>" in shown else None]
    assert 'class="sig q"' in shown and "like SC15" in shown
    assert 'name="check" value="SC15"' not in page


def test_the_list_of_statements_counts_guesses_apart(guessing: World, app: Flask) -> None:
    incident = guessing.incident()
    guessing.draft(incident, text=TEXT, lang="en")

    page = Browser(app, guessing.desk, guessing.lin).get(f"/i/{incident.key}/statements?lang=en").text

    assert '<span class="chip infer">1 guess</span>' in page


@pytest.mark.parametrize(("lang", "counted", "named"), [("en", "1 guess", "A guess"), ("zh", "1 处推测", "推测")])
def test_those_who_approve_see_what_is_found_and_what_is_guessed(
    guessing: World, app: Flask, lang: str, counted: str, named: str
) -> None:
    incident = guessing.incident()
    approval = guessing.submitted(incident, guessing.draft(incident, text=TEXT, lang="en"))

    page = Browser(app, guessing.desk, guessing.shen).get(f"/approve/R-{approval.id}?lang={lang}").text

    shown = page[page.index('id="checks"') :]
    assert counted in page
    assert 'class="sig q"' in shown and f'<b class="t-infer">{named}</b>' in shown
    assert ODD in shown


def test_a_guess_over_a_sentence_hides_no_words_that_were_found_inside_it(guessing: World, app: Flask) -> None:
    incident = guessing.incident()
    text = TEXT.replace(ODD, "A teaspoon of attention is needed as soon as possible.")
    statement = guessing.draft(incident, text=text, lang="en")

    page = (
        Browser(app, guessing.desk, guessing.lin).get(f"/i/{incident.key}/statements/{statement.number}?lang=en").text
    )

    assert '<u class="q">A teaspoon of attention is needed </u><u class="m">as soon as possible</u>' in page


def test_those_who_approve_read_what_was_waived_in_words_and_how_grave_it_is(guessing: World, app: Flask) -> None:
    incident = guessing.incident()
    statement = guessing.draft(incident, text=TEXT.replace(ODD, "No comment."), lang="en")
    approval = guessing.submitted(incident, statement)

    page = Browser(app, guessing.desk, guessing.shen).get(f"/approve/R-{approval.id}?lang=en").text

    shown = page[page.index("Waived findings") :]
    name = guessing.desk.content.checks.check("SC20").name.en
    assert f"<b>{name}</b>" in shown and "No comment</q>" in shown
    assert 'class="sig" title="blocks"' in shown
