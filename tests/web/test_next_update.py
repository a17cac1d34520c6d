"""A text that says when people hear next is released together with the promise of it, in one intention."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from lxml import html

from crisis.core.approval import Approval
from crisis.core.incident import Incident
from crisis.core.log import LogEntry
from crisis.core.promise import Promise
from crisis.core.release import Release
from crisis.core.statement import Statement
from crisis.flows import responses
from crisis.store import records
from crisis.web.app import create_app
from tests.web.browsers import Browser, spoken
from tests.world import TEXT, World

NEXT = "下一次通报时间：今天12:30，没有新情况也照发。"
SAYS_WHEN = TEXT + NEXT + "\n"
# 2026-05-14, 12:30 in Hangzhou.
DUE = datetime.fromisoformat("2026-05-14T12:30:00+08:00")


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.desk)


@pytest.fixture
def zhou(world: World, app: Flask) -> Browser:
    return Browser(app, world.desk, world.zhou)


def place(incident: Incident, statement: Statement) -> str:
    return f"/i/{incident.key}/publish/{statement.number}"


def typed(world: World, approval: Approval, **changes: Any) -> dict[str, Any]:
    form = {
        "form": "release",
        "hash": approval.hash,
        "next": "promise",
        "due_at": "2026-05-14T12:30",
        "text": NEXT,
        "owner": str(world.lin.id),
    }
    return form | changes


def promises(world: World) -> tuple[Promise, ...]:
    with world.desk.reading() as db:
        return records.find(db, Promise)


def went_out(world: World) -> bool:
    with world.desk.reading() as db:
        return bool(records.find(db, Release))


def test_the_preview_offers_the_time_and_the_words_that_the_text_names(world: World, zhou: Browser) -> None:
    incident = world.room()
    statement, _ = world.approved(incident, text=SAYS_WHEN)

    page = html.fromstring(zhou.get(place(incident, statement)).text)

    assert page.xpath("//input[@name='due_at']/@value") == ["2026-05-14T12:30"]
    assert page.xpath("//textarea[@name='text']")[0].text_content() == NEXT
    assert page.xpath("//input[@name='next' and @checked]/@value") == ["promise"]


def test_an_english_text_is_read_too(world: World, zhou: Browser) -> None:
    incident = world.room()
    text = "We were told of an accident at a home in Hangzhou.\nThe next update is at 12:30 on 14 May.\n"
    statement, _ = world.approved(incident, text=text, lang="en")

    page = html.fromstring(zhou.get(place(incident, statement)).text)

    assert page.xpath("//input[@name='due_at']/@value") == ["2026-05-14T12:30"]
    assert page.xpath("//textarea[@name='text']")[0].text_content() == "The next update is at 12:30 on 14 May."


def test_the_promise_is_made_together_with_the_release(world: World, zhou: Browser) -> None:
    incident = world.room()
    statement, approval = world.approved(incident, text=SAYS_WHEN)

    assert zhou.post(place(incident, statement), typed(world, approval)).status_code == 303

    (made,) = promises(world)
    assert (made.due_at, made.text, made.owner_id) == (DUE, NEXT, world.lin.id)
    assert (made.statement_id, made.audience) == (statement.id, "public")
    assert "#release-next" not in zhou.get(f"/i/{incident.key}/publish").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"due_at": "2026-05-14T09:00"}, "due_at"),
        ({"due_at": "noon"}, "due_at"),
        ({"text": " "}, "text"),
        ({"next": "none", "reason": ""}, "reason"),
    ],
)
def test_with_a_promise_that_cannot_be_made_nothing_goes_out_and_what_was_typed_stays(
    world: World, zhou: Browser, changes: dict[str, str], field: str
) -> None:
    incident = world.room()
    statement, approval = world.approved(incident, text=SAYS_WHEN)

    answer = zhou.post(place(incident, statement), typed(world, approval, **changes))

    assert answer.status_code == 422
    assert f'id="release-{field}-e"' in answer.text
    assert not went_out(world)
    assert promises(world) == ()
    page = html.fromstring(answer.text)
    assert page.xpath("//input[@name='next' and @checked]/@value") == [changes.get("next", "promise")]


def test_what_was_typed_stays_also_when_somebody_else_was_faster(world: World, zhou: Browser) -> None:
    incident = world.room()
    statement, approval = world.approved(incident, text=SAYS_WHEN)
    zhou.post(place(incident, statement), typed(world, approval))

    answer = zhou.post(place(incident, statement), typed(world, approval, due_at="noon", text="Again at noon"))

    assert answer.status_code == 409
    assert "Again at noon" in answer.text


def test_a_promise_is_declined_with_a_reason_that_the_log_keeps(world: World, zhou: Browser) -> None:
    incident = world.room()
    statement, approval = world.approved(incident, text=SAYS_WHEN)

    zhou.post(place(incident, statement), typed(world, approval, next="none", reason="The regulator speaks at noon"))

    assert went_out(world)
    assert promises(world) == ()
    with world.desk.reading() as db:
        entry = records.first(db, LogEntry, verb="promise_declined")
    assert entry is not None
    assert entry.note == "The regulator speaks at noon"
    assert 'name="due_at"' not in zhou.get(f"/i/{incident.key}/publish").text


def test_left_open_the_page_publishing_goes_on_asking_until_it_is_promised(world: World, zhou: Browser) -> None:
    incident = world.room()
    statement, approval = world.approved(incident, text=SAYS_WHEN)
    zhou.post(place(incident, statement), typed(world, approval, next="later"))

    page = html.fromstring(zhou.get(f"/i/{incident.key}/publish").text)
    (form,) = [form for form in page.forms if form.action == f"/i/{incident.key}/promises"]
    asked = {name: value for name, value in form.form_values() if name != "csrf"}
    assert asked["due_at"] == "2026-05-14T12:30"
    zhou.post(f"/i/{incident.key}/promises", asked)

    assert [promise.statement_id for promise in promises(world)] == [statement.id]
    assert f'action="/i/{incident.key}/promises"' not in zhou.get(f"/i/{incident.key}/publish").text


def test_a_promise_that_stands_for_that_time_is_not_doubled(world: World, zhou: Browser) -> None:
    incident = world.room()
    responses.promise(
        world.desk,
        incident.key,
        by=world.lin,
        text="中午再通报",
        due_at=DUE + timedelta(seconds=20),
        owner_id=world.wang.id,
        audience="public",
    )
    statement, approval = world.approved(incident, text=SAYS_WHEN)

    page = zhou.get(place(incident, statement)).text
    assert "中午再通报" in page
    assert 'name="due_at"' not in page
    # Also when a page that was opened before it stood still sends one.
    assert zhou.post(place(incident, statement), typed(world, approval)).status_code == 303

    assert [promise.text for promise in promises(world)] == ["中午再通报"]


def test_a_release_without_a_decision_about_it_still_goes_out(world: World) -> None:
    incident = world.room()

    assert world.released(incident, text=SAYS_WHEN)
    assert promises(world) == ()


# Time zones, and promises that a text repeats


UNCLEAR = "We were told of an accident at a home in Hangzhou.\nThe next update is at 6 p.m. CST on 14 May.\n"


def test_a_zone_that_the_text_names_is_shown_by_the_clock_of_the_desk(world: World, zhou: Browser) -> None:
    incident = world.room()
    text = "We were told of an accident at a home in Hangzhou.\nThe next update is at 11:00 GMT on 14 May.\n"
    statement, _ = world.approved(incident, text=text, lang="en")

    shown = zhou.get(place(incident, statement) + "?lang=en").text

    assert html.fromstring(shown).xpath("//input[@name='due_at']/@value") == ["2026-05-14T19:00"]
    assert "Read from the text as “GMT” and shown by the clock of this desk" in shown


def test_a_zone_that_can_be_read_in_two_ways_is_asked_of_the_person(world: World, zhou: Browser) -> None:
    incident = world.room()
    statement, approval = world.approved(incident, text=UNCLEAR, lang="en")

    shown = zhou.get(place(incident, statement) + "?lang=en").text
    assert html.fromstring(shown).xpath("//input[@name='due_at']/@value") == [""]
    assert "The text says “CST”: that can be read in two ways." in shown
    answer = zhou.post(place(incident, statement), typed(world, approval, due_at=""))
    assert answer.status_code == 422
    assert not went_out(world)

    zhou.post(place(incident, statement), typed(world, approval, due_at="2026-05-15T07:00"))

    assert [promise.due_at for promise in promises(world)] == [datetime.fromisoformat("2026-05-15T07:00:00+08:00")]
    assert 'name="due_at"' not in zhou.get(f"/i/{incident.key}/publish").text


def test_left_open_the_page_publishing_asks_for_the_time_that_it_cannot_read(world: World, zhou: Browser) -> None:
    incident = world.room()
    statement, approval = world.approved(incident, text=UNCLEAR, lang="en")
    zhou.post(place(incident, statement), typed(world, approval, next="later"))

    page = html.fromstring(zhou.get(f"/i/{incident.key}/publish").text)
    (form,) = [form for form in page.forms if form.action == f"/i/{incident.key}/promises"]
    asked = {name: value for name, value in form.form_values() if name != "csrf"}
    assert asked["due_at"] == ""
    zhou.post(f"/i/{incident.key}/promises", asked | {"due_at": "2026-05-15T07:00"})

    assert [promise.statement_id for promise in promises(world)] == [statement.id]
    assert f'action="/i/{incident.key}/promises"' not in zhou.get(f"/i/{incident.key}/publish").text


def test_within_three_hours_is_not_asked_again_ten_minutes_after_it_was_promised(world: World, zhou: Browser) -> None:
    incident = world.room()
    text = TEXT + "我们将在三小时内再次通报。\n"
    first, approval = world.approved(incident, text=text)
    zhou.post(place(incident, first), typed(world, approval, due_at="2026-05-14T12:06", text="三小时内"))
    second, again = world.approved(incident, text=text, title="致公众（二）")
    assert "三小时内" in zhou.get(place(incident, second)).text

    # The preview was read, and the release comes ten minutes later: the span ends at another minute.
    world.clock.pass_by(timedelta(minutes=10))
    shown = zhou.get(place(incident, second)).text
    zhou.post(place(incident, second), {"form": "release", "hash": again.hash})

    assert 'name="due_at"' not in shown
    assert [promise.text for promise in promises(world)] == ["三小时内"]
    assert f'action="/i/{incident.key}/promises"' not in zhou.get(f"/i/{incident.key}/publish").text


def test_a_promise_far_from_the_span_does_not_stand_for_it(world: World, zhou: Browser) -> None:
    incident = world.room()
    responses.promise(
        world.desk,
        incident.key,
        by=world.lin,
        text="热线十点开通",
        due_at=DUE - timedelta(hours=2, minutes=30),
        owner_id=world.wang.id,
        audience="public",
    )
    statement, _ = world.approved(incident, text=TEXT + "我们将在三小时内再次通报。\n")

    assert 'name="due_at"' in zhou.get(place(incident, statement)).text


def test_a_time_of_ones_own_for_which_a_promise_stands_is_not_asked_again(world: World, zhou: Browser) -> None:
    incident = world.room()
    noon = datetime.fromisoformat("2026-05-14T12:00:00+08:00")
    responses.promise(
        world.desk,
        incident.key,
        by=world.lin,
        text="中午再通报",
        due_at=noon,
        owner_id=world.wang.id,
        audience="public",
    )
    statement, approval = world.approved(incident, text=SAYS_WHEN)

    zhou.post(place(incident, statement), typed(world, approval, due_at="2026-05-14T12:00"))

    assert [promise.text for promise in promises(world)] == ["中午再通报"]
    assert f'action="/i/{incident.key}/promises"' not in zhou.get(f"/i/{incident.key}/publish").text
    assert "The next update of statement 1 is promised already: 中午再通报" in (
        spoken(zhou.get(f"/i/{incident.key}/log?lang=en").text)
    )
