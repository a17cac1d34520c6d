"""What a phone shows before anybody scrolls: the decision of the hour, then the text that it is about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crisis.flows import complaints
from tests.browser.test_brief_on_a_phone import BROKEN
from tests.browser.test_long_words import playwright
from tests.browser.test_seen_and_reached import browser as browser
from tests.browser.test_seen_and_reached import kind as kind
from tests.browser.test_seen_and_reached import sign_in
from tests.browser.test_seen_and_reached import url as url
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]

# The bar of the five places lies over the last 52 px, and in a drill 85 px more stand above.
FOLD = 844 - 52 - 85


@pytest.fixture
def phone(world: World, url: str, browser: playwright.Browser) -> Iterator[playwright.Page]:
    """A phone without JavaScript, with Lin signed in."""
    with browser.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, java_script_enabled=False
    ) as context:
        context.add_cookies(sign_in(world, world.lin, url))
        yield context.new_page()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_decision_of_the_hour_is_seen_without_scrolling(
    phone: playwright.Page, world: World, url: str, lang: str
) -> None:
    incident = world.incident()

    phone.goto(f"{url}/i/{incident.key}?lang={lang}")
    at = phone.locator(".decide").bounding_box()

    assert at is not None
    assert at["y"] + at["height"] <= FOLD


def test_the_text_stands_above_the_lists_of_other_texts(phone: playwright.Page, world: World, url: str) -> None:
    incident = world.incident()
    statement = world.draft(incident)
    world.draft(incident, audience="employees", title="致同事")

    phone.goto(f"{url}/i/{incident.key}/statements/{statement.number}")
    block, text = phone.locator(".decide").bounding_box(), phone.locator("#edit").bounding_box()
    assert block is not None
    assert text is not None
    assert text["y"] - (block["y"] + block["height"]) < 100
    assert not phone.get_by_role("link", name="New draft").is_visible()

    phone.get_by_text("Other texts").click()

    assert phone.get_by_role("link", name="New draft").is_visible()


def test_the_code_of_a_check_is_tapped_without_aiming(phone: playwright.Page, world: World, url: str) -> None:
    incident = world.incident()
    statement = world.draft(incident)

    phone.goto(f"{url}/i/{incident.key}/statements/{statement.number}")
    codes = [link.bounding_box() for link in phone.locator(".find-i h3 a").all()]

    assert codes
    assert [at for at in codes if at is None or at["height"] < 44] == []


def test_a_complaint_asks_for_its_acknowledgement_and_breaks_no_step_in_two(
    phone: playwright.Page, world: World, url: str
) -> None:
    said = {"received_by": "李蓝", "unit": "客服", "customer_name": "陈", "details": "点火爆燃", "region": "温州"}
    case = complaints.receive(world.desk, said, by=world.li)

    phone.goto(f"{url}/c/{case.key}?lang=en")

    assert phone.locator(".decide .btn.p").inner_text() == "Acknowledge it"
    assert phone.evaluate(BROKEN, ".steps b") == []
