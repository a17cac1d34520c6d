"""A person changes their own password: what is asked, what ends, what is written down, what is never shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from crisis.content.roots import builtin
from crisis.core.log import LogEntry
from crisis.errors import Invalid, NotPermitted
from crisis.flows import people
from crisis.flows.desk import Desk
from crisis.store import records
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import PASSWORD, Clock, World, lay_out

NEW = "a kettle on the left burner"


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.desk)


def change(browser: Browser, *, current: str = PASSWORD, new: str = NEW, again: str | None = None) -> TestResponse:
    again = new if again is None else again
    form = {"form": "pw", "password_now": current, "password": new, "password_again": again}
    return browser.post("/me/password", form)


def opens(world: World, password: str) -> bool:
    try:
        return bool(people.sign_in(world.desk, email=world.lin.email, password=password, address="192.0.2.9"))
    except Invalid:
        return False


def test_a_person_signs_in_with_the_password_of_their_own_choice(world: World, app: Flask) -> None:
    browser = Browser(app, world.desk, world.lin)

    answer = change(browser)

    assert answer.status_code == 303
    assert "Your password is changed" in browser.get(answer.headers["Location"] + "?lang=en").text
    assert opens(world, NEW)
    assert not opens(world, PASSWORD)


def test_that_it_is_changed_is_said_once_and_to_nobody_who_only_opens_a_link(world: World, app: Flask) -> None:
    here, other = Browser(app, world.desk, world.lin), Browser(app, world.desk, world.zhou)
    place = change(here).headers["Location"]

    for link in (place, "/me?changed=1"):
        assert "Your password is changed" not in other.get(f"{link}{'&' if '?' in link else '?'}lang=en").text
    assert "Your password is changed" in here.get("/me?lang=en").text
    assert "Your password is changed" not in here.get("/me?lang=en").text
    assert "Your password is changed" not in here.get("/me?changed=1&lang=en").text


def test_who_signs_in_next_in_this_browser_is_not_told_of_it(world: World, app: Flask) -> None:
    here, next_one = Browser(app, world.desk, world.lin), Browser(app, world.desk, world.zhou)
    change(here)
    told = here.client.get_cookie("desk-told", domain="localhost")
    assert told is not None

    next_one.client.set_cookie("desk-told", told.value, domain="localhost")

    assert "Your password is changed" not in next_one.get("/me?lang=en").text
    assert next_one.client.get_cookie("desk-told", domain="localhost") is None


def test_every_other_browser_of_that_person_is_signed_out_and_nobody_elses(world: World, app: Flask) -> None:
    here, elsewhere = Browser(app, world.desk, world.lin), Browser(app, world.desk, world.lin)
    colleague = Browser(app, world.desk, world.zhou)

    change(here)

    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 302
    assert colleague.get("/me").status_code == 200


def test_a_copy_of_the_cookie_is_signed_out_too_and_pages_that_are_open_can_still_be_sent(
    world: World, app: Flask
) -> None:
    here, copy = Browser(app, world.desk, world.lin), Browser(app, world.desk)
    cookie = here.client.get_cookie("desk", domain="localhost")
    assert cookie is not None
    copy.client.set_cookie("desk", cookie.value, domain="localhost")
    assert copy.get("/me").status_code == 200

    change(here)

    assert copy.get("/me").status_code == 302
    assert here.post("/sign-out").status_code == 303


def test_no_session_begins_with_a_password_that_was_changed_while_it_was_verified(world: World, app: Flask) -> None:
    browser = Browser(app, world.desk, world.lin)

    def change_it(point: str) -> None:
        if point == "password_verified":
            assert change(browser).status_code == 303

    assert not opens(replace(world, desk=replace(world.desk, checkpoint=change_it)), PASSWORD)
    assert opens(world, NEW)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"current": "not-the-password"}, "password_now"),
        ({"new": "short"}, "password"),
        ({"new": PASSWORD}, "password"),
        ({"again": "something else there"}, "password_again"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_no_password_is_echoed(
    world: World, app: Flask, typed: dict[str, str], field: str
) -> None:
    browser = Browser(app, world.desk, world.lin)

    answer = change(browser, **typed)

    assert answer.status_code == 422
    assert f'id="pw-{field}-e"' in answer.text
    for secret in (PASSWORD, NEW, *typed.values()):
        assert secret not in answer.text
    assert opens(world, PASSWORD)


def test_a_form_that_comes_when_the_session_is_over_echoes_no_password(world: World, app: Flask) -> None:
    answer = change(Browser(app, world.desk), current="what it was before")

    assert answer.status_code == 400
    for secret in ("what it was before", NEW):
        assert secret not in answer.text


def test_every_field_of_a_password_is_left_out_where_typed_words_are_shown() -> None:
    pages = builtin("templates") / "pages"
    written = r"m\.field\(typed, [^,]+, '(\w+)'(?:(?!m\.field).)*?kind='password'"
    found = {
        name
        for file in pages.glob("*.html")
        for pattern in (written, r'type="password" name="(\w+)"')
        for name in re.findall(pattern, file.read_text(encoding="utf-8"))
    }

    assert {"password", "password_now", "password_again", "smtp_password"} <= found
    assert not [name for name in found if "password" not in name]


def test_guesses_of_the_current_password_are_throttled_like_those_at_the_sign_in(world: World, app: Flask) -> None:
    browser = Browser(app, world.desk, world.lin)
    for number in range(people.GUESSES_PER_ACCOUNT):
        change(browser, current=f"guess number {number}")

    assert change(browser).status_code == 422
    assert not opens(world, PASSWORD)

    world.clock.pass_by(people.GUESS_WINDOW + timedelta(seconds=1))
    assert change(browser).status_code == 303


def test_the_log_says_who_changed_it_and_never_what_it_is(world: World, app: Flask) -> None:
    change(Browser(app, world.desk, world.lin))

    with world.desk.reading() as db:
        entry = records.first(db, LogEntry, verb="password_changed")
    assert entry is not None
    assert entry.by == world.lin.id
    assert NEW not in repr(entry)
    assert PASSWORD not in repr(entry)


def test_the_sample_desk_says_why_no_password_is_needed(make_desk: Callable[..., Desk], clock: Clock) -> None:
    world = lay_out(make_desk(drill=True), clock)
    browser = Browser(create_app(world.desk), world.desk, world.lin)

    page = browser.get("/me?lang=en").text

    assert "Nobody needs a password here" in page
    assert "/me/password" not in page
    with pytest.raises(NotPermitted):
        people.change_own_password(
            world.desk, by=world.lin, current=PASSWORD, new=NEW, again=NEW, token="", address="127.0.0.1"
        )


def test_the_name_in_the_head_of_every_page_leads_there(world: World, app: Flask) -> None:
    page = Browser(app, world.desk, world.lin).get("/inbox").text

    assert 'href="/me"' in page
