"""Forms around a release: what the studio says when somebody was quicker, what set-up does with each button."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crisis.core.contact import Recipient
from crisis.core.people import Person, Role
from crisis.core.statement import ChannelKind, Statement
from crisis.errors import NotPermitted
from crisis.flows import incidents, people, statements
from crisis.jobs.worker import run_until_idle
from crisis.store import incidents as store
from crisis.store import records
from crisis.store import statements as texts
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import PASSWORD, TEXT, World, add_recipient


def browser(world: World, person: Person) -> Browser:
    return Browser(create_app(world.desk), world.desk, person)


def person_now(world: World, person: Person) -> Person:
    with world.desk.reading() as db:
        return records.get(db, Person, person.id)


# People


@pytest.mark.parametrize("typed", ["", "short"])
def test_a_password_that_is_none_switches_nobody_off(world: World, typed: str) -> None:
    answer = browser(world, world.wu).post(f"/setup/people/{world.anna.id}", {"act": "pw", "password": typed})

    assert answer.status_code == 422
    assert person_now(world, world.anna) == world.anna


def test_each_button_does_what_it_says_whatever_stands_in_the_field(world: World) -> None:
    admin, url = browser(world, world.wu), f"/setup/people/{world.anna.id}"

    admin.post(url, {"act": "off", "password": "another-password"})
    assert person_now(world, world.anna).active is False
    admin.post(url, {"act": "on", "password": "another-password"})
    assert person_now(world, world.anna).active is True
    assert person_now(world, world.anna).password_hash == world.anna.password_hash
    assert admin.post(url, {"password": "another-password"}).status_code == 422
    admin.post(url, {"act": "pw", "password": "another-password"})

    with pytest.raises(Exception, match="sign_in_wrong"):
        people.sign_in(world.desk, email=world.anna.email, password=PASSWORD, address="::1")
    assert people.sign_in(world.desk, email=world.anna.email, password="another-password", address="::1")


def test_an_open_browser_is_not_enough_to_change_ones_own_password(world: World) -> None:
    with pytest.raises(NotPermitted):
        people.set_password(world.desk, world.anna.id, "another-password", by=world.anna)


# Recipients


def test_a_recipient_is_switched_off_by_a_button_and_a_double_one_is_said_at_its_field(world: World) -> None:
    add_recipient(world.desk, "晚报", "night@paper.example")
    admin = browser(world, world.wu)
    form = {"form": "rec", "audience": "public", "name": "夜班", "email": "NIGHT@paper.example", "lang": "zh"}

    assert admin.post("/setup/recipients", form).status_code == 422
    with world.desk.reading() as db:
        (found,) = records.find(db, Recipient)
    assert f"/setup/recipients/{found.id}" in admin.get("/setup").get_data(as_text=True)
    assert admin.post(f"/setup/recipients/{found.id}").status_code == 303
    assert "night@paper.example" not in admin.get("/setup").get_data(as_text=True)
    assert admin.post("/setup/recipients", form).status_code == 303


# The studio

BLAMES = "事故是用户操作不当造成的，与我们无关。\n"


def fixable(world: World) -> tuple[str, Statement, str]:
    """The address of a draft, the draft, and a finding in it that has a fix."""
    incident = world.room()
    draft = world.draft(incident, text=TEXT + BLAMES)
    report = statements.recheck(world.desk, incident.key, draft.number, by=world.lin)
    found = next(item for item in report.findings if item.fix and item.fix.replacement is not None)
    return f"/i/{incident.key}/statements/{draft.number}", draft, f"{found.check}:{found.start}:{found.end}"


def test_a_fix_of_a_text_that_somebody_has_changed_shows_both_texts(world: World) -> None:
    url, draft, finding = fixable(world)
    key = url.split("/")[2]
    newer = TEXT + "别人的句子。\n"
    statements.edit(world.desk, key, draft.number, by=world.zhou, text=newer, seen_revision=draft.revision)

    answer = browser(world, world.lin).post(f"{url}/fix", {"revision": str(draft.revision), "finding": finding})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "别人的句子" in page and 'name="revision" value="3"' in page
    assert world.text_of(draft) == newer


def test_a_fix_of_the_newest_text_is_applied_and_one_that_is_gone_is_said(world: World) -> None:
    url, draft, finding = fixable(world)
    lin = browser(world, world.lin)

    assert lin.post(f"{url}/fix", {"revision": str(draft.revision), "finding": "SC99:0:1"}).status_code == 409
    assert lin.post(f"{url}/fix", {"revision": str(draft.revision), "finding": finding}).status_code == 303
    assert world.text_of(draft) != TEXT + BLAMES


def test_without_a_channel_nothing_is_saved_and_the_field_says_so(world: World) -> None:
    incident = world.room()
    draft = world.draft(incident)
    form = {"form": "edit", "revision": str(draft.revision), "text": "别的话。", "title": "致公众"}

    answer = browser(world, world.lin).post(f"/i/{incident.key}/statements/{draft.number}", form)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="edit-channels"' in page and "别的话。" in page
    assert page.index('id="edit-channels"') < page.index('class="msg-e"') < page.index("</fieldset>")
    assert world.text_of(draft) == TEXT


def test_the_page_of_a_conflict_keeps_the_channels_that_were_chosen(world: World) -> None:
    incident = world.room()
    draft = world.draft(incident)
    form = {"form": "edit", "revision": "1", "text": "别的话。", "title": "致公众", "channels": ["file", "email"]}

    page = browser(world, world.lin).post(f"/i/{incident.key}/statements/{draft.number}", form).get_data(as_text=True)

    for channel in ChannelKind:
        assert (f'name="channels" value="{channel}"' in page) is (channel is not ChannelKind.NEWSROOM)


def test_the_preview_of_a_closed_incident_says_why_nothing_goes_out(world: World) -> None:
    incident = world.room()
    statement, _ = world.approved(incident)
    world.clock.pass_by(timedelta(hours=1))
    incidents.close(world.desk, incident.key, by=world.lin, reason="it is over")

    answer = browser(world, world.zhou).get(f"/i/{incident.key}/publish/{statement.number}?lang=en")

    assert answer.status_code == 409
    assert "This incident is closed. Nothing was sent." in answer.get_data(as_text=True)


# Deliveries


def test_the_publishing_page_renews_itself_while_something_is_on_its_way(world: World) -> None:
    incident = world.incident()
    world.released(incident)
    officer = browser(world, world.lin)

    waiting = officer.get(f"/i/{incident.key}/publish").text
    run_until_idle(world.desk)
    arrived = officer.get(f"/i/{incident.key}/publish").text

    assert '<meta name="renew" content="5">' in waiting
    assert 'name="renew"' not in arrived


def test_only_who_may_vote_is_waited_for_and_too_few_are_said(world: World) -> None:
    incident = world.room(restricted=True)
    statement = world.draft(incident)
    with world.desk.transaction() as db:
        store.set_members(db, incident.id, [world.lin.id, world.shen.id])
    world.submitted(incident, statement)
    browser = Browser(create_app(world.desk), world.desk, world.lin)

    studio = browser.get(f"/i/{incident.key}/statements/{statement.number}?lang=en").text.partition('id="approvers"')[2]
    with world.desk.reading() as db:
        may = texts.approvers(db, incident, statement)
        executives = texts.approvers(db, replace(incident, restricted=False), statement)

    assert may == (world.shen,)
    assert executives == (world.shen, world.wang)
    panel = studio.partition("</section>")[0]
    assert world.shen.name in panel and world.wang.name not in panel
    assert "1 may vote on this text, 2 must." in panel


def test_who_wrote_a_revision_is_not_waited_for(world: World) -> None:
    incident = world.room()
    both = people.add_person(
        world.desk, by=None, name="双任", email="b@starhearth.example", roles=(Role.OFFICER, Role.EXECUTIVE)
    )
    statement = world.draft(incident)
    statements.edit(world.desk, incident.key, statement.number, by=both, text=TEXT + "又一句。\n", seen_revision=2)

    with world.desk.reading() as db:
        assert texts.approvers(db, incident, statement) == (world.shen, world.wang)
